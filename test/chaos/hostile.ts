import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listProcesses } from '../../supervisor/process-tree.ts';
import { runsIn } from '../support/called.ts';
import { endState, eventsIn, pidOf } from '../support/detached.ts';
import { startModelServer } from '../support/model-server.ts';
import { commandOf, eventually, membersOf, type Seen, stillRunning } from '../support/processes.ts';
import { seeded } from '../support/random.ts';
import { type TestRepository, temporaryFolder } from '../support/repository.ts';
import { planText, sampleRepository } from '../support/sample.ts';
import { messagesOf, useModel, writeSettings } from '../support/scripted-run.ts';
import { type TestVtcode, testVtcode } from '../support/vtcode.ts';
import { type HostileKind, hostileCommand, hostileFiles, hostileKinds, hostileProcesses } from './hostile-children.ts';

/**
 * Ends runs in every way there is while what they run has left children that want to stay, and looks whether anything is
 * left: by the marks that vtcode goes by, and by one that it knows nothing of.
 */
export type HostileResult = {
  runs: number;
  /** Runs that were over before a look found one of their hostile processes: they show nothing. */
  unseen: number;
  /** The longest that anything lived after the end of its run, in milliseconds. */
  slowestMs: number;
  endings: Record<string, number>;
  faults: string[];
};

/** A process of the run may live this long after its end, in milliseconds. */
const leftMsMax = 5_000;

/** Where the command that leaves them comes from. */
const sources = ['check', 'setup', 'agent'] as const;
type Source = (typeof sources)[number];

/** What happens to a run that a terminal waits for, and to one in the background. `both`: with its reaper, at one moment. */
const attached = ['end', 'SIGINT', 'SIGTERM', 'SIGHUP', 'kill host', 'kill host, reaper stopped', 'kill both'] as const;
const detached = ['stop', 'stop --now', 'kill host', 'kill supervise', 'kill everybody'] as const;
const anywhere = ['kill hands'] as const;
type Ending = (typeof attached)[number] | (typeof detached)[number] | (typeof anywhere)[number];

type Options = {
  seed: number;
  runs: number;
  tell(line: string): void;
  from?: HostileResult;
  /** Called after each run, so that an interrupted one can go on later. */
  onProgress?(result: HostileResult): void;
};

/** Three of them at a time, one per source: each waits most of its time. `from` goes on where another one stopped. */
export async function hostile({ seed, runs, tell, from, onProgress }: Options): Promise<HostileResult> {
  const result: HostileResult = structuredClone(from) ?? { runs: 0, unseen: 0, slowestMs: 0, endings: {}, faults: [] };
  let next = result.runs;
  let told = result.faults.length;
  const work = async (source: Source) => {
    const scene = await openScene(source);
    try {
      while (next < runs && result.faults.length === 0) {
        const number = next++;
        // Of its number alone, so that one run can be repeated.
        const random = seeded(seed * 100_003 + number).next;
        await oneRun(scene, number, random, result).catch((error: unknown) => {
          result.faults.push(`run ${number} (${source}): ${(error as Error).message}`);
        });
        for (const fault of result.faults.slice(told)) tell(`FAULT seed ${seed}: ${fault}`);
        told = result.faults.length;
        result.runs += 1;
        onProgress?.(result);
        if (result.runs % 10 === 0) tell(`${result.runs} runs, ${result.faults.length} faults`);
      }
    } finally {
      await scene.close();
    }
  };
  await Promise.all(sources.map(work));
  return result;
}

type Scene = {
  source: Source;
  vtcode: TestVtcode;
  repository: TestRepository;
  /** The words of a run in which this command is run. */
  prepare(command: string): string[];
  close(): Promise<void>;
};

