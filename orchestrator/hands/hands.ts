import { nanoid } from 'nanoid';
import type { ChangeOutcome, FileChange } from '../../ipc/changes.ts';
import { Fault } from '../../ipc/fault.ts';
import {
  type HandsAnswer,
  type HandsOrder,
  type HandsPolicy,
  handsAnswer,
  outputFile,
  type RanReport,
  type WallsReport,
} from '../../ipc/hands-protocol.ts';
import { timerMsMax } from '../../ipc/timer.ts';
import { type HostUse, startProxy } from '../../sandbox/proxy.ts';
import { type Permit, requirePermit } from '../../security/judge.ts';
import type { Child, ChildExit } from '../../supervisor/child.ts';
import { handsVariable, sweepFamily } from '../../supervisor/process-tree.ts';
import type { Prepared } from '../../tools/contracts/tool.ts';
import { toolbox } from '../../tools/contracts/toolbox.ts';
import { type HandsProcess, type ProcessStart, startProcess } from './process.ts';

/** From start to `ready`, in milliseconds: 0.05 s on an idle machine, so this is for a very busy one. */
const startMsMax = 15_000;
/** How long stopped hands may take to end their commands, in milliseconds. */
const stopMs = 1_000;
/** A caller that was given hands gives them its order within this time, in milliseconds. */
const unusedMs = 5_000;

export type HandsStart = ProcessStart & {
  policy: HandsPolicy;
  /** Tells the reaper that the process and everything that it started have ended (`Family.forget`). */
  forget?: (pid: number) => void;
  /** Gets the network hosts that a command used or tried to use, when the command or the hands have ended. */
  onHosts?: (by: CommandOf, hosts: HostUse[]) => void;
};

/** The owner of the command: an agent and its call, or `check`, `setup` and its name. */
export type CommandOf = { agent: string; call: string };

export type RunWish = {
  command: string;
  /** Relative to the work tree's top, or absolute inside it. */
  directory: string;
  timeoutMs: number;
  environment?: Record<string, string>;
  /** The shell that reads the line, absolute; `/bin/sh` when absent. */
  shell?: string;
  onOutput?: (text: string) => void;
  signal?: AbortSignal;
  /** Names the output file; unique per hands. Generated when absent. */
  id?: string;
  by?: CommandOf;
  /** It uses our own input and outputs: for hands that were started that way (`ProcessStart.passed`). */
  passed?: boolean;
  /** Its outputs are a terminal, if one can be had. */
  terminal?: boolean;
  /** It reads what `write` gives it. */
  input?: boolean;
};

/** Signals that ask a command to end. */
export type PolitelyEnding = Extract<HandsOrder, { type: 'signal' }>['signal'];

/**
 * Running hands. Every method rejects with `process_failed` when the hands die or send invalid messages, and with
 * `tool_failed` when they could not carry out the order. The caller that starts them stops them. They take no order
 * without the gate's permit.
 */
/** `unsearched`: files that git tracks and a search leaves out, for tools that look at every file. */
export type PrepareOptions = { signal?: AbortSignal; unsearched?: string[] };

export type Hands = {
  walls: WallsReport;
  pid: number;
  exited: Promise<ChildExit>;
  /** A tool's result or its changes; nothing is written. A tool that fails returns `isError`, it does not reject. */
  prepare(permit: Permit, tool: string, parsed: unknown, options?: PrepareOptions): Promise<Prepared>;
  apply(permit: Permit, changes: FileChange[]): Promise<ChangeOutcome[]>;
  /** `outputPath`: where its whole output should be; a command may have put any file there (kept-output.ts). */
  run(permit: Permit, wish: RunWish): Promise<RanReport & { outputPath: string }>;
  /** A new id for `RunWish.id`. */
  newId(): string;
  /** Gives a running command, started with `input`, more to read. */
  write(id: string, text: string): void;
  /** Asks a running command to end. */
  signal(id: string, name: PolitelyEnding): void;
  /** Resolves when they have had no order for a while, or have ended. */
  unused(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts hands, in a waiting process or in a new one, and waits until they have proved their walls. Throws
 * `sandbox_unavailable` or `process_failed`.
 */
export async function startHands(start: HandsStart, early: HandsProcess = startProcess(start)): Promise<Hands> {
  const { child, mark, installed } = early;
  const policy = { ...start.policy, readable: [...start.policy.readable, ...installed] };
  const line = openLine(child, mark, start.forget);
  child.channel.send({ type: 'start', policy });
  try {
    const ready = await line.ready;
    const door = child.takeServer();
    const proxy = door && policy.network.length > 0 ? startProxy(door, policy.network) : undefined;
    if (!proxy) door?.close();
    const walls = { ...ready, summary: withGrants(ready.summary, policy.network, proxy !== undefined) };
    const tell = (by: CommandOf = nobody) => {
      const hosts = proxy?.take() ?? [];
      if (hosts.length > 0) start.onHosts?.(by, hosts);
    };
    void child.exited.then(() => {
      tell();
      proxy?.close();
    });
    return handsOn(child, line, { walls, outputs: policy.outputs }, tell);
  } catch (error) {
    child.kill();
    throw error;
  }
}

/** How long hands may take after a command's deadline to end it and to answer, in milliseconds. */
const lateMs = 8_000;

/** The owner of the command is unknown: the hands ended before the command did. */
const nobody: CommandOf = { agent: 'hands', call: '' };

function withGrants(summary: string, grants: string[], isOpen: boolean): string {
  if (grants.length === 0) return summary;
  return `${summary}, ${isOpen ? `proxy to ${grants.join(' ')}` : 'no proxy: network.allow needs namespaces'}`;
}

type Open = { resolve(answer: HandsAnswer): void; reject(fault: Fault): void; onOutput?: (text: string) => void };
/** `over`: the hands and their commands have ended; only then may new hands start in their place. */
type HandsConnection = { ready: Promise<WallsReport>; open: Map<string, Open>; over: boolean };

/** Reads messages from the hands. They are untrusted: one message that does not parse ends the hands. */
function openLine(child: Child<HandsOrder>, mark: string, forget: HandsStart['forget']): HandsConnection {
  const open = new Map<string, Open>();
  const ready = Promise.withResolvers<WallsReport>();
  const line: HandsConnection = { ready: ready.promise, open, over: false };
  let proved = false;
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
      proved = true;
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
    // Hands that exit with success have ended their commands, and those that were never ready had none. All others
    // leave commands behind, and no retry may run beside those.
    if (code !== 0 && proved) await sweepFamily(mark, [], handsVariable);
    forget?.(child.pid);
    const words = stderr.trim() === '' ? '' : `: ${stderr.trim()}`;
    line.over = true;
    fail(new Fault('process_failed', `the hands ended (${signal ?? `exit ${code}`})${words}`));
  });
  return line;
}

