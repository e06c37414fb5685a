import type { ModelSettings } from '../../ipc/config.ts';
import type { EventBody } from '../../ipc/events.ts';
import type { Endpoint } from '../../ipc/model.ts';
import { rootOf } from '../../ipc/run-kind.ts';
import { timerMsMax } from '../../ipc/timer.ts';
import type { LiveRows } from '../../state/live.ts';
import type { RunState, Spent } from '../../state/run-state.ts';
import type { ModelChoice } from '../models/resolve.ts';
import type { Reservation } from './budget.ts';

/** The parts that the governor needs; one set for each host. */
export type GovernorParts = {
  run: string;
  state(): RunState;
  record(facts: EventBody[]): Promise<unknown>;
  /** Ends the host, because the run has reached a limit. */
  stopRun(reason: string): void;
  signal: AbortSignal;
  settings: ModelSettings;
  /** The address and the key for a model; null for the embedded model. Throws Faults that say what is missing. */
  open(choice: ModelChoice): Promise<Endpoint | null>;
  live: LiveRows;
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0 to 1. */
  random(): number;
};

/** The governor's data about the model calls of one live agent that the log does not hold. */
export type Calling = {
  /** The reservation of a call whose `model.granted` is not in the state yet. */
  reserved: Reservation | null;
  /** The number of the last granted call, unless it has failed since. */
  lastGranted: number | null;
};

export type Governor = GovernorParts & {
  /** The live agents that may call models, by name. */
  callers: Map<string, Calling>;
  /** The host drains: open calls may finish, and no further call is granted. */
  drains: boolean;
  /** Facts of calls that this host cut off when it was stopped: it writes them just before it ends. */
  lastFacts: EventBody[];
  /** A call has ended: other calls may use its reservation. */
  settled(): void;
  untilSettled(): Promise<void>;
};

/** The longest wait of a call for others' reservations before it checks again, in milliseconds. */
const lookAgainMs = 1_000;

export function openGovernor(parts: GovernorParts): Governor {
  const waiting = new Set<() => void>();
  return {
    ...parts,
    callers: new Map(),
    drains: false,
    lastFacts: [],
    settled() {
      for (const wake of waiting) wake();
      waiting.clear();
    },
    async untilSettled() {
      const heard = Promise.withResolvers<void>();
      waiting.add(heard.resolve);
      await Promise.race([heard.promise, pause(lookAgainMs, parts.signal)]);
      waiting.delete(heard.resolve);
    },
  };
}

/** Granted calls that are not in the state yet: of the whole run, and of the agent's task. */
export function pendingOf(governor: Governor, agent: string): { run: Spent; task: Spent } {
  const sum = { run: { calls: 0, tokens: 0, usd: 0 }, task: { calls: 0, tokens: 0, usd: 0 } };
  for (const [name, { reserved }] of governor.callers)
    for (const scope of reserved === null ? [] : rootOf(name) === rootOf(agent) ? [sum.run, sum.task] : [sum.run]) {
      scope.calls += 1;
      scope.tokens += reserved?.tokens ?? 0;
      scope.usd += reserved?.usd ?? 0;
    }
  return sum;
}

/** Whether a model call is open: granted, and without an end in the log. */
export function isCalling({ callers, state }: Governor): boolean {
  const { agents } = state();
  return [...callers].some(([agent, { lastGranted }]) => (agents.get(agent)?.heard ?? 0) < (lastGranted ?? 0));
}

/** Longer than any host takes to drain, in milliseconds. */
const drainsMs = 3_600_000;

/** In a host that drains, a caller waits here until the host has stopped. */
export async function untilGranting({ drains, signal }: Governor): Promise<void> {
  if (drains) await pause(drainsMs, signal);
}

/** Resolves after `ms`, or at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (!(ms > 0) || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, timerMsMax));
    signal.addEventListener('abort', done, { once: true });
  });
}
