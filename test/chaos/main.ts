import { parseArgs } from 'node:util';
import { chaos } from './chaos.ts';
import { everyEvent } from './every-event.ts';

// `npm run chaos -- --seed N --kills K`: kills at seeded random points; the same seed kills at the same events again.
// `npm run chaos -- --every-event --tasks T`: one run for each event of a run of T tasks, killed exactly there.
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    kills: { type: 'string', default: '60' },
    tasks: { type: 'string', default: '12' },
    'every-event': { type: 'boolean', default: false },
  },
});
const tasks = Number(values.tasks);
const tell = (line: string) => process.stdout.write(`${line}\n`);
const started = Date.now();
const faults = values['every-event'] ? await atEveryEvent() : await atRandom();
for (const fault of faults) tell(`FAULT ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function atEveryEvent(): Promise<string[]> {
  const result = await everyEvent({ tasks, chosen: () => true, tell });
  tell(`${result.deaths} deaths at ${result.events} events, ${result.faults.length} faults, ${seconds()} s`);
  return result.faults;
}

async function atRandom(): Promise<string[]> {
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  tell(`seed ${seed}, ${values.kills} kills, ${tasks} tasks`);
  const result = await chaos({ seed, kills: Number(values.kills), tasks, tell });
  tell(`seed ${seed}: ${result.kills} kills in ${result.runs} runs, ${result.faults.length} faults, ${seconds()} s`);
  return result.faults;
}

function seconds(): number {
  return Math.round((Date.now() - started) / 1000);
}
