import type { Deadlines } from '../../ipc/model.ts';

/** Which of a call's deadlines passed, and after how long. */
export type Expired = { deadline: keyof Deadlines; afterMs: number };

/** Watches one call. Only time spent waiting for the vendor counts, except for the deadline of the whole call. */
export type Watch = {
  /** Waiting for the vendor begins: for the head, the first token or the next. Keep-alives do not end it. */
  waits(): void;
  /** Waiting is over, because something came that counts. */
  heard(what: 'head' | 'token'): void;
  stop(): void;
};

/** Calls `expire` once, when a deadline has passed. The caller stops it. */
export function watch(deadlines: Deadlines, expire: (expired: Expired) => void): Watch {
  let phase: 'connectMs' | 'firstTokenMs' | 'idleMs' = 'connectMs';
  let timer: NodeJS.Timeout | undefined;
  const after = (deadline: keyof Deadlines) => {
    const afterMs = deadlines[deadline];
    // A timer cannot be set for longer than this: a longer deadline counts as no deadline.
    return afterMs > 2 ** 31 - 1 ? undefined : setTimeout(() => expire({ deadline, afterMs }), afterMs);
  };
  const whole = after('totalMs');
  return {
    waits() {
      clearTimeout(timer);
      timer = after(phase);
    },
    heard(what) {
      clearTimeout(timer);
      phase = what === 'head' ? 'firstTokenMs' : 'idleMs';
    },
    stop() {
      clearTimeout(timer);
      clearTimeout(whole);
    },
  };
}

const words: Record<keyof Deadlines, string> = {
  connectMs: 'did not answer within',
  firstTokenMs: 'said nothing within',
  idleMs: 'fell silent in mid-answer for',
  totalMs: 'was not done within',
};
const names: Record<keyof Deadlines, string> = {
  connectMs: 'connect',
  firstTokenMs: 'first token',
  idleMs: 'idle',
  totalMs: 'whole call',
};

/** As a sentence that goes on after the vendor's name. */
export function expiredWords({ deadline, afterMs }: Expired): string {
  return `${words[deadline]} ${afterMs / 1000} s (${names[deadline]} deadline)`;
}
