import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { nanoid } from 'nanoid';
import type { ChangeOutcome, FileChange } from '../ipc/changes.ts';
import { Fault } from '../ipc/fault.ts';
import {
  type HandsAnswer,
  type HandsOrder,
  type HandsPolicy,
  handsAnswer,
  type RanReport,
  type WallsReport,
} from '../ipc/hands-protocol.ts';
import { installedPrograms } from '../sandbox/installed.ts';
import { handsLauncher } from '../sandbox/launcher.ts';
import { runtimeFolders } from '../sandbox/paths.ts';
import { type Child, type ChildExit, startChild } from '../supervisor/child.ts';
import { familyVariable, sweepFamily } from '../supervisor/family.ts';
import { packageFolder, packageFolders, programPath } from '../supervisor/program.ts';
import type { Prepared } from '../tools/tool.ts';

/** From start to `ready`: 0.05 s on an idle machine, so this is for a machine on its knees. In milliseconds. */
const startMsMax = 15_000;
/** Marks everything that one pair of hands started, so that it can be found when they die. */
const handsVariable = 'VTCODE_HANDS';
/** How long the hands get to end their commands when stopped, in milliseconds. */
const stopMs = 1_000;

export type HandsStart = {
  policy: HandsPolicy;
  /** Token of the host's family (supervisor/family.ts). */
  family: string;
  /** Tells the family's reaper about the new process (`Family.watch`). Called twice. */
  watch?: (pid: number) => void;
  /** Tells it that the process has ended and what it left was ended too (`Family.forget`). */
  forget?: (pid: number) => void;
  /** The person's environment. Only PATH and HOME are looked at: where programs are, and what must not be readable. */
  environment: Record<string, string | undefined>;
};

export type RunWish = {
  command: string;
  /** Relative to the work tree's top, or absolute inside it. */
  directory: string;
  timeoutMs: number;
  environment?: Record<string, string>;
  onOutput?: (text: string) => void;
  signal?: AbortSignal;
  /** Names the output file; unique per hands. Made up when absent. */
  id?: string;
};

/**
 * Running hands. Every method rejects with `process_failed` when the hands die or talk nonsense, and with `tool_failed`
 * when they could not do what was asked. Whoever started them stops them.
 */
export type Hands = {
  walls: WallsReport;
  pid: number;
  exited: Promise<ChildExit>;
  /** A tool's result or its changes; nothing is written. A tool that fails answers `isError`, it does not reject. */
  prepare(tool: string, parsed: unknown, signal?: AbortSignal): Promise<Prepared>;
  apply(changes: FileChange[]): Promise<ChangeOutcome[]>;
  run(wish: RunWish): Promise<RanReport>;
  stop(): Promise<void>;
};

/** A process that waits for the policy that makes it hands. Until then it is as free as we are, and does nothing. */
export type HandsProcess = { child: Child<HandsOrder>; mark: string; installed: string[] };

/**
 * Starts the process of hands, so that their first order is not what waits for it. `start.policy` may still lack
 * readable folders, except on macOS, where the walls are chosen here. Whoever starts it hands it on or kills it.
 */
export function startProcess(start: HandsStart): HandsProcess {
  const { PATH: systemPath = '/usr/local/bin:/usr/bin:/bin', HOME: userHome = homedir() } = start.environment;
  const installed = installedPrograms(systemPath, userHome);
  const policy = { ...start.policy, readable: [...start.policy.readable, ...installed.readable] };
  const readable = [...packageFolders(), ...runtimeFolders(process.execPath, userHome)];
  const mark = nanoid();
  const child = startChild<HandsOrder>({
    program: programPath('hands'),
    launcher: handsLauncher(policy, readable),
    nodeOptions: ['--disable-sigusr1', '--disable-warning=ExperimentalWarning'],
    environment: {
      ...installed.environment,
      PATH: withoutOurOwn(systemPath),
      LANG: 'C.UTF-8',
      HOME: policy.home,
      TMPDIR: policy.temporary,
      [familyVariable]: start.family,
      [handsVariable]: mark,
    },
    directory: '/',
  });
  start.watch?.(child.pid);
  return { child, mark, installed: installed.readable };
}

/**
 * Starts hands, in a process that is there already or in a new one, and waits until they have proved their walls.
 * Throws `sandbox_unavailable` or `process_failed`.
 */
export async function startHands(start: HandsStart, early: HandsProcess = startProcess(start)): Promise<Hands> {
  const { child, mark, installed } = early;
  const policy = { ...start.policy, readable: [...start.policy.readable, ...installed] };
  const line = openLine(child, mark, start.forget);
  child.channel.send({ type: 'start', policy });
  try {
    const walls = await line.ready;
    start.watch?.(child.pid); // Again, because it is in its own network only now.
    return handsOn(child, line, walls);
  } catch (error) {
    child.kill();
    throw error;
  }
}

