import type { ModelSettings } from '../../ipc/config.ts';
import type { EventBody } from '../../ipc/events.ts';
import type { Endpoint } from '../../ipc/model.ts';
import { rootOf } from '../../ipc/run-kind.ts';
import type { LiveRows } from '../../state/live.ts';
import type { RunState, Spent } from '../../state/run-state.ts';
import type { ModelChoice } from '../models/resolve.ts';
import type { Reservation } from './budget.ts';

/** What the governor works with: one per host. */
export type GovernorParts = {
  run: string;
  state(): RunState;
  record(facts: EventBody[]): Promise<unknown>;
  /** Ends the host: a limit of the run is reached. */
  stopRun(reason: string): void;
  signal: AbortSignal;
  settings: ModelSettings;
  /** Where and with which key a model is asked; null for the embedded one. Throws Faults that say what is missing. */
  open(choice: ModelChoice): Promise<Endpoint | null>;
  live: LiveRows;
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0 to 1. */
  random(): number;
};

/** What the governor keeps of the model calls of one live agent beside the log. */
export type Calling = {
  /** What was reserved for a call whose `model.granted` is not in the state yet. */
  reserved: Reservation | null;
  /** The number of the call that was granted last, unless it has failed since. */
  lastGranted: number | null;
};

export type Governor = GovernorParts & {
  /** The live agents that may call models, by name. */
  callers: Map<string, Calling>;
  /** The host finishes what is under way: no further call is granted. */
  drains: boolean;
  /** Facts of calls that this host cut off when it was stopped: written with its last words. */
  lastFacts: EventBody[];
  /** A call ended: others may get what it had reserved. */
  settled(): void;
  untilSettled(): Promise<void>;
};

/** How long a call that waits for others' reservations waits at most before it looks again, in milliseconds. */
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

/** What was granted and is not in the state yet: of the whole run, and of the agent's task. */
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

/** Whether a model call is under way: granted, and its end is not in the log yet. */
export function isCalling({ callers, state }: Governor): boolean {
  const { agents } = state();
  return [...callers].some(([agent, { lastGranted }]) => (agents.get(agent)?.heard ?? 0) < (lastGranted ?? 0));
}

/** Longer than any host takes to finish what is under way, in milliseconds. */
const drainsMs = 3_600_000;

/** A host that finishes what is under way lets nobody get past this: it resolves when the host has stopped. */
export async function untilGranting({ drains, signal }: Governor): Promise<void> {
  if (drains) await pause(drainsMs, signal);
}

/** The longest that a timer of the runtime can wait, in milliseconds: beyond it, it does not wait at all. */
const timerMsMax = 2 ** 31 - 1;

/** Resolves after `ms`, or at once when the signal says so. */
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
