import type { Register } from './background.ts';

/** The commands that begin, copy and take back conversations. */
export function addConversations(command: Register): void {
  command(
    'chat [words...]',
    'talk with one agent in the folder; `vtcode` alone does the same',
    () => import('../commands/chat.ts'),
  )
    .option('--continue', 'go on with the last conversation of this folder')
    .option('--plain', 'line by line, without a screen')
    .option('--auto', 'allow calls that no rule allows where the sandbox contains them; ask about the rest')
    .option('--read-only', 'write no file and run no command');
  const going = async (name: 'fork' | 'rewind') => ({ default: (await import('../commands/fork.ts'))[name] });
  command('fork <run>', 'copy a conversation and continue the copy', () => going('fork')).option(
    '--turn <n>',
    'only what was said before this turn',
  );
  command('rewind <run>', 'take a conversation and its folder back to an earlier turn', () => going('rewind')).option(
    '--turn <n>',
    'to before this turn; without it: the files that lay there when it was gone back from',
  );
}
