import type { Message } from 'execa';
import { channelEnd } from '../ipc/channel.ts';
import { killGroup } from './child.ts';
import { readProcessStat } from './identity.ts';
import { limitMemory } from './memory-group.ts';
import type { Occupant } from './pool.ts';
import { keepOutput } from './raw-output.ts';

/**
 * An agent as a process of its own, in a process group of its own, over an IPC channel. The program says hello first,
 * then takes `start`; it dies with its host's main thread (`armDeathSignal`), and by the family's mark if that fails.
 */
export type ProcessOrder = {
  /** Absolute path of the program. It is called with the argument `process`. */
  program: string;
  start: unknown;
  /** The complete environment; nothing is inherited. */
  environment: Record<string, string>;
  /** File for its output, appended to and set aside when it is full. */
  outputFile: string;
  /** Every line of its output passes here before it is kept. */
  redact(line: string): string;
  memoryMb: number;
};

/** Why we ended a process, or why it ended by itself before it said hello. */
export type EndCause = 'start' | 'memory';
export class ProcessEnded extends Error {
  readonly cause_: EndCause | undefined;
  constructor(message: string, cause?: EndCause) {
    super(message);
    this.cause_ = cause;
  }
}

/** A process that has not said hello by then has failed to start, in milliseconds: a busy machine needs seconds. */
const helloMsMax = 20_000;
/** How often its memory is checked, in milliseconds. */
const lookEveryMs = 1_000;
/** The share of its memory for V8's heap: the rest is code, buffers and the runtime. */
const heapShare = 0.75;

/**
 * Starts the program. `ended` resolves when the program has ended by itself without an error, and rejects with a
 * ProcessEnded that says how it died. Data from the channel is untrusted: the listener parses it.
 */
export async function startInProcess<Outgoing, Incoming>(
  order: ProcessOrder,
): Promise<Occupant<Outgoing, Incoming> & { pid: number }> {
  const { execa } = await import('execa'); // runs without background agents need not load it
  const heap = `--max-old-space-size=${Math.floor(order.memoryMb * heapShare)}`;
  const child = execa(process.execPath, [heap, '--disable-warning=ExperimentalWarning', order.program, 'process'], {
    ipc: true,
    serialization: 'json',
    detached: true,
    cleanup: true,
    reject: false,
    buffer: false,
    stdin: 'ignore',
    extendEnv: false,
    env: { ...order.environment, VTCODE_PARENT: String(process.pid) },
    cwd: '/',
  });
  const pid = child.pid;
  if (pid === undefined) throw new ProcessEnded(`could not start ${process.execPath}`, 'start');
  keepOutput([child.stdout, child.stderr], order.outputFile, order.redact);
  const group = limitMemory(pid, order.memoryMb);
  const end = channelEnd<Outgoing, Incoming>({
    post: (message) => void child.sendMessage(message as Message<'json'>).catch(() => {}), // `closed` reports its end
    close: () => {},
  });
  let cause: EndCause | undefined = 'start';
  const late = setTimeout(() => killGroup(pid, 'SIGKILL'), helloMsMax);
  const memory = setInterval(() => {
    if ((readProcessStat(pid)?.residentBytes ?? 0) <= order.memoryMb * 1024 * 1024) return;
    cause = 'memory';
    killGroup(pid, 'SIGKILL');
  }, lookEveryMs);
  memory.unref();
  const hear = async () => {
    for await (const message of child.getEachMessage()) {
      if (isHello(message)) {
        clearTimeout(late);
        cause = undefined;
        await child.sendMessage({ type: 'start', start: order.start } as Message<'json'>);
      } else end.deliver(message as Incoming);
    }
  };
  const ended = Promise.allSettled([hear(), child]).then(async () => {
    clearTimeout(late);
    clearInterval(memory);
    killGroup(pid, 'SIGKILL'); // members of the group must not outlive its leader
    const exceeded = group?.wasExceeded() ?? false;
    group?.remove();
    end.closed('the process ended');
    const { exitCode, signal } = await child;
    if (exitCode === 0) return;
    // V8 aborts when its heap is full.
    if (signal === 'SIGABRT' || exceeded) cause = 'memory';
    throw new ProcessEnded(`its process ended (${signal ?? `exit ${exitCode}`})${causeWords(cause)}`, cause);
  });
  ended.catch(() => {});
  return { channel: end.channel, ended, pid, kill: () => killGroup(pid, 'SIGKILL') };
}

function causeWords(cause: EndCause | undefined): string {
  if (cause === 'memory') return ': it took more memory than limits.agent_memory_mb';
  return cause === 'start' ? ': it did not come up' : '';
}

function isHello(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'hello';
}
