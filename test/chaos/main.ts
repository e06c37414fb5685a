import { parseArgs } from 'node:util';
import { chaos } from './chaos.ts';

// `npm run chaos -- --seed N --kills K`: prints its seed; the same seed kills at the same events again.
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    kills: { type: 'string', default: '60' },
    tasks: { type: 'string', default: '12' },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const tell = (line: string) => process.stdout.write(`${line}\n`);
tell(`seed ${seed}, ${values.kills} kills, ${values.tasks} tasks`);
const started = Date.now();
const result = await chaos({ seed, kills: Number(values.kills), tasks: Number(values.tasks), tell });
for (const fault of result.faults) tell(`FAULT ${fault}`);
tell(
  `seed ${seed}: ${result.kills} kills in ${result.runs} runs, ${result.faults.length} faults, ${Math.round((Date.now() - started) / 1000)} s`,
);
process.exitCode = result.faults.length === 0 ? 0 : 1;
