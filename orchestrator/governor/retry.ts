import { type BackOff, pauseMs } from '../../ipc/back-off.ts';
import type { FailureKind, ModelFailure } from '../../ipc/model.ts';
import { failureKinds } from './failure-kinds.ts';

/**
 * The next step after a failed model call. Pure.
 *
 * again: the same request after a pause, to the same model or, with `fromTop`, to the first of the chain. other: the
 * next model of the chain. shorten: the agent first makes its conversation shorter. over: no attempt can succeed.
 */
export type Verdict =
  | { next: 'again'; afterMs: number; fromTop?: true }
  | { next: 'other' }
  | { next: 'shorten' }
  | { next: 'over' };

/** The earlier failures of one call of one agent. */
export type Tries = {
  /** The kinds of the failures in a row with this model, this one last. */
  failures: FailureKind[];
  /** Whether some model of the chain was not tried since the call last started at the top of the chain. */
  othersLeft: boolean;
  /** The chain has no other model. */
  alone: boolean;
  /** Since the first failure of this call, in milliseconds. */
  sinceMs: number;
};

type Settings = { retries: number; patienceMs: number };

const shortenMax = 3;
/** The longest pause, in milliseconds: an overload at a vendor either ends within a minute or lasts long. */
export const pauseMsMax = 30_000;
const backOff: BackOff = { firstMs: 500, mostMs: pauseMsMax };

/** `random` is a number from 0 to 1: it jitters the pauses, so that many agents do not retry at the same moment. */
export function afterFailure(failure: ModelFailure, tries: Tries, settings: Settings, random: number): Verdict {
  const { hope } = failureKinds[failure.kind];
  if (hope === 'ours') return { next: 'over' };
  if (hope === 'shorter' && tries.failures.length <= shortenMax) return { next: 'shorten' };
  if (hope !== 'passes' && hope !== 'once') return tries.othersLeft ? { next: 'other' } : { next: 'over' };
  if (hope === 'once' && tries.failures.at(-2) === failure.kind)
    return tries.othersLeft ? { next: 'other' } : { next: 'over' };
  const again: Verdict = { next: 'again', afterMs: pauseAfter(failure, tries.failures.length, random) };
  // A request to slow down is a failure only if it lasts.
  const asked = failure.retryAfterMs ?? 0;
  const left = settings.patienceMs - tries.sinceMs;
  // No pause is longer than the patience; another model of the chain may work earlier.
  if (asked > left && !tries.othersLeft)
    return tries.alone || left <= 0
      ? { next: 'over' }
      : { ...again, afterMs: Math.min(left, pauseMsMax), fromTop: true };
  if (tries.failures.length <= settings.retries && (asked <= pauseMsMax || !tries.othersLeft)) return again;
  if (tries.othersLeft) return { next: 'other' };
  return tries.sinceMs + again.afterMs <= settings.patienceMs ? again : { next: 'over' };
}

function pauseAfter(failure: ModelFailure, failures: number, random: number): number {
  if (failure.retryAfterMs !== null) return failure.retryAfterMs * (1 + random * 0.1);
  return pauseMs(failures, backOff, random);
}
