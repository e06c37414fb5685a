import { toFault } from '../../ipc/fault.ts';
import type { HandsPolicy } from '../../ipc/hands-protocol.ts';
import type { Hands } from './hands.ts';
import type { HandsProcess } from './process.ts';

/** The hands of one host: one per name (a tree and a mode), started at their first use. */
export type HandsPool = {
  /** Starts the process of the hands that `get` will soon be asked for, with the known part of their policy (Linux). */
  expect(name: string, policy: HandsPolicy): void;
  /** The hands called `name`, started with `policy` if there are none or the last ones ended. */
  get(name: string, policy: () => HandsPolicy): Promise<Hands>;
  /** Ends the hands called `name`, and those made for single calls beside them (`name:…`), if there are any. */
  stop(name: string): Promise<void>;
  /** Has no new order given to the hands called `name`; they end when they have carried out those that they have. */
  retire(name: string): void;
  stopAll(): Promise<void>;
};

export type HandsMaker = {
  process(policy: HandsPolicy): HandsProcess;
  hands(policy: HandsPolicy, process: HandsProcess): Promise<Hands>;
};

/** How often hands that end before they have proved their walls are started again: they had no order yet. */
const startsMax = 3;

export function handsPool(make: HandsMaker): HandsPool {
  const running = new Map<string, Promise<Hands>>();
  /** Processes that wait for their policy, and processes that are raising their walls. */
  const expected = new Map<string, HandsProcess>();
  const retired = retirement();
  const starting = new Map<string, HandsProcess>();

  const startOnce = async (name: string, policy: HandsPolicy): Promise<Hands> => {
    const process = expected.get(name) ?? make.process(policy);
    expected.delete(name);
    starting.set(name, process);
    try {
      return await make.hands(policy, process);
    } finally {
      if (starting.get(name) === process) starting.delete(name);
    }
  };
  /** The hands may be killed at any moment, for example without memory. `isWanted`: they were not stopped since. */
  const startNamed = async (name: string, policy: HandsPolicy, isWanted: () => boolean): Promise<Hands> => {
    for (let left = startsMax - 1; ; left -= 1) {
      try {
        return await startOnce(name, policy);
      } catch (error) {
        if (left === 0 || !isWanted() || toFault(error).code !== 'process_failed') throw error;
      }
    }
  };
  const stopOne = async (name: string) => {
    // Hands without an order have nothing to end: waiting for their walls would only delay a short answer.
    for (const waiting of [expected, starting]) {
      waiting.get(name)?.child.kill();
      waiting.delete(name);
    }
    const hands = running.get(name);
    running.delete(name);
    await hands?.then((found) => found.stop()).catch(() => {}); // hands that never started need no stop
  };
  const known = () => [...new Set([...running.keys(), ...expected.keys(), ...starting.keys()])];
  const stop = async (name: string) => {
    const isBeside = (one: string) => one === name || one.startsWith(`${name}:`);
    await Promise.all([...known().filter(isBeside).map(stopOne), retired.stop(isBeside)]);
  };
  return {
    expect(name, policy) {
      if (process.platform === 'linux' && !running.has(name)) expected.set(name, make.process(policy));
    },
    get(name, policy) {
      const found = running.get(name);
      if (found) return found;
      const isWanted = () => running.get(name) === started;
      // Not the hands that were started in their place meanwhile.
      const forget = () => {
        if (isWanted()) running.delete(name);
      };
      const started: Promise<Hands> = startNamed(name, policy(), isWanted);
      running.set(name, started);
      started.then(({ exited }) => exited.then(forget), forget);
      return started;
    },
    stop,
    retire(name) {
      retired.add(name, running.get(name));
      running.delete(name);
    },
    stopAll: async () => void (await Promise.all([...known().map(stopOne), retired.stop(() => true)])),
  };
}

/** Hands that get no new order: each ends when it has carried out those that it has. */
function retirement() {
  const old = new Map<Promise<Hands>, string>();
  return {
    add(name: string, hands: Promise<Hands> | undefined): void {
      if (!hands) return;
      old.set(hands, name);
      const end = async () => {
        const found = await hands;
        await found.unused();
        await found.stop();
      };
      void end()
        .catch(() => {})
        .finally(() => old.delete(hands));
    },
    async stop(isMeant: (name: string) => boolean): Promise<void> {
      const meant = [...old].filter(([, name]) => isMeant(name));
      await Promise.all(meant.map(([hands]) => hands.then((found) => found.stop()).catch(() => {})));
    },
  };
}
