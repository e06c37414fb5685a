import { read } from 'node:fs';
import { type HeldNetwork, holdNetwork, sweepFamily, type Watched } from './family.ts';

/**
 * The reaper: `node reap.ts <token>`, standard input from the host. Lines `watch <pid> <start time> <network>` name
 * processes that belong to the family although their environment may not say so, and `forget <pid>` takes that back.
 * When the input ends, because the host is done or dead, it ends the whole family and then itself. It heeds no signal
 * that a terminal or a careless kill may send.
 */
const token = process.argv[2];
if (!token || token.length < 16) process.exit(2);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const)
  process.on(signal, () => {});

let watched: (Watched & { held: HeldNetwork | undefined })[] = [];

function hear(line: string): void {
  const [word, pid, startTime, network] = line.split(' ');
  if (word === 'forget') {
    for (const one of watched) if (one.pid === Number(pid)) one.held?.release();
    watched = watched.filter((one) => one.pid !== Number(pid));
  }
  if (word === 'watch') watched.push(asWatched(Number(pid), Number(startTime), network));
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

/** The network counts only when it is still the one that the host saw: what is held cannot become another's. */
function asWatched(pid: number, startTime: number, network: string | undefined): (typeof watched)[number] {
  const seen = network ? holdNetwork(pid) : undefined;
  if (seen === undefined || seen.name === network) {
    return { pid, startTime, held: seen, ...(seen && { network: seen.name }) };
  }
  seen.release();
  return { pid, startTime, held: undefined };
}
