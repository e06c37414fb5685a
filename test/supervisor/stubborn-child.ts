/** A child that does everything to survive. `node stubborn-child.ts <what> <seconds as a mark>`. */
import { spawn } from 'node:child_process';
import { armDeathSignal } from '../../supervisor/death-signal.ts';
import { parentChannel } from '../../supervisor/parent.ts';

const [, , what = '', mark = '60'] = process.argv;
const channel = parentChannel<string>();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
const startSleeper = (detached: boolean, words: string[]) =>
  spawn(words[0] ?? 'sleep', words.slice(1), { detached, stdio: 'ignore', env: process.env }).unref();

if (what === 'armed') armDeathSignal(Number(process.env.VTCODE_PARENT));
if (what === 'family') {
  startSleeper(true, ['sleep', mark]);
  startSleeper(true, [
    'sh',
    '-c',
    `trap "" TERM HUP; (setsid sh -c 'trap "" TERM; sleep ${mark}; sleep ${mark}' &) ; sleep ${mark}`,
  ]);
}
if (what === 'words') {
  process.stderr.write('x'.repeat(20_000));
  process.stderr.write('last words\n', () => process.exit(7));
} else {
  const member = what === 'group' ? spawn('sleep', [mark], { stdio: 'ignore' }) : undefined;
  channel?.send(member ? `${member.pid}` : 'ready');
  if (what === 'echo') channel?.onMessage((message) => channel.send(`heard ${message}`));
  else setTimeout(() => busy(), 50);
}

/** Never returns: nothing in this process notices signals handlers, channels or timers any more. */
function busy(): void {
  for (;;);
}
