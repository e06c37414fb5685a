import type { FromAgent } from '../../ipc/agent-protocol.ts';
import type { Deadlines } from '../../ipc/model.ts';

/**
 * Watches that an agent makes progress, not that it is alive. While a call is granted, the agent itself keeps the
 * deadlines of the call. An agent that does not even report a passed deadline is stuck: it has stopped, runs in a busy
 * loop, or repeats the same call. An agent that waits for a grant, a result or a person is not watched: other parts
 * must end that wait.
 */
export type Watch = {
  granted(deadlines: Deadlines): void;
  heard(message: FromAgent): void;
  end(): void;
};

/** How long after its own deadline an agent may take to report it, in milliseconds. */
const graceMs = 1_000;

/** `stuck` is called once, with the reason. `lifeMs`: the longest time for one life; null: no limit. */
export function watchAgent(lifeMs: number | null, stuck: (cause: 'stall' | 'deadline', reason: string) => void): Watch {
  let deadlines: Deadlines | null = null;
  let timer: NodeJS.Timeout | undefined;
  let whole: NodeJS.Timeout | undefined;
  const life =
    lifeMs === null
      ? undefined
      : setTimeout(
          () =>
            stuck('deadline', `it was not done after ${Math.round(lifeMs / 60_000)} minutes (limits.agent_minutes)`),
          lifeMs,
        );
  const expect = (ms: number, what: string) => {
    clearTimeout(timer);
    timer = setTimeout(
      () => stuck('stall', `it made no progress: no ${what} after ${Math.ceil(ms / 1000)} s`),
      ms + graceMs,
    );
  };
  const rest = () => {
    clearTimeout(timer);
    clearTimeout(whole);
    deadlines = null;
  };
  return {
    granted(given) {
      rest();
      deadlines = given;
      expect(given.connectMs, 'answer began');
      whole = setTimeout(() => stuck('stall', 'its model call never ended'), given.totalMs + graceMs);
    },
    heard(message) {
      if (!deadlines) return;
      if (message.type === 'head') expect(deadlines.firstTokenMs, 'first token');
      else if (message.type === 'delta') expect(deadlines.idleMs, 'further token');
      else rest();
    },
    end() {
      rest();
      clearTimeout(life);
    },
  };
}
