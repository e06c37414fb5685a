import * as z from 'zod/mini';
/**
 * A circuit breaker for one endpoint, as a row that all hosts share: after some failures in a row nobody asks it for a
 * while, then one call is let through to see whether it is back. Pure; times in milliseconds since 1970.
 */
export const breakerRow = z.object({
  /** Failures in a row. */
  failures: z.number(),
  /** The endpoint is left alone until then. */
  openUntil: z.number(),
  /** How long it was left alone last, in milliseconds; it doubles while probes fail. */
  openMs: z.number(),
  /** A probe is under way until then at the latest. */
  probeUntil: z.number(),
  /** What the last failure was, in words; holds no key. */
  reason: z.string(),
});
export type Breaker = z.infer<typeof breakerRow>;

const failuresMax = 5;
const openMsFirst = 15_000;
const openMsMax = 300_000;
/** A probe whose host died is given up after this. */
const probeMs = 60_000;

const closed: Breaker = { failures: 0, openUntil: 0, openMs: 0, probeUntil: 0, reason: '' };

/** `waitMs` until the next probe, 0: a call may be made now; `reason`: what the last failure was. */
type Entered = { waitMs: number; reason: string };

/** May a call be made now? */
export function enter(breaker: Breaker | null, now: number): { row: Breaker; answer: Entered } {
  const row = breaker ?? closed;
  const { reason } = row;
  if (row.failures < failuresMax) return { row, answer: { waitMs: 0, reason } };
  const free = Math.max(row.openUntil, row.probeUntil);
  // Longer than any circuit is open: written by a clock that has been set since.
  if (now < free && free - now <= openMsMax) return { row, answer: { waitMs: free - now, reason } };
  return { row: { ...row, probeUntil: now + probeMs }, answer: { waitMs: 0, reason } };
}

/** After a call that was answered, in whatever words: the endpoint works. */
export function succeeded(): { row: Breaker; answer: undefined } {
  return { row: closed, answer: undefined };
}

/** After a failure that speaks against the endpoint. */
export function failed(breaker: Breaker | null, reason: string, now: number): { row: Breaker; answer: undefined } {
  const row = { ...(breaker ?? closed), failures: (breaker?.failures ?? 0) + 1, probeUntil: 0, reason };
  if (row.failures < failuresMax || now < row.openUntil) return { row, answer: undefined };
  const openMs = Math.min(openMsMax, row.openMs === 0 ? openMsFirst : row.openMs * 2);
  return { row: { ...row, openUntil: now + openMs, openMs }, answer: undefined };
}
