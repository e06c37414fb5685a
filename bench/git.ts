import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type TestRepository, temporaryFolder } from '../test/support/repository.ts';
import { launcher, testVtcode } from '../test/support/vtcode.ts';
import { type Bench, type Figure, median, ratioAtMost } from './figures.ts';
import { runWell } from './processes.ts';
import { modulePath, typescriptRepository } from './source-repository.ts';

const sizes = [200, 2_000, 10_000];
const tasksMany = 13;
/** A run makes one tree per task that is worked or checked at a time, two here; each is made, and used twice, by then. */
const warmAfter = 5;
const passes = 2;
/** The noise allowed when growth is compared with git's own growth. */
const growthMost = 1.2;

/**
 * Git's time per task against `git add -A && git commit` of the same change in the same repository, at three sizes, both
 * in warm work trees; making a tree, which a run does once or twice and not per task, stands beside `git worktree add`.
 * Time is what git's own trace says of each process, so that starting processes does not hide the work.
 */
const git: Bench = async () => {
  const figures: Figure[] = [];
  const measured: { own: number; task: number }[] = [];
  for (const size of sizes) {
    const repository = typescriptRepository(size, 10);
    try {
      const hand = await byHand(repository);
      const task = await perTask(repository);
      measured.push({ own: hand.ms, task: task.ms });
      const ratio = { times: task.ms / hand.ms, of: 'add -A + commit' };
      const treeRatio = { times: task.treeMs / hand.treeMs, of: 'worktree add' };
      figures.push({ what: `${size} files: add -A + commit`, value: hand.ms, unit: 'ms' });
      figures.push({ what: `${size} files: git per task (${task.calls} calls)`, value: task.ms, unit: 'ms', ratio });
      figures.push({ what: `${size} files: git per new tree`, value: task.treeMs, unit: 'ms', ratio: treeRatio });
    } finally {
      repository.remove();
    }
  }
  const [small, large] = [measured[0]!, measured.at(-1)!];
  const growth = large.task / large.own / (small.task / small.own);
  const what = `growth from ${sizes[0]} to ${sizes.at(-1)} files`;
  figures.push(ratioAtMost({ what, value: growth, unit: '×', ratio: { times: growth, of: "git's own" } }, growthMost));
  const added = (large.task - small.task) / (large.own - small.own);
  const each = 'what more files add to a task, without the fixed cost';
  return [...figures, { what: each, value: added, unit: '×', ratio: { times: added, of: "git's own" } }];
};

type Spent = { ms: number; calls: number; treeMs: number };

/** The cost of one more task once the trees are there, and of a new tree. */
async function perTask(repository: TestRepository): Promise<Spent> {
  const found: Spent[] = [];
  for (let pass = 0; pass < passes; pass += 1) {
    const calls = await traced(repository, tasksMany);
    // Each merge checks once which tree has the branch checked out: the calls between two checks are one task's.
    const merges = calls.filter(({ words }) => words.includes('for-each-ref')).map(({ startedAt }) => startedAt);
    const [from = 0, to = 0] = [merges[warmAfter - 1], merges.at(-1)];
    const counted = calls.filter(({ startedAt }) => startedAt >= from && startedAt < to);
    const tasks = merges.length - warmAfter;
    const resets = calls.filter(({ words }) => words.includes('reset'));
    const first = resets.filter((one, at) => resets.findIndex(({ tree }) => tree === one.tree) === at);
    found.push({ ms: sum(counted) / tasks, calls: counted.length / tasks, treeMs: median(first.map(({ ms }) => ms)) });
  }
  const middle = (key: keyof Spent) => median(found.map((one) => one[key]));
  return { ms: middle('ms'), calls: Math.round(middle('calls')), treeMs: middle('treeMs') };
}

async function traced(repository: TestRepository, tasks: number): Promise<Call[]> {
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
    return callsIn(join(folder, 'events'));
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

/** One git: its arguments, its work tree if it had one, when it began and how long it took, in milliseconds. */
type Call = { words: string[]; tree: string; startedAt: number; ms: number };
type TraceEvent = { event: string; sid: string; time: string; t_abs?: number; argv?: string[]; worktree?: string };

/** All git processes that were not started by another git, in the order in which they began. */
function callsIn(events: string): Call[] {
  const calls = readdirSync(events).flatMap((name): Call[] => {
    const lines = readFileSync(join(events, name), 'utf8').split('\n').filter(Boolean);
    const told = lines.map((line) => JSON.parse(line) as TraceEvent);
    const start = told.find(({ event }) => event === 'start');
    const end = told.findLast(({ event }) => event === 'atexit' || event === 'exit');
    if (!start || !end || end.sid.includes('/')) return [];
    const tree = told.find(({ event }) => event === 'def_repo')?.worktree ?? '';
    const startedAt = microseconds(start.time) / 1000;
    return [{ words: start.argv ?? [], tree, startedAt, ms: (end.t_abs ?? 0) * 1000 }];
  });
  return calls.sort((one, other) => one.startedAt - other.startedAt);
}

/** Of a time with six digits after the second; Date knows three. */
function microseconds(time: string): number {
  return Date.parse(time) * 1000 + Number(time.match(/\.\d{3}(\d{3})/)?.[1] ?? 0);
}

function sum(calls: Call[]): number {
  return calls.reduce((total, { ms }) => total + ms, 0);
}

/** The same change by hand, in a warm work tree, and that tree's making. */
async function byHand(repository: TestRepository): Promise<{ ms: number; treeMs: number }> {
  const folder = temporaryFolder('trace');
  const tree = join(folder, 'tree');
  const PATH = `${tracingGit(folder)}${delimiter}${process.env.PATH}`;
  const spent = async (argv: string[], directory: string) => {
    rmSync(join(folder, 'events'), { recursive: true });
    mkdirSync(join(folder, 'events'));
    await runWell({ argv, directory, environment: { ...process.env, PATH } as Env });
    return sum(callsIn(join(folder, 'events')));
  };
  const treeMs = await spent(['git', 'worktree', 'add', '--quiet', '--detach', tree], repository.root);
  const times: number[] = [];
  for (let pass = 0; pass < passes * 4; pass += 1) {
    const edit = `sed -i 's/markMe(/markMe(${pass} + /' ${modulePath(pass + 1)}`;
    await runWell({ argv: ['sh', '-c', edit], directory: tree });
    times.push(await spent(['sh', '-c', 'git add -A && git commit -q -m change'], tree));
  }
  repository.git('worktree', 'remove', '--force', tree);
  rmSync(folder, { recursive: true, force: true });
  return { ms: median(times), treeMs };
}

type Env = Record<string, string>;

export default git;
