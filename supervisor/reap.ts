import { read } from 'node:fs';
import { sweepFamily, type Watched } from './process-tree.ts';

/**
 * The reaper: `node reap.ts <token>`, standard input from the host. Lines `watch <pid> <start time>` name processes
 * that belong to the family although nothing else may say so, and `forget <pid>` takes that back.
 * When the input ends, because the host is done or dead, it ends the whole family and then itself. It heeds no signal
 * that a terminal or a careless kill may send.
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

/** Hears one line after the other. Not by `process.stdin` and readline: their loading is a sixth of what a reaper costs. */
function listen(rest = ''): void {
  const buffer = Buffer.alloc(4096);
  read(0, buffer, 0, buffer.length, null, async (error, length) => {
    if (!error && length > 0) {
      const lines = `${rest}${buffer.toString('latin1', 0, length)}`.split('\n');
      const unfinished = lines.pop();
      for (const line of lines) hear(line);
      return listen(unfinished);
    }
    // A pipe that was made not to wait says so instead of waiting: the host lives.
    if (error?.code === 'EAGAIN') return void setTimeout(listen, askAgainMs, rest);
    await sweepFamily(token ?? '', watched);
    process.exit(0);
  });
}

listen();
