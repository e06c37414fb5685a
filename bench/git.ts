import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type TestRepository, temporaryFolder } from '../test/support/repository.ts';
import { launcher, testVtcode } from '../test/support/vtcode.ts';
import { type Bench, type Figure, median, ratioAtMost } from './figures.ts';
import { runWell } from './processes.ts';
import { modulePath, typescriptRepository } from './source-repository.ts';

const sizes = [200, 2_000, 10_000];
const tasksMany = 9;
const passes = 2;
/** Noise that growth against git's own growth is allowed. */
const growthMost = 1.2;

/**
 * Git's time per task against `git add -A && git commit` of the same change in the same repository, at three sizes.
 * Time is what git's own trace says of each process, so that starting processes does not hide the work.
 */
const git: Bench = async () => {
  const figures: Figure[] = [];
  const ratios: number[] = [];
  for (const size of sizes) {
    const repository = typescriptRepository(size, 10);
    try {
      const own = await gitsOwn(repository);
      const task = await perTask(repository);
      ratios.push(task.ms / own);
      const ratio = { times: task.ms / own, of: 'add -A + commit' };
      figures.push({ what: `${size} files: add -A + commit`, value: own, unit: 'ms' });
      figures.push({ what: `${size} files: git per task (${task.calls} calls)`, value: task.ms, unit: 'ms', ratio });
    } finally {
      repository.remove();
    }
  }
  const growth = (ratios.at(-1) ?? 0) / (ratios[0] ?? 1);
  const what = `growth from ${sizes[0]} to ${sizes.at(-1)} files`;
  figures.push(ratioAtMost({ what, value: growth, unit: '×', ratio: { times: growth, of: "git's own" } }, growthMost));
  return figures;
};

/** The cost of one more task: what nine tasks take above one, in an eighth. */
async function perTask(repository: TestRepository): Promise<{ ms: number; calls: number }> {
  const found: { ms: number; calls: number }[] = [];
  for (let pass = 0; pass < passes; pass += 1) {
    const one = await traced(repository, 1);
    const many = await traced(repository, tasksMany);
    const more = tasksMany - 1;
    found.push({ ms: (many.ms - one.ms) / more, calls: (many.calls - one.calls) / more });
  }
  return { ms: median(found.map(({ ms }) => ms)), calls: Math.round(median(found.map(({ calls }) => calls))) };
}

async function traced(repository: TestRepository, tasks: number): Promise<{ ms: number; calls: number }> {
  const { environment, state } = testVtcode();
  const folder = temporaryFolder('trace');
  try {
    const plan = join(folder, 'plan.toml');
    writeFileSync(plan, planOf(tasks));
    mkdirSync(join(environment.XDG_CONFIG_HOME ?? '', 'vtcode'), { recursive: true });
    writeFileSync(join(environment.XDG_CONFIG_HOME ?? '', 'vtcode', 'agents.toml'), '[limits]\nagents = 1\n');
    const PATH = `${tracingGit(folder)}${delimiter}${environment.PATH}`;
    const argv = [launcher, 'run', '--plan-file', plan, '--yes', '--no-checks', '--json', '-C', repository.root];
    await runWell({ argv, environment: { ...environment, PATH } });
    return traceOf(join(folder, 'events'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(dirname(state), { recursive: true, force: true });
  }
}

function planOf(tasks: number): string {
  const list = Array.from({ length: tasks }, (_, at) => {
    const path = modulePath(at + 1);
    const prompt = `Replace \`markMe($A)\` by \`markMe($A + 0)\` in TypeScript in \`${path}\`.`;
    return `[[tasks]]\nid = "task${at}"\ntitle = "Mark ${at}"\nprompt = "${prompt}"\nscope = ["${path}"]\n`;
  });
  return `goal = "mark"\n\n${list.join('\n')}`;
}

/** A folder with a git that tells its times: vtcode hands no other variable than PATH to git. */
function tracingGit(folder: string): string {
  const bin = join(folder, 'bin');
  const events = join(folder, 'events');
  mkdirSync(bin);
  mkdirSync(events);
  const real = (process.env.PATH ?? '').split(delimiter).map((one) => join(one, 'git'));
  const script = `#!/bin/sh\nfor git in ${real.join(' ')}; do\n  [ -x "$git" ] && GIT_TRACE2_EVENT=${events} exec "$git" "$@"\ndone\n`;
  writeFileSync(join(bin, 'git'), script);
  chmodSync(join(bin, 'git'), 0o755);
  return bin;
}

/** The sum of the times of all git processes that were not started by another git. */
function traceOf(events: string): { ms: number; calls: number } {
  let ms = 0;
  let calls = 0;
  for (const name of readdirSync(events)) {
    const lines = readFileSync(join(events, name), 'utf8').split('\n').filter(Boolean);
    const exit = lines.map((line) => JSON.parse(line) as { event: string; t_abs?: number; sid: string });
    const end = exit.findLast((event) => event.event === 'atexit' || event.event === 'exit');
    if (!end || end.sid.includes('/')) continue;
    ms += (end.t_abs ?? 0) * 1000;
    calls += 1;
  }
  return { ms, calls };
}

/** The same change by hand, in a warm work tree. */
async function gitsOwn(repository: TestRepository): Promise<number> {
  const folder = temporaryFolder('trace');
  const tree = join(folder, 'tree');
  repository.git('worktree', 'add', '--quiet', '--detach', tree);
  const PATH = `${tracingGit(folder)}${delimiter}${process.env.PATH}`;
  const times: number[] = [];
  for (let pass = 0; pass < passes * 4; pass += 1) {
    rmSync(join(folder, 'events'), { recursive: true });
    mkdirSync(join(folder, 'events'));
    const edit = `sed -i 's/markMe(/markMe(${pass} + /' ${modulePath(pass + 1)}`;
    await runWell({ argv: ['sh', '-c', edit], directory: tree });
    const commit = 'git add -A && git commit -q -m change';
    await runWell({ argv: ['sh', '-c', commit], directory: tree, environment: { ...process.env, PATH } as Env });
    times.push(traceOf(join(folder, 'events')).ms);
  }
  repository.git('worktree', 'remove', '--force', tree);
  rmSync(folder, { recursive: true, force: true });
  return median(times);
}

type Env = Record<string, string>;

export default git;