function handsOn(
  child: Child<HandsOrder>,
  line: HandsConnection,
  { walls, outputs }: { walls: WallsReport; outputs: string },
  tellHosts: (by?: CommandOf) => void,
): Hands {
  let count = 0;
  const unique = nanoid(6);

  function order(message: HandsOrder & { id: string }, signal?: AbortSignal, onOutput?: Open['onOutput']) {
    const { promise, resolve, reject } = Promise.withResolvers<HandsAnswer>();
    line.open.set(message.id, { resolve, reject, onOutput });
    const isSent = child.channel.send(message);
    if (line.over) {
      line.open.delete(message.id);
      reject(new Fault('process_failed', 'the hands have ended'));
    } else if (!isSent) {
      // Their channel closes a moment before they have ended: until then a retry would get the same hands again.
      child.kill();
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
    async prepare(permit, tool, parsed, { signal, unsearched = [] } = {}) {
      requirePermit(permit, { kind: 'prepare', reads: readsOf(tool, parsed) });
      const more = unsearched.length > 0 ? { unsearched } : {};
      const answer = await order({ type: 'prepare', id: nextId(), tool, arguments: parsed, ...more }, signal);
      if (answer.type === 'failed') return { text: answer.reason, isError: true };
      if (answer.type !== 'prepared') throw wrongAnswer('prepare', answer);
      const { text, isError, data, images, changes } = answer;
      return {
        text,
        isError,
        ...(data !== undefined && { data }),
        ...(images && { images }),
        ...(changes && { changes }),
      };
    },
    async apply(permit, changes) {
      requirePermit(permit, { kind: 'apply', changes });
      const answer = await order({ type: 'apply', id: nextId(), changes });
      if (answer.type !== 'applied') throw wrongAnswer('apply', answer);
      return answer.outcomes;
    },
    async run(permit, { onOutput, signal, by, id = nextId(), environment = {}, ...words }) {
      requirePermit(permit, { kind: 'run', command: words.command, directory: words.directory });
      // The hands keep the deadline, but a command may have stopped them.
      const late = setTimeout(() => child.kill(), Math.min(words.timeoutMs + lateMs, timerMsMax));
      const asked = order({ type: 'run', id, environment, ...words }, signal, onOutput);
      const answer = await asked.finally(() => clearTimeout(late));
      tellHosts(by);
      if (answer.type !== 'ran') throw wrongAnswer('run', answer);
      return { ...answer.report, outputPath: outputFile(outputs, id) };
    },
    newId: nextId,
    write: (id, text) => void child.channel.send({ type: 'input', id, text }),
    signal: (id, name) => void child.channel.send({ type: 'signal', id, signal: name }),
    unused: () => unused(child, line),
    stop: async () => void (await child.stop(stopMs)),
  };
}

/** Resolves when hands have had no order at two looks, or have ended. */
function unused(child: Child<HandsOrder>, { open }: HandsConnection): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let wasIdle = false;
  const timer = setInterval(() => {
    if (wasIdle && open.size === 0) resolve();
    wasIdle = open.size === 0;
  }, unusedMs).unref();
  void child.exited.then(() => resolve());
  return promise.finally(() => clearInterval(timer));
}

/** The paths that a tool reads with these arguments; none, if the hands will refuse the call anyway. */
export function readsOf(tool: string, parsed: unknown): string[] {
  const known = toolbox.get(tool);
  const given = known?.arguments.safeParse(parsed);
  if (!known || !given?.success) return [];
  return known.effects(given.data).flatMap((effect) => (effect.kind === 'read' ? [effect.path] : []));
}

function wrongAnswer(wanted: string, answer: HandsAnswer): Fault {
  if (answer.type === 'failed') return new Fault('tool_failed', answer.reason);
  return new Fault('process_failed', `the hands answered ${answer.type} to ${wanted}`);
}
