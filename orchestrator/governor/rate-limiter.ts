import * as z from 'zod/mini';
import type { RateLimits } from '../../ipc/model.ts';

/**
 * The rate limit of one key at one endpoint, as a row that all hosts share. Pure; times in milliseconds since 1970.
 *
 * A token bucket that mirrors the vendor's bucket. No RFC defines the vendors' headers; by custom they give limit,
 * remaining, and time until full. Every call takes its tokens at once, even below zero, and waits until the bucket has
 * filled up again: this is a queue without a list, fair to all processes. The vendor's headers correct the mirror.
 * Before the first header few calls go at a time, twice as many after each round without a failure.
 */
const bucket = z.object({ capacity: z.number(), level: z.number(), perMs: z.number(), at: z.number() });
export type Bucket = z.infer<typeof bucket>;
const rateFields = z.object({
  requests: z.nullable(bucket),
  tokens: z.nullable(bucket),
  /** The vendor asked all callers to wait until then. */
  blockedUntil: z.number(),
  /** Calls allowed at the same time while no limits are known; 0: no limit. */
  window: z.number(),
  /** Calls whose answer has not begun, with the time when they took their place, and their tokens. */
  open: z.record(z.string(), z.object({ at: z.number(), tokens: z.number() })),
});
export type RateRow = z.infer<typeof rateFields>;
/** The row as it lies in live.db: another version of vtcode may have written fewer fields. */
export const rateRow = z.pipe(
  z.partial(rateFields),
  z.transform((row): RateRow => whole(row)),
);

const firstWindow = 2;
/** When the window reaches this size, the vendor does not limit by count. */
const windowMax = 64;
/** The pause between two checks of a call that waits for the window. */
const lookAgainMs = 25;
/** A call whose answer has not begun by then is counted as lost with its host. */
const openMsMax = 300_000;
const minuteMs = 60_000;
/** The pause after a 429 that names none. */
const blockMs = 2_000;
/** The longest pause after one 429: the next call then tests whether it still holds. */
const blockMsMax = 300_000;
/** The longest time that any bucket takes to fill, whatever a server says. */
const dayMs = 86_400_000;

const fresh: RateRow = { requests: null, tokens: null, blockedUntil: 0, window: firstWindow, open: {} };

/** A row of another version of vtcode may lack fields. */
function whole(row: Partial<RateRow> | null): RateRow {
  return { ...fresh, ...row };
}

/** Takes a place for the call `id`, which may be sent after `waitMs`. `again`: there was no place, ask again then. */
export function enterQueue(
  row: RateRow | null,
  id: string,
  tokens: number,
  now: number,
): { row: RateRow; answer: { waitMs: number; again: boolean } } {
  const rate = withoutLost(whole(row), now);
  const known = rate.requests !== null || rate.tokens !== null;
  const blocked = blockedMs(rate, now);
  if (blocked > 0) return { row: rate, answer: { waitMs: blocked, again: true } };
  if (!known && rate.window > 0 && Object.keys(rate.open).length >= rate.window)
    return { row: rate, answer: { waitMs: lookAgainMs, again: true } };
  const requests = rate.requests && take(rate.requests, 1, now);
  const perTokens = rate.tokens && take(rate.tokens, Math.min(tokens, rate.tokens.capacity), now);
  const waitMs = Math.max(0, waitOf(requests), waitOf(perTokens));
  const open = { ...rate.open, [id]: { at: now + waitMs, tokens } };
  return { row: { ...rate, requests, tokens: perTokens, open }, answer: { waitMs, again: false } };
}

/**
 * Whether the call `id`, which has waited for its place, may be sent. If the vendor asked all to wait meanwhile, the
 * call gives its place back and takes a new one later: otherwise all waiting calls would be sent at the same moment.
 */
export function setOff(row: RateRow | null, id: string, now: number): { row: RateRow; answer: boolean } {
  const rate = whole(row);
  return blockedMs(rate, now) > 0 ? { row: leaveQueue(rate, id).row, answer: false } : { row: rate, answer: true };
}

/** How long the vendor asked all callers to wait. */
export function stillBlocked(row: RateRow | null, now: number): { row: RateRow; answer: { waitMs: number } } {
  const rate = whole(row);
  return { row: rate, answer: { waitMs: blockedMs(rate, now) } };
}

