import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sampleRepository } from '../test/chaos/sample.ts';
import { launcher, testVtcode } from '../test/support/vtcode.ts';
import { type Bench, type Figure, median } from './figures.ts';
import { eventsOf } from './phases.ts';
import { runWell } from './processes.ts';

const tasks = 40;
const agentCounts = [1, 2, 4];
const passes = 2;

/** A plan of forty one-file renames: wall time per task and memory, by the number of agents at once. */
const parallel: Bench = async () => {
  const { repository, plan } = sampleRepository(tasks);
  const planFile = `${repository.root}.toml`;
  writeFileSync(planFile, plan);
  const figures: Figure[] = [];
  const work = async (agents: number, options: string[]) => {
    const { environment, state } = testVtcode();
    const configuration = join(environment.XDG_CONFIG_HOME ?? '', 'vtcode');
    mkdirSync(configuration, { recursive: true });
    const limits = `[limits]\nagents = ${agents}\nworkspaces = ${agents}\n`;
    writeFileSync(join(configuration, 'agents.toml'), limits);
    const words = ['run', '--plan-file', planFile, '--yes', '--json', '-C', repository.root, ...options];
    const ran = await runWell({ argv: [launcher, ...words], environment, memory: true });
    rmSync(dirname(state), { recursive: true, force: true });
    return { ms: workedMs(ran.stdout) / tasks, memoryMb: ran.memoryMb };
  };
  try {
    let one = 0;
    for (const agents of agentCounts) {
      const runs: { ms: number; memoryMb: number }[] = [];
      for (let pass = 0; pass < passes; pass += 1) runs.push(await work(agents, ['--no-checks']));
      const memoryMb = Math.max(...runs.map((ran) => ran.memoryMb));
      const value = median(runs.map(({ ms }) => ms));
      one ||= value;
      const what = `${agents} ${agents === 1 ? 'agent' : 'agents'}: per task`;
      figures.push({ what, value, unit: 'ms', ratio: { times: value / one, of: '1 agent' }, memoryMb });
    }
    const { ms } = await work(agentCounts.at(-1) ?? 1, []);
    const ratio = { times: ms / one, of: '1 agent' };
    figures.push({ what: `${agentCounts.at(-1)} agents, a check per task: per task`, value: ms, unit: 'ms', ratio });
    return figures;
  } finally {
    repository.remove();
    rmSync(planFile, { force: true });
  }
};

/** From the accepted plan to the end. */
function workedMs(output: string): number {
  const events = eventsOf(output);
  const at = (type: string) => Date.parse(events.find((event) => event.type === type)?.at ?? '');
  return at('run.finished') - at('plan.accepted');
}

export default parallel;
