import { MessageChannel } from 'node:worker_threads';
import type { Channel } from '../ipc/channel.ts';
import { portChannel } from '../ipc/port-channel.ts';

/**
 * A pool of worker threads that each run one program (a module with a default function taking `{ port, start }`, which
 * closes the port when it is done) for one occupant at a time. Threads get an empty environment and a heap limit; a thread that runs out of memory or throws
 * ends its own occupant only.
 */
export type Occupant<Outgoing, Incoming> = {
  channel: Channel<Outgoing, Incoming>;
  /** Settles when the program's function has returned; rejects with what it threw, also when the thread died. */
  ended: Promise<void>;
  /** Ends the thread at once. */
  kill(): void;
};

export type Pool = {
  start<Outgoing, Incoming>(start: unknown): Occupant<Outgoing, Incoming>;
  close(): Promise<void>;
};

/** Idle threads cost 12 MB each: they go after this time. */
const idleTimeoutMs = 10_000;

export async function workerPool(program: string, options: { threadsMax: number; heapMb: number }): Promise<Pool> {
  const { Piscina } = await import('piscina'); // a run with a lone agent need not load it
  const piscina = new Piscina({
    filename: program,
    minThreads: 0,
    maxThreads: options.threadsMax,
    concurrentTasksPerWorker: 1,
    idleTimeout: idleTimeoutMs,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: options.heapMb },
  });
  piscina.on('error', () => {}); // each occupant gets its own failure through `ended`
  return {
    start<Outgoing, Incoming>(start: unknown): Occupant<Outgoing, Incoming> {
      const { port1, port2 } = new MessageChannel();
      const killer = new AbortController();
      const ended = piscina
        .run({ port: port2, start }, { transferList: [port2], signal: killer.signal })
        .then(() => {});
      const channel = portChannel<Outgoing, Incoming>(port1);
      // A program closes its end after its last message. A program that failed, or never got a thread, may not.
      ended.catch(() => channel.close());
      return { channel, ended, kill: () => killer.abort() };
    },
    async close() {
      await piscina.destroy();
    },
  };
}

/**
 * Runs a program in this thread, over the same kind of channel as a pool's: for a single occupant, a thread would bring
 * only cost.
 */
export function startInThread<Outgoing, Incoming>(program: string, start: unknown): Occupant<Outgoing, Incoming> {
  const { port1, port2 } = new MessageChannel();
  const channel = portChannel<Outgoing, Incoming>(port1);
  const run = async () => {
    const { default: main } = (await import(program)) as { default(given: unknown): Promise<void> };
    await main({ port: port2, start });
  };
  const ended = run();
  ended.catch(() => channel.close());
  return { channel, ended, kill: () => channel.close() };
}
