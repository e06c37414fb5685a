import { type BackOff, pauseMs } from '../../ipc/back-off.ts';
import type { ModelFailure } from '../../ipc/model.ts';
import { failureKinds } from './failure-kinds.ts';

/**
 * What follows a failed model call. Pure.
 *
 * again: the same request to the same model, after a while; `fromTop`: to the first of the chain. other: the next model of the chain. shorten: the agent makes
 * its conversation shorter first. over: nothing can be hoped for.
 */
export type Verdict =
  | { next: 'again'; afterMs: number; fromTop?: true }
  | { next: 'other' }
  | { next: 'shorten' }
  | { next: 'over' };

/** What went before, for one call of one agent. */
export type Tries = {
  /** Failures in a row with this model, this one included. */
  withModel: number;
  /** Whether a model of the chain has not been tried since the call last began from the chain's top. */
  othersLeft: boolean;
  /** The chain has no other model. */
  alone: boolean;
  /** Since the first failure of this call, in milliseconds. */
  sinceMs: number;
};

type Settings = { retries: number; patienceMs: number };

/** An answer that is not in the format is rarely better the third time. */
const malformedMax = 2;
const shortenMax = 3;
/** The longest pause, in milliseconds: vendors' overloads pass within a minute or last. */
export const pauseMsMax = 30_000;
const backOff: BackOff = { firstMs: 500, mostMs: pauseMsMax };

/** `random` is a number from 0 to 1: pauses are jittered so that many agents do not come back at once. */
export function afterFailure(failure: ModelFailure, tries: Tries, settings: Settings, random: number): Verdict {
  const { kind } = failure;
  const { hope } = failureKinds[kind];
  if (hope === 'ours') return { next: 'over' };
  if (hope === 'shorter' && tries.withModel <= shortenMax) return { next: 'shorten' };
  if (hope !== 'passes') return tries.othersLeft ? { next: 'other' } : { next: 'over' };
  const again: Verdict = { next: 'again', afterMs: pauseAfter(failure, tries.withModel, random) };
  const max = kind === 'malformed' ? Math.min(malformedMax, settings.retries) : settings.retries;
  // Being asked to slow down is no failure: only one that lasts is.
  const asked = failure.retryAfterMs ?? 0;
  const left = settings.patienceMs - tries.sinceMs;
  // Nobody waits for longer than the patience lasts; another model of the chain may be back before.
  if (asked > left && !tries.othersLeft)
    return tries.alone || left <= 0
      ? { next: 'over' }
      : { ...again, afterMs: Math.min(left, pauseMsMax), fromTop: true };
  if (tries.withModel <= max && (asked <= pauseMsMax || !tries.othersLeft)) return again;
  if (tries.othersLeft) return { next: 'other' };
  if (kind === 'malformed') return { next: 'over' };
  return tries.sinceMs + again.afterMs <= settings.patienceMs ? again : { next: 'over' };
}

function pauseAfter(failure: ModelFailure, failures: number, random: number): number {
  if (failure.retryAfterMs !== null) return failure.retryAfterMs * (1 + random * 0.1);
  return pauseMs(failures, backOff, random);
}
