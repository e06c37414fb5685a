import { Argument, type Command } from 'commander';
import type { Act } from '../session.ts';

type Load = () => Promise<{ default: Act }>;
/** Adds a command to the program. */
export type Register = (words: string, description: string, load: Load) => Command;

/** The commands about runs that others work on: in the background, or at another terminal. */
export function addBackground(command: Register, hidden: (words: string, load: Load) => void): void {
  command('agent', 'start an agent of a role in the background', () => import('../commands/agent.ts'))
    .addArgument(new Argument('<act>').choices(['start']))
    .argument('<role>')
    .argument('<prompt>')
    .option('--name <name>', 'a name for it, to be used like its id')
    .option('--worktree', 'in a work tree of its own: checked, and merged onto a branch')
    .option('--read-only', 'read only: it writes no file')
    .option('--auto', 'allow calls that no rule allows where the sandbox contains them; ask about the rest')
    .option('--usd <amount>', 'the most it may cost')
    .option('--deadline <span>', 'stop it after this time: 90s, 30m, 2h, 1d');
  command(
    'ps',
    'list the runs and agents at work on this machine, of every folder',
    () => import('../commands/ps.ts'),
  ).option('-a, --all', 'also finished runs');
  command('dashboard', 'watch every agent on this machine, and act', () => import('../commands/dashboard.ts'))
    .option('--once', 'print one frame as text and end')
    .option('--width <cells>', 'with --once: its width')
    .option('--height <lines>', 'with --once: its height')
    .option('-a, --all', 'also runs that finished more than a day ago');
  command(
    'logs <run>',
    'show the events of a run, and what its hosts and agents printed',
    () => import('../commands/logs.ts'),
  )
    .alias('log')
    .option('-f, --follow', 'print new lines as they come');
  command('attach <run>', 'look on until a run ends; Ctrl+C only stops looking', () => import('../commands/attach.ts'));
  command('say <run> <words...>', 'say something to an agent: run, or run/agent', () => import('../commands/say.ts'));
  command('wait <runs...>', 'wait for runs to end, and end as the worst of them', () => import('../commands/wait.ts'));
  command('result <run>', 'show what came of a run, or of run/agent', () => import('../commands/result.ts'));
  const now = ['--now', 'cut off what is under way instead of letting it finish'] as const;
  command('stop <run>', 'end the host of a run; it can be resumed', () => import('../commands/stop.ts')).option(...now);
  command('pause <run>', 'like stop, for a run that you mean to continue', () => import('../commands/pause.ts')).option(
    ...now,
  );
  command('restart <run>', 'replace the host of a run by a new one', () => import('../commands/restart.ts')).option(
    ...now,
  );
  command('service', 'whether detached runs go on after a reboot', () => import('../commands/service.ts')).addArgument(
    new Argument('<act>').choices(['install', 'status', 'uninstall']),
  );
  hidden('host <run>', () => import('../commands/host.ts'));
  hidden('supervise', () => import('../commands/supervise.ts'));
}

/** An option that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