/** A longer time than any pause comes from a clock that was set back since. */
function blockedMs({ blockedUntil }: RateRow, now: number): number {
  const left = blockedUntil - now;
  return left > 0 && left <= blockMsMax ? left : 0;
}

/** The answer of call `id` began; the vendor's headers come with it. `rejected`: the status was 429. */
export function headOf(
  row: RateRow | null,
  id: string,
  limits: RateLimits | null,
  rejected: { retryAfterMs: number | null } | null,
  now: number,
): { row: RateRow; answer: undefined } {
  const rate = withoutLost(whole(row), now);
  const { [id]: _, ...open } = rate.open;
  const inFlight = Object.values(open);
  const tokensInFlight = inFlight.reduce((sum, one) => sum + one.tokens, 0);
  let requests = corrected(rate.requests, limits?.requests ?? null, inFlight.length, now);
  const tokens = corrected(rate.tokens, limits?.tokens ?? null, tokensInFlight, now);
  let { window, blockedUntil } = rate;
  if (rejected) {
    blockedUntil = now + Math.max(blockedMs(rate, now), Math.min(blockMsMax, rejected.retryAfterMs ?? blockMs));
    window = requests || tokens ? window : firstWindow;
    if (requests) requests = { ...requests, level: Math.min(requests.level, -inFlight.length) };
  } else if (window > 0) {
    window = window + 1 >= windowMax ? 0 : window + 1;
  }
  return { row: { requests, tokens, blockedUntil, window, open }, answer: undefined };
}

/** The call will not be sent. */
export function leaveQueue(row: RateRow | null, id: string): { row: RateRow; answer: undefined } {
  const rate = whole(row);
  const { [id]: mine, ...open } = rate.open;
  if (!mine) return { row: rate, answer: undefined };
  const back = (bucket: Bucket | null, amount: number) => bucket && { ...bucket, level: bucket.level + amount };
  return {
    row: { ...rate, open, requests: back(rate.requests, 1), tokens: back(rate.tokens, mine.tokens) },
    answer: undefined,
  };
}

/** The caller is gone and cannot report the end of the call. Its tokens are not given back: it may have been sent. */
export function loseTurn(row: RateRow | null, id: string): { row: RateRow; answer: undefined } {
  const rate = whole(row);
  const { [id]: _, ...open } = rate.open;
  return { row: { ...rate, open }, answer: undefined };
}

function withoutLost(rate: RateRow, now: number): RateRow {
  const open = Object.entries(rate.open).filter(([, { at }]) => now - at < openMsMax && at - now < dayMs);
  return open.length === Object.keys(rate.open).length ? rate : { ...rate, open: Object.fromEntries(open) };
}

function filled(bucket: Bucket, now: number): Bucket {
  const level = Math.min(bucket.capacity, bucket.level + Math.max(0, now - bucket.at) * bucket.perMs);
  return { ...bucket, level, at: now };
}

function take(bucket: Bucket, amount: number, now: number): Bucket {
  const full = filled(bucket, now);
  return { ...full, level: full.level - amount };
}

function waitOf(bucket: Bucket | null): number {
  if (!bucket || bucket.level >= 0) return 0;
  return Math.ceil(-bucket.level / bucket.perMs);
}

/**
 * Corrects the mirror by the vendor's headers. `inFlight`: tokens taken here that the vendor may not count yet. Heads
 * can arrive in the wrong order, so a level higher than ours is taken over slowly, a lower one at once.
 */
function corrected(bucket: Bucket | null, said: RateLimits['requests'], inFlight: number, now: number): Bucket | null {
  if (!said?.limit || said.remaining === null) return bucket && filled(bucket, now);
  const missing = said.limit - said.remaining;
  const measured = said.resetMs !== null && said.resetMs > 0 && missing > 0 ? missing / said.resetMs : null;
  const perMs = Math.max(said.limit / dayMs, measured ?? bucket?.perMs ?? said.limit / minuteMs);
  const level = said.remaining - inFlight;
  if (!bucket) return { capacity: said.limit, level, perMs, at: now };
  const mirror = filled({ ...bucket, capacity: said.limit }, now);
  const blended = level < mirror.level ? level : mirror.level + (level - mirror.level) * believed;
  return { capacity: said.limit, level: blended, perMs: bucket.perMs * (1 - believed) + perMs * believed, at: now };
}

const believed = 0.2;
