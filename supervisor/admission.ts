/**
 * Admission: lets processes start as far as the machine's memory allows. Who finds no room waits, in the order of asking;
 * who is at work goes on, and one may always work, so that everything ends at last.
 */
export type Admission = {
  /**
   * Resolves once there is room, with what must be called when the process is gone; null: the signal came first. `wait` is
   * told once, with the reason, when it has to wait.
   */
  enter(signal: AbortSignal, wait: (reason: string) => void): Promise<(() => void) | null>;
};

/** In MiB. `fresh`: how many of those at work began so recently that not all that they will take is missed yet. */
export type MemoryLeft = { availableMb: number; reserveMb: number; atWork: number; fresh: number };

/** What a background agent takes with its hands once both are up, in MiB: see `agents` in bench/README.md. */
const agentMb = 150;
/** How long it takes until that has been taken, in milliseconds, on a machine with much to do. */
const freshMs = 5_000;
/** How often memory is looked at while somebody waits, in milliseconds. */
const lookEveryMs = 1_000;

/** Whether one more may start now. Pure. */
export function hasRoom({ availableMb, reserveMb, atWork, fresh }: MemoryLeft): boolean {
  return atWork === 0 || availableMb - (fresh + 1) * agentMb >= reserveMb;
}

/**
 * `availableMb` tells what is free now; it is asked whenever somebody wants to start, and each second while one waits.
 * `others`: how many are at work that came before, in other processes; none where it is not given.
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
