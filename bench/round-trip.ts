import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../test/support/repository.ts';
import { bundledParts } from './bundled.ts';
import { type Bench, median } from './figures.ts';

const program = join(import.meta.dirname, 'echo.mjs');
const trips = 2_000;
const rounds = 5;
/** About as long as a grant. */
const text = 'x'.repeat(400);

type Ping = { type: 'ping'; text: string };

/** A message from the host to an agent's process and back, against a bare child of Node's own. */
const roundTrip: Bench = async () => {
  const { startInProcess } = await bundledParts();
  const folder = temporaryFolder('bench');
  let heard = () => {};
  const agent = await startInProcess<Ping, Ping>({
    ...{
      program,
      start: {},
      environment: {},
      outputFile: join(folder, 'out.log'),
      memoryMb: 512,
      redact: (line) => line,
    },
  });
  agent.channel.onMessage((message) => message.type === 'ping' && heard());
  const child = fork(program, [], { serialization: 'json' });
  await once(child, 'message');
  child.on('message', () => heard());
  const send = {
    agent: (message: Ping) => agent.channel.send(message),
    bare: (message: Ping) => child.send(message),
  };
  const times: Record<'agent' | 'bare', number[][]> = { agent: [], bare: [] };
  try {
    for (let round = -1; round < rounds; round += 1)
      for (const name of ['agent', 'bare'] as const) {
        const taken: number[] = [];
        for (let trip = 0; trip < trips; trip += 1) {
          const startedMs = performance.now();
          await new Promise<void>((resolve) => {
            heard = resolve;
            send[name]({ type: 'ping', text });
          });
          taken.push((performance.now() - startedMs) * 1_000);
        }
        if (round >= 0) times[name].push(taken.sort((a, b) => a - b)); // the first round warms up
      }
  } finally {
    agent.kill();
    child.disconnect();
    await Promise.allSettled([agent.ended, once(child, 'exit')]);
    rmSync(folder, { recursive: true, force: true });
  }
  const at = (name: 'agent' | 'bare', share: number) =>
    median(times[name].map((round) => round[Math.floor(trips * share)] ?? Number.NaN));
  return [
    ['p50', 0.5],
    ['p99', 0.99],
  ].map(([what, share]) => {
    const [value, bare] = [at('agent', Number(share)), at('bare', Number(share))];
    return { what: `${what} of ${trips}`, value, unit: 'µs', ratio: { times: value / bare, of: 'bare fork' } };
  });
};

export default roundTrip;
