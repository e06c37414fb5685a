import { stripVTControlCharacters } from 'node:util';

/**
 * The commands that agents of this host have in the background: a dev server, a watcher. They run in the hands of their
 * agent, so that its other commands reach them on the same loopback, and they end with it. The log knows that they began
 * and ended (`command.started`, `command.ended`); their output is kept here, and is gone with the host.
 */
export type BackgroundCommands = {
  /** Takes a command that was just started. */
  add(agent: string, id: string, acts: Acts): Running;
  /** A command of this host; undefined: there is none with this id. */
  find(agent: string, id: string): Running | undefined;
  /** Whether an agent has a command under way. */
  any(agent: string): boolean;
  /** Ends all commands of an agent. */
  endOf(agent: string): void;
};

type Acts = { write(text: string): void; stop(): void };

export type Running = Acts & {
  /** Takes more output, or the way in which it ended. */
  printed(text: string): void;
  ended(how: string): void;
  /** The output since the last call, and how it ended; null: it runs. Waits up to `waitMs` for either. */
  news(waitMs: number, signal: AbortSignal): Promise<{ text: string; isCut: boolean; end: string | null }>;
};

/** `unreadMax`: characters of output that are kept for the next read; the end counts. */
export function backgroundCommands(unreadMax: number): BackgroundCommands {
  const all = new Map<string, Map<string, Running & { isOver(): boolean }>>();
  const of = (agent: string) => all.get(agent) ?? new Map<string, Running & { isOver(): boolean }>();
  return {
    add(agent, id, acts) {
      const running = keptOutput(acts, unreadMax);
      all.set(agent, of(agent).set(id, running));
      return running;
    },
    find: (agent, id) => of(agent).get(id),
    any: (agent) => [...of(agent).values()].some((one) => !one.isOver()),
    endOf(agent) {
      for (const one of of(agent).values()) if (!one.isOver()) one.stop();
      all.delete(agent);
    },
  };
}

function keptOutput(acts: Acts, unreadMax: number): Running & { isOver(): boolean } {
  let [unread, isCut] = ['', false];
  let end: string | null = null;
  let wake = () => {};
  return {
    ...acts,
    isOver: () => end !== null,
    printed(text) {
      unread += text;
      if (unread.length > unreadMax) [unread, isCut] = [unread.slice(-unreadMax), true];
      wake();
    },
    ended(how) {
      end = how;
      wake();
    },
    async news(waitMs, signal) {
      if (unread === '' && end === null && waitMs > 0 && !signal.aborted)
        await wait(waitMs, signal, (early) => {
          wake = early;
        });
      const news = { text: stripVTControlCharacters(unread), isCut, end };
      [unread, isCut] = ['', false];
      return news;
    },
  };
}

/** Waits until the time is over, the signal comes, or the function that `onWait` gets is called. */
async function wait(ms: number, signal: AbortSignal, onWait: (end: () => void) => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const timer = setTimeout(end, ms);
  signal.addEventListener('abort', end, { once: true });
  onWait(end);
  await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
}
