import { read } from 'node:fs';
import { sweepFamily, type Watched } from './process-tree.ts';

/**
 * The reaper: `node reap.ts <token>`, standard input from the host. A line `watch <pid> <start time>` names a process
 * that belongs to the family even if no mark shows it, and `forget <pid>` takes that back. When the input ends, because
 * the host is done or dead, the reaper ends the whole family and then itself. It ignores the signals of a terminal or a
 * careless kill.
 */
const token = process.argv[2];
if (!token || token.length < 16) process.exit(2);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const)
  process.on(signal, () => {});

let watched: Watched[] = [];

function hear(line: string): void {
  const [word, pid, startTime] = line.split(' ');
  if (word === 'forget') watched = watched.filter((one) => one.pid !== Number(pid));
  if (word === 'watch') watched.push({ pid: Number(pid), startTime: Number(startTime) });
}

const askAgainMs = 20;

/** Reads line by line. Not by `process.stdin` and readline: loading them is a sixth of a reaper's cost. */
function listen(rest = ''): void {
  const buffer = Buffer.alloc(4096);
  read(0, buffer, 0, buffer.length, null, async (error, length) => {
    if (!error && length > 0) {
      const lines = `${rest}${buffer.toString('latin1', 0, length)}`.split('\n');
      const unfinished = lines.pop();
      for (const line of lines) hear(line);
      return listen(unfinished);
    }
    // A non-blocking pipe reports this instead of waiting: the host lives.
    if (error?.code === 'EAGAIN') return void setTimeout(listen, askAgainMs, rest);
    await sweepFamily(token ?? '', watched);
    process.exit(0);
  });
}

listen();
