import { createHash } from 'node:crypto';
import type { Endpoint, ModelFailure, RateLimits } from '../../ipc/model.ts';
import type { ModelChoice } from '../models/resolve.ts';
import { type Breaker, breakerRow, enter, failed, succeeded } from './circuit-breaker.ts';
import { failureKinds } from './failure-kinds.ts';
import { type Governor, pause } from './governor.ts';
import {
  enterQueue,
  headOf,
  leaveQueue,
  loseTurn,
  type RateRow,
  rateRow,
  setOff,
  stillBlocked,
} from './rate-limiter.ts';

/** The limits that all hosts of this machine share for one key and one endpoint, kept in live.db. */

/** The rate row of a key at an endpoint. The row holds no key, only a part of its hash. */
export function rateKeyOf(endpoint: Endpoint): string {
  const words = `${endpoint.vendor}\n${endpoint.baseUrl}\n${endpoint.key ?? ''}`;
  return `pace:${createHash('sha256').update(words).digest('hex').slice(0, 20)}`;
}

/** How long hosts must leave the endpoint alone, in milliseconds, and its last failure; 0: a call may be made. */
export function breakerWait(governor: Governor, choice: ModelChoice): { waitMs: number; reason: string } {
  if (choice.endpoint === null) return { waitMs: 0, reason: '' };
  const enterNow = (row: Breaker | null) => enter(row, governor.now());
  return governor.live.change(breakerKey(choice), breakerRow, enterNow);
}

function breakerKey(choice: ModelChoice): string {
  return `breaker:${choice.vendor}:${choice.endpoint?.baseUrl}`;
}

/** How long a 429 still blocks all calls with a key, in milliseconds. */
export function blockOf(governor: Governor, key: string): number {
  const blocked = (row: RateRow | null) => stillBlocked(row, governor.now());
  return governor.live.change(key, rateRow, blocked).waitMs;
}

/** Waits for the call's turn with its key; `delayed` is called before each wait, in milliseconds. */
export async function waitForRate(
  governor: Governor,
  { key, id, tokens }: { key: string; id: string; tokens: number },
  delayed: (ms: number) => void,
): Promise<void> {
  const enterNow = (row: RateRow | null) => enterQueue(row, id, tokens, governor.now());
  const setOffNow = (row: RateRow | null) => setOff(row, id, governor.now());
  while (!governor.signal.aborted) {
    const place = governor.live.change(key, rateRow, enterNow);
    delayed(place.waitMs);
    // Rejected calls are retried one after the other.
    await pause(place.waitMs * (place.again ? 1 + governor.random() * 0.2 : 1), governor.signal);
    if (!place.again && governor.live.change(key, rateRow, setOffNow)) return;
  }
  giveBack(governor, key, id);
}

/** A call that took a place will not be made. */
export function giveBack(governor: Governor, key: string, id: string): void {
  governor.live.change(key, rateRow, (row) => leaveQueue(row, id));
}

/** No agent will read the answer of a call: its place is free for other calls with the key, in this and other hosts. */
export function tellLost(governor: Governor, key: string, id: string): void {
  governor.live.change(key, rateRow, (row) => loseTurn(row, id));
}

/** The answer of a call has begun. */
export function tellHead(governor: Governor, key: string, id: string, limits: RateLimits | null): void {
  governor.live.change(key, rateRow, (row) => headOf(row, id, limits, null, governor.now()));
}

export function tellAnswered(governor: Governor, choice: ModelChoice): void {
  if (choice.endpoint !== null) governor.live.change(breakerKey(choice), breakerRow, succeeded);
}

type FailedCall = { choice: ModelChoice; rateKey: string; id: string; headSeen: boolean };

export function tellFailed(
  governor: Governor,
  { choice, rateKey, id, headSeen }: FailedCall,
  failure: ModelFailure,
): void {
  if (choice.endpoint === null) return;
  const rejected = failure.kind === 'rate_limited' ? { retryAfterMs: failure.retryAfterMs } : null;
  if (!headSeen || rejected)
    governor.live.change(rateKey, rateRow, (row) => headOf(row, id, null, rejected, governor.now()));
  if (failureKinds[failure.kind].endpoint)
    governor.live.change(breakerKey(choice), breakerRow, (row) => failed(row, failure.reason, governor.now()));
  else if (failure.kind !== 'ended') tellAnswered(governor, choice);
}