async function openScene(source: Source): Promise<Scene> {
  const vtcode = testVtcode();
  const folder = temporaryFolder('hostile');
  const repository = sampleRepository(hostileFiles);
  const planFile = join(folder, 'plan.toml');
  let command = 'true';
  // An agent that runs one command and is done.
  const server = await startModelServer((request) => {
    const isFirst = !messagesOf(request).some(({ role }) => role === 'assistant');
    const run = { name: 'run_command', arguments: { command } };
    return isFirst ? { answer: { calls: [run] } } : { answer: { text: 'Done.' } };
  });
  const plan = (check: string) => {
    writeFileSync(planFile, planText(['rename|fetchUser|loadUser|src/*'], checkTable(check)));
    return ['run', '--plan-file', planFile, '--yes', '-C', repository.root];
  };
  return {
    ...{ source, vtcode, repository },
    prepare(wanted) {
      command = wanted;
      if (source === 'check') return plan(wanted);
      if (source === 'setup') {
        writeSettings(vtcode, `[setup]\ncommands = [${JSON.stringify(wanted)}]\n`);
        return plan('true');
      }
      useModel(vtcode, server, 'openai-chat', '[policy.commands]\nallow = ["sh hostile.sh"]\n');
      return ['run', 'leave something behind', '-C', repository.root];
    },
    async close() {
      await server.stop();
      repository.remove();
      rmSync(folder, { recursive: true, force: true });
      await endState(vtcode);
    },
  };
}

function checkTable(command: string): string {
  return `[[checks]]\nname = "unit"\ncommand = ${JSON.stringify(command)}\n\n`;
}

async function oneRun(scene: Scene, number: number, random: () => number, result: HostileResult): Promise<void> {
  const choose = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const isDetached = random() < 0.5;
  const ending: Ending = choose([...(isDetached ? detached : attached), ...anywhere]);
  const kinds: HostileKind[] = Array.from({ length: 1 + Math.floor(random() * 4) }, () => choose(hostileKinds));
  const token = `hostile${process.pid}x${number}`;
  const mayWait = ending !== 'end' && ending !== 'kill hands' && ending !== 'stop';
  const command = hostileCommand(token, mayWait && random() < 0.7 ? 30 : 1, kinds);
  const name = `run ${number} (${isDetached ? 'detached' : 'attached'}, ${ending}, ${scene.source}: ${kinds.join(' ')})`;
  const delayMs = random() * 400;
  const one = { scene, token, ending, words: scene.prepare(command), delayMs, random };
  const before = new Set(runsIn(scene.vtcode));
  const first = await (isDetached ? endDetached(one) : endAttached(one));
  const run = runsIn(scene.vtcode).find((known) => !before.has(known));
  if (first.length === 0) result.unseen += 1;
  const started = Date.now();
  const left = () => leftOf(scene.vtcode, run, token);
  await eventually(() => left().length === 0, leftMsMax);
  result.slowestMs = Math.max(result.slowestMs, Date.now() - started);
  for (const seen of left()) {
    result.faults.push(`${name}: left after ${leftMsMax} ms: ${seen.pid} ${commandOf(seen.pid)}`);
    killQuietly(seen.pid);
  }
  const types = run === undefined ? [] : eventsIn(scene.vtcode, run).map(({ type }) => type);
  if (types.includes('run.intended') && types.slice(types.indexOf('run.intended')).includes('host.started'))
    result.faults.push(`${name}: a host began after it was stopped: ${types.join(' ')}`);
  result.endings[ending] = (result.endings[ending] ?? 0) + 1;
}

/** What is left of a run, by its marks and by the token. */
function leftOf(vtcode: TestVtcode, run: string | undefined, token: string): Seen[] {
  return [...familiesOf(vtcode, run).flatMap(membersOf), ...hostileProcesses(token)];
}

function familiesOf(vtcode: TestVtcode, run: string | undefined): string[] {
  if (!run) return [];
  return eventsIn(vtcode, run).flatMap((event) => (event.type === 'host.started' ? [event.family] : []));
}

type One = {
  scene: Scene;
  token: string;
  ending: Ending;
  words: string[];
  delayMs: number;
  random: () => number;
};

/** Waits until a hostile process is there, and a little longer; answers those that are. */
async function untilHostile({ token, delayMs }: One, isOver: () => boolean): Promise<Seen[]> {
  let seen: Seen[] = [];
  const look = () => {
    seen = hostileProcesses(token);
    return seen.length > 0 || isOver();
  };
  await eventually(look, 20_000);
  await sleep(delayMs);
  const later = hostileProcesses(token);
  return later.length > 0 ? later : seen;
}

