/**
 * Admission: lets processes start as far as the machine's memory allows. A process without room waits, in the order of
 * asking; running processes go on, and one may always run, so that all of them finish in the end.
 */
export type Admission = {
  /**
   * Resolves once there is room, with a function to call when the process is gone; null: the signal came first. `wait`
   * is called once, with the reason, when the caller has to wait.
   */
  enter(signal: AbortSignal, wait: (reason: string) => void): Promise<(() => void) | null>;
};

/** In MiB. `fresh`: how many running processes began so recently that they have not taken all their memory yet. */
export type MemoryLeft = { availableMb: number; reserveMb: number; atWork: number; fresh: number };

/** The memory of a background agent and its hands once both are up, in MiB: see `agents` in bench/README.md. */
const agentMb = 150;
/** How long it takes until they use all that memory, in milliseconds, on a busy machine. */
const freshMs = 5_000;
/** How often memory is checked while a process waits, in milliseconds. */
const lookEveryMs = 1_000;

/** Whether one more may start now. Pure. */
export function hasRoom({ availableMb, reserveMb, atWork, fresh }: MemoryLeft): boolean {
  return atWork === 0 || availableMb - (fresh + 1) * agentMb >= reserveMb;
}

/**
 * `availableMb` returns the free memory; it is called for each request, and each second while one waits. `others`: how
 * many older processes of other hosts are at work; none if it is not given.
 */
export function openAdmission(given: { reserveMb: number; availableMb(): number; others?(): number }): Admission {
  const { reserveMb } = given;
  const atWork = new Set<{ since: number }>();
  const waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const now = () => performance.now();
  const room = (): MemoryLeft => {
    const fresh = [...atWork].filter(({ since }) => now() - since < freshMs).length;
    return { availableMb: given.availableMb(), reserveMb, atWork: atWork.size + (given.others?.() ?? 0), fresh };
  };
  const look = () => {
    clearTimeout(timer);
    while (waiting.length > 0 && hasRoom(room())) waiting.shift()?.();
    if (waiting.length > 0) timer = setTimeout(look, lookEveryMs);
    timer?.unref();
  };
  const admit = () => {
    const place = { since: now() };
    atWork.add(place);
    return () => {
      if (atWork.delete(place)) look();
    };
  };
  return {
    async enter(signal, wait) {
      const found = room();
      if (signal.aborted) return null;
      if (waiting.length === 0 && hasRoom(found)) return admit();
      wait(reasonOf(found));
      const { promise, resolve } = Promise.withResolvers<(() => void) | null>();
      const turn = () => resolve(admit());
      const leave = () => {
        if (waiting.includes(turn)) waiting.splice(waiting.indexOf(turn), 1);
        resolve(null);
      };
      waiting.push(turn);
      signal.addEventListener('abort', leave, { once: true });
      look();
      return promise.finally(() => signal.removeEventListener('abort', leave));
    },
  };
}

function reasonOf({ availableMb, reserveMb }: MemoryLeft): string {
  return `${Math.floor(availableMb)} MB of memory are free, and ${reserveMb} MB are to stay so (limits.reserve_mb)`;
}
