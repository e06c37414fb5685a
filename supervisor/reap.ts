import { createInterface } from 'node:readline';
import { sweepFamily, type Watched } from './family.ts';

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

let watched: Watched[] = [];
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [word, pid, startTime, network] = line.split(' ');
  if (word === 'forget') watched = watched.filter((one) => one.pid !== Number(pid));
  if (word === 'watch') watched.push({ pid: Number(pid), startTime: Number(startTime), ...(network && { network }) });
});
lines.on('close', async () => {
  await sweepFamily(token, watched);
  process.exit(0);
});