async function endAttached(one: One): Promise<Seen[]> {
  const { scene, ending } = one;
  const { vtcode } = scene;
  const before = new Set(runsIn(vtcode));
  const child = vtcode.start(one.words);
  child.stdout?.resume();
  child.stderr?.resume();
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const seen = await untilHostile(one, isOver);
  const run = runsIn(vtcode).find((known) => !before.has(known)) ?? '';
  const reapers = isOver() ? [] : reapersOf(vtcode, run);
  if (ending === 'SIGINT' || ending === 'SIGTERM' || ending === 'SIGHUP') child.kill(ending);
  if (ending === 'kill host, reaper stopped') for (const reaper of reapers) killQuietly(reaper, 'SIGSTOP');
  if (ending === 'kill both') for (const reaper of reapers) killQuietly(reaper);
  if (ending.startsWith('kill host') || ending === 'kill both') child.kill('SIGKILL');
  if (ending === 'kill hands') await killHands(one, run, seen);
  await ended;
  if (ending !== 'kill host, reaper stopped' && ending !== 'kill both') return seen;
  // Nobody ends what is left until vtcode is started again, if the kernel did not: any run will do.
  const other = await vtcode.call(['run', 'rename a to b', '-C', scene.repository.root]);
  for (const reaper of reapers) killQuietly(reaper, 'SIGCONT');
  if (other.code === null) throw new Error(`a run after it ended by ${other.signal}`);
  return seen;
}

async function endDetached(one: One): Promise<Seen[]> {
  const { scene, ending } = one;
  const { vtcode } = scene;
  const called = await vtcode.call([...one.words, '--detach']);
  const run = called.stdout.trim();
  if (called.code !== 0) throw new Error(`could not be detached: ${called.stderr}`);
  const isOver = () => eventsIn(vtcode, run).some(({ type }) => type === 'run.finished' || type === 'host.stopped');
  const seen = await untilHostile(one, isOver);
  const [supervise, host] = [pidOf(vtcode, 'supervise'), pidOf(vtcode, 'host', run)];
  const reapers = reapersOf(vtcode, run);
  if (ending === 'kill host' || ending === 'kill everybody') killQuietly(host);
  if (ending === 'kill everybody') for (const reaper of reapers) killQuietly(reaper);
  if (ending === 'kill supervise' || ending === 'kill everybody') killQuietly(supervise);
  if (ending === 'kill hands') await killHands(one, run, seen);
  // Whoever looks starts a supervise that was killed, and that one a host.
  if (ending.startsWith('kill')) await vtcode.call(['ps']);
  if (ending.startsWith('kill')) await sleep(one.random() * 1_500);
  const stopped = await vtcode.call(ending === 'stop' ? ['stop', run] : ['stop', '--now', run]);
  if (stopped.code !== 0) throw new Error(`could not be stopped: ${stopped.stderr}`);
  return seen;
}

/** Kills all hands of the run, or what waits for each of them outside; then none of what was seen may live on. */
async function killHands({ scene, random }: One, run: string, seen: Seen[]): Promise<void> {
  const members = familiesOf(scene.vtcode, run).flatMap(membersOf);
  const hands = members.filter(({ pid }) => /(dist\/hands\.js|tools\/main\.ts)/.test(commandOf(pid)));
  const outer = random() < 0.5;
  const victims = hands.filter(({ parent }) => outer !== hands.some(({ pid }) => pid === parent));
  for (const { pid } of victims.length > 0 ? victims : hands) killQuietly(pid);
  if (await eventually(() => stillRunning(seen).length === 0, leftMsMax)) return;
  const left = stillRunning(seen).map(({ pid }) => commandOf(pid));
  throw new Error(`left after the hands were killed: ${left.join('; ')}`);
}

function reapersOf(vtcode: TestVtcode, run: string): number[] {
  const families = familiesOf(vtcode, run);
  const isReaper = (command: string) => /reap\.(js|ts) /.test(command);
  return listProcesses()
    .filter(({ pid }) => families.some((family) => commandOf(pid).endsWith(family)) && isReaper(commandOf(pid)))
    .map(({ pid }) => pid);
}

function killQuietly(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    if (pid > 0) process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
