import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ChaosProgress, chaos } from './chaos.ts';
import { everyEvent } from './every-event.ts';
import { type HostileResult, hostile } from './hostile.ts';

// `npm run chaos -- --seed N --kills K`: kills at seeded random points; the same seed kills at the same events again.
// It keeps where it stands in .chaos/; with --continue and the same seed and tasks it goes on from there.
// `--anyone`: every third task is a background agent, and agents, hands and commands are killed as well as the host.
// `--detached`: the same in the background, where the cli and `supervise` are killed as well and nobody resumes.
// `npm run chaos -- --hostile --runs R`: runs with children that want to stay, ended in every way; nothing may be left.
// `npm run chaos -- --every-event --tasks T`: one run for each event of a run of T tasks, killed exactly there.
// `--power-loss`: and the log then loses whatever was not written durably.
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    kills: { type: 'string', default: '60' },
    tasks: { type: 'string', default: '12' },
    'every-event': { type: 'boolean', default: false },
    'power-loss': { type: 'boolean', default: false },
    hostile: { type: 'boolean', default: false },
    runs: { type: 'string', default: '500' },
    anyone: { type: 'boolean', default: false },
    detached: { type: 'boolean', default: false },
    continue: { type: 'boolean', default: false },
  },
});
const tasks = Number(values.tasks);
const tell = (line: string) => process.stdout.write(`${line}\n`);
const started = Date.now();
const faults = values.hostile ? await atHostile() : values['every-event'] ? await atEveryEvent() : await atRandom();
process.exitCode = faults.length === 0 ? 0 : 1;

async function atHostile(): Promise<string[]> {
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const runs = Number(values.runs);
  const file = join('.chaos', `hostile-seed-${seed}.json`);
  const from = kept<HostileResult>(file);
  tell(`seed ${seed}, ${runs} runs${from ? `, from ${from.runs} on` : ''}`);
  const onProgress = (progress: HostileResult) => keep(file, progress);
  const result = await hostile({ seed, runs, tell, onProgress, ...(from && { from }) });
  rmSync(file, { force: true });
  for (const [ending, count] of Object.entries(result.endings)) tell(`${String(count).padStart(5)}  ${ending}`);
  const slowest = `the slowest was gone after ${result.slowestMs} ms`;
  tell(
    `seed ${seed}: ${result.runs} runs (${result.unseen} over too soon), ${result.faults.length} faults, ${slowest}, ${seconds()} s`,
  );
  return result.faults;
}

async function atEveryEvent(): Promise<string[]> {
  const result = await everyEvent({ tasks, chosen: () => true, powerLoss: values['power-loss'], tell });
  tell(`${result.deaths} deaths at ${result.events} events, ${result.faults.length} faults, ${seconds()} s`);
  return result.faults;
}

async function atRandom(): Promise<string[]> {
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const { anyone, detached } = values;
  const file = join(
    '.chaos',
    `seed-${seed}-tasks-${tasks}${anyone ? '-anyone' : ''}${detached ? '-detached' : ''}.json`,
  );
  const from = kept<ChaosProgress>(file);
  tell(`seed ${seed}, ${values.kills} kills, ${tasks} tasks${from ? `, from ${from.result.kills} kills on` : ''}`);
  const onProgress = (progress: ChaosProgress) => keep(file, progress);
  const result = await chaos({
    seed,
    kills: Number(values.kills),
    tasks,
    anyone,
    detached,
    tell,
    onProgress,
    ...(from && { from }),
  });
  rmSync(file, { force: true });
  tell(
    Object.entries(result.killed)
      .map(([role, count]) => `${count} ${role}`)
      .join(', '),
  );
  tell(`seed ${seed}: ${result.kills} kills in ${result.runs} runs, ${result.faults.length} faults, ${seconds()} s`);
  return result.faults;
}

/** Where the last one stood, when it is to go on. */
function kept<Progress>(file: string): Progress | undefined {
  return values.continue && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Progress) : undefined;
}

function keep(file: string, progress: object): void {
  mkdirSync('.chaos', { recursive: true });
  writeFileSync(file, JSON.stringify(progress));
}

function seconds(): number {
  return Math.round((Date.now() - started) / 1000);
}
