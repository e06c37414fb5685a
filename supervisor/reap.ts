import { createInterface } from 'node:readline';
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
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [word, pid, startTime, network] = line.split(' ');
  if (word === 'forget') {
    for (const one of watched) if (one.pid === Number(pid)) one.held?.release();
    watched = watched.filter((one) => one.pid !== Number(pid));
  }
  if (word === 'watch') watched.push(asWatched(Number(pid), Number(startTime), network));
});
lines.on('close', async () => {
  await sweepFamily(token, watched);
  process.exit(0);
});

/** The network counts only when it is still the one that the host saw: what is held cannot become another's. */
function asWatched(pid: number, startTime: number, network: string | undefined): (typeof watched)[number] {
  const seen = network ? holdNetwork(pid) : undefined;
  if (seen === undefined || seen.name === network) {
    return { pid, startTime, held: seen, ...(seen && { network: seen.name }) };
  }
  seen.release();
  return { pid, startTime, held: undefined };
}
