import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestRepository } from '../test/support/repository.ts';
import { launcher, testVtcode } from '../test/support/vtcode.ts';
import type { Bench, Figure } from './figures.ts';
import { median } from './figures.ts';
import { eventsOf, type Phases, phasesOf } from './phases.ts';
import { type Ran, runWell } from './processes.ts';
import { compiler, typescriptRepository } from './source-repository.ts';

const files = 2_000;
const touched = 500;
const passes = 2;
const goal = 'rename calcArea to computeArea';

/**
 * A rename that touches 500 files of a 2,000-file repository: wall time, where it goes, and memory; beside the
 * repository's own type check, and beside the plain git commands for the same change.
 */
const rename: Bench = async () => {
  const repository = typescriptRepository(files, touched);
  try {
    const bare = await measure(repository, ['--no-checks']);
    const checked = await measure(repository, []);
    const tsc = await timed(() => runWell({ argv: [compiler(), '--noEmit', '-p', '.'], directory: repository.root }));
    const git = await timed(() => plainGit(repository));
    const of = (ms: number) => ({ times: ms / tsc, of: 'tsc --noEmit' });
    const rows = (words: string, { ms, phases, memoryMb }: Measured): Figure[] => [
      { what: `${words}: whole`, value: ms, unit: 'ms', ratio: of(ms), memoryMb },
      ...Object.entries(phases).map(([phase, value]) => ({
        what: `${words}: ${phase}`,
        value,
        unit: 'ms',
        ratio: phase === 'trees' || phase === 'collecting' ? { times: value / git, of: 'plain git' } : of(value),
      })),
    ];
    return [
      ...rows('no checks', bare),
      ...rows('type check', checked),
      { what: 'tsc --noEmit on the same', value: tsc, unit: 'ms', ratio: of(tsc) },
      { what: 'plain git: tree, edit, add -A, commit', value: git, unit: 'ms' },
    ];
  } finally {
    repository.remove();
  }
};

type Measured = { ms: number; phases: Phases; memoryMb: number };

async function measure(repository: TestRepository, options: string[]): Promise<Measured> {
  const runs: Ran[] = [];
  for (let pass = 0; pass <= passes; pass += 1) {
    const { environment, state } = testVtcode();
    const argv = [launcher, 'run', '--plan', goal, '--yes', '--json', '-C', repository.root, ...options];
    // The first is for memory, and warms the disk.
    runs.push(await runWell({ argv, environment, memory: pass === 0 }));
    rmSync(dirname(state), { recursive: true, force: true });
  }
  const [sampled, ...clean] = runs;
  const phases = clean.map((ran) => phasesOf(eventsOf(ran.stdout)));
  const names = Object.keys(phases[0]!) as (keyof Phases)[];
  return {
    ms: median(clean.map((ran) => ran.ms)),
    phases: Object.fromEntries(names.map((name) => [name, median(phases.map((one) => one[name]))])) as Phases,
    memoryMb: sampled?.memoryMb ?? 0,
  };
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let pass = 0; pass < passes; pass += 1) {
    const started = performance.now();
    await act();
    times.push(performance.now() - started);
  }
  return median(times);
}

/** The least work for the change: a work tree, the change in its files, and a commit of it. */
async function plainGit(repository: TestRepository): Promise<void> {
  const tree = join(repository.root, '..', `plain-${process.pid}`);
  repository.git('worktree', 'add', '--quiet', '--detach', tree);
  const edit = 'git grep -l calcArea -- src | xargs sed -i s/calcArea/computeArea/g';
  await runWell({ argv: ['sh', '-c', `${edit} && git add -A && git commit -qm change`], directory: tree });
  repository.git('worktree', 'remove', '--force', tree);
}

export default rename;
