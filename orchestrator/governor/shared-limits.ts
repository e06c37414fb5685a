import { createHash } from 'node:crypto';
import type { Endpoint, ModelFailure, RateLimits } from '../../ipc/model.ts';
import type { ModelChoice } from '../models/resolve.ts';
import { type Breaker, enter, failed, succeeded } from './circuit-breaker.ts';
import { failureKinds } from './failure-kinds.ts';
import { type House, pause } from './governor.ts';
import { enterPace, headOf, leavePace, losePlace, type Pace, setOff, stillBlocked } from './rate-limiter.ts';

/** What all hosts of the machine share about one key and one endpoint, read and written in live.db. */

/** The pace row of a key with an endpoint. The key itself is never written: a part of its hash tells keys apart. */
export function paceKeyOf(endpoint: Endpoint): string {
  const words = `${endpoint.vendor}\n${endpoint.baseUrl}\n${endpoint.key ?? ''}`;
  return `pace:${createHash('sha256').update(words).digest('hex').slice(0, 20)}`;
}

/** How long the endpoint is to be left alone, in milliseconds, and what its last failure was; 0: a call may be made. */
export function breakerWait(house: House, choice: ModelChoice): { waitMs: number; reason: string } {
  if (choice.endpoint === null) return { waitMs: 0, reason: '' };
  const enterNow = (row: Breaker | null) => enter(row, house.now());
  return house.live.change<Breaker, { waitMs: number; reason: string }>(breakerKey(choice), enterNow);
}

function breakerKey(choice: ModelChoice): string {
  return `breaker:${choice.vendor}:${choice.endpoint?.baseUrl}`;
}

/** How long a 429 still stops everybody on a key, in milliseconds. */
export function blockOf(house: House, key: string): number {
  const blocked = (row: Pace | null) => stillBlocked(row, house.now());
  return house.live.change<Pace, { waitMs: number }>(key, blocked).waitMs;
}

/** Waits for the call's turn with its key; `delayed` hears of each wait before it begins, in milliseconds. */
export async function keepPace(
  house: House,
  { key, id, tokens }: { key: string; id: string; tokens: number },
  delayed: (ms: number) => void,
): Promise<void> {
  const enterNow = (row: Pace | null) => enterPace(row, id, tokens, house.now());
  const setOffNow = (row: Pace | null) => setOff(row, id, house.now());
  while (!house.signal.aborted) {
    const place = house.live.change<Pace, { waitMs: number; again: boolean }>(key, enterNow);
    delayed(place.waitMs);
    // Those that were turned away come back one after the other.
    await pause(place.waitMs * (place.again ? 1 + house.random() * 0.2 : 1), house.signal);
    if (!place.again && house.live.change<Pace, boolean>(key, setOffNow)) return;
  }
  giveBack(house, key, id);
}

/** A call that took its place will not be made. */
export function giveBack(house: House, key: string, id: string): void {
  house.live.change<Pace, undefined>(key, (row) => leavePace(row, id));
}

/** Nobody will hear the answer of a call: its place is free for others, with the same key and of other hosts too. */
export function tellLost(house: House, key: string, id: string): void {
  house.live.change<Pace, undefined>(key, (row) => losePlace(row, id));
}

/** The answer of a call began. */
export function tellHead(house: House, key: string, id: string, limits: RateLimits | null): void {
  house.live.change<Pace, undefined>(key, (row) => headOf(row, id, limits, null, house.now()));
}

export function tellAnswered(house: House, choice: ModelChoice): void {
  if (choice.endpoint !== null) house.live.change<Breaker, undefined>(breakerKey(choice), succeeded);
}

type FailedCall = { choice: ModelChoice; paceKey: string; id: string; headSeen: boolean };

export function tellFailed(house: House, { choice, paceKey, id, headSeen }: FailedCall, failure: ModelFailure): void {
  if (choice.endpoint === null) return;
  const rejected = failure.kind === 'rate_limited' ? { retryAfterMs: failure.retryAfterMs } : null;
  if (!headSeen || rejected)
    house.live.change<Pace, undefined>(paceKey, (row) => headOf(row, id, null, rejected, house.now()));
  if (failureKinds[failure.kind].endpoint)
    house.live.change<Breaker, undefined>(breakerKey(choice), (row) => failed(row, failure.reason, house.now()));
  else if (failure.kind !== 'ended') tellAnswered(house, choice);
}
