import type { HandsPolicy } from '../ipc/hands-protocol.ts';
import type { Hands } from './hands.ts';

/** The hands of one host: one per name (a tree and what may be done in it), started when first wanted. */
export type HandsPool = {
  /** The hands called `name`, started with `policy` if there are none or the last ones ended. */
  get(name: string, policy: () => HandsPolicy): Promise<Hands>;
  /** Ends the hands called `name`, if there are any. */
  stop(name: string): Promise<void>;
  stopAll(): Promise<void>;
};

export function handsPool(start: (policy: HandsPolicy) => Promise<Hands>): HandsPool {
  const running = new Map<string, Promise<Hands>>();

  const startNamed = async (name: string, policy: HandsPolicy): Promise<Hands> => {
    const hands = await start(policy);
    void hands.exited.then(() => running.delete(name));
    return hands;
  };
  const stop = async (name: string) => {
    const hands = running.get(name);
    running.delete(name);
    await hands?.then((found) => found.stop()).catch(() => {}); // hands that never started need no stop
  };
  return {
    get(name, policy) {
      const found = running.get(name);
      if (found) return found;
      const started = startNamed(name, policy());
      running.set(name, started);
      started.catch(() => running.delete(name));
      return started;
    },
    stop,
    async stopAll() {
      await Promise.all([...running.keys()].map(stop));
    },
  };
}