/** PATH without the folders of vtcode's own dependencies: a repository's check must not find our TypeScript. */
function withoutOurOwn(path: string): string {
  const around = dirname(packageFolder());
  const own = [
    join(packageFolder(), 'node_modules/.bin'),
    basename(around) === 'node_modules' ? join(around, '.bin') : '',
  ];
  return path
    .split(':')
    .filter((folder) => folder !== '' && !own.includes(folder))
    .join(':');
}

type Open = { resolve(answer: HandsAnswer): void; reject(fault: Fault): void; onOutput?: (text: string) => void };
type Line = { ready: Promise<WallsReport>; open: Map<string, Open> };

/** Listens to the hands. What they say is untrusted: one message that does not parse ends them. */
function openLine(child: Child<HandsOrder>, mark: string, forget: HandsStart['forget']): Line {
  const open = new Map<string, Open>();
  const ready = Promise.withResolvers<WallsReport>();
  ready.promise.catch(() => {});
  const fail = (fault: Fault) => {
    ready.reject(fault);
    for (const order of open.values()) order.reject(fault);
    open.clear();
  };
  const late = setTimeout(() => {
    fail(new Fault('process_failed', `the hands were not ready after ${startMsMax} ms`));
    child.kill();
  }, startMsMax);
  child.channel.onMessage((raw) => {
    const parsed = handsAnswer.safeParse(raw);
    if (!parsed.success) {
      fail(
        new Fault('process_failed', 'the hands said something that is not in their protocol', { cause: parsed.error }),
      );
      child.kill();
      return;
    }
    const answer = parsed.data;
    if (answer.type === 'ready') {
      clearTimeout(late);
      ready.resolve(answer.walls);
    } else if (answer.type === 'refused') {
      fail(new Fault('sandbox_unavailable', answer.reason, { advice: 'run `vtcode doctor`' }));
    } else if (answer.type === 'output') {
      open.get(answer.id)?.onOutput?.(answer.text);
    } else {
      open.get(answer.id)?.resolve(answer);
      open.delete(answer.id);
    }
  });
  void child.exited.then(async ({ code, signal, stderr }) => {
    clearTimeout(late);
    // Hands that end well have ended their commands. Others leave them behind, and nobody must try again beside those.
    if (code !== 0) await sweepFamily(mark, [], handsVariable);
    forget?.(child.pid);
    const words = stderr.trim() === '' ? '' : `: ${stderr.trim()}`;
    fail(new Fault('process_failed', `the hands ended (${signal ?? `exit ${code}`})${words}`));
  });
  return { ready: ready.promise, open };
}

function handsOn(child: Child<HandsOrder>, line: Line, walls: WallsReport): Hands {
  let count = 0;
  const unique = nanoid(6);

  function order(message: HandsOrder & { id: string }, signal?: AbortSignal, onOutput?: Open['onOutput']) {
    const { promise, resolve, reject } = Promise.withResolvers<HandsAnswer>();
    line.open.set(message.id, { resolve, reject, onOutput });
    if (!child.channel.send(message)) {
      line.open.delete(message.id);
      reject(new Fault('process_failed', 'the hands have ended'));
    }
    const cancel = () => child.channel.send({ type: 'cancel', id: message.id });
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    return promise.finally(() => signal?.removeEventListener('abort', cancel));
  }

  const nextId = () => `${unique}-${++count}`;
  return {
    walls,
    pid: child.pid,
    exited: child.exited,
    async prepare(tool, parsed, signal) {
      const answer = await order({ type: 'prepare', id: nextId(), tool, arguments: parsed }, signal);
      if (answer.type === 'failed') return { text: answer.reason, isError: true };
      if (answer.type !== 'prepared') throw wrongAnswer('prepare', answer);
      const { text, isError, data, changes } = answer;
      return { text, isError, ...(data !== undefined && { data }), ...(changes && { changes }) };
    },
    async apply(changes) {
      const answer = await order({ type: 'apply', id: nextId(), changes });
      if (answer.type !== 'applied') throw wrongAnswer('apply', answer);
      return answer.outcomes;
    },
    async run({ command, directory, timeoutMs, environment = {}, onOutput, signal, id = nextId() }) {
      const answer = await order({ type: 'run', id, command, directory, timeoutMs, environment }, signal, onOutput);
      if (answer.type !== 'ran') throw wrongAnswer('run', answer);
      return answer.report;
    },
    async stop() {
      await child.stop(stopMs);
    },
  };
}

function wrongAnswer(wanted: string, answer: HandsAnswer): Fault {
  if (answer.type === 'failed') return new Fault('tool_failed', answer.reason);
  return new Fault('process_failed', `the hands answered ${answer.type} to ${wanted}`);
}
