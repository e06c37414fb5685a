import * as z from 'zod/mini';
/**
 * A circuit breaker for one endpoint, as a row that all hosts share. After some failures in a row no host calls the
 * endpoint for a while; then one call, the probe, tests whether it works again. Pure; times in milliseconds since 1970.
 */
export const breakerRow = z.object({
  /** Failures in a row. */
  failures: z.number(),
  /** No calls until then. */
  openUntil: z.number(),
  /** The length of the last pause, in milliseconds; it doubles while probes fail. */
  openMs: z.number(),
  /** A probe is under way; it counts until then at the latest. */
  probeUntil: z.number(),
  /** The last failure in words; holds no key. */
  reason: z.string(),
});
export type Breaker = z.infer<typeof breakerRow>;

const failuresMax = 5;
const openMsFirst = 15_000;
const openMsMax = 300_000;
/** A probe whose host died is given up after this. */
const probeMs = 60_000;

const closed: Breaker = { failures: 0, openUntil: 0, openMs: 0, probeUntil: 0, reason: '' };

/** `waitMs`: time until the next probe; 0: a call may be made now. `reason`: the last failure. */
type Entered = { waitMs: number; reason: string };

/** Whether a call may be made now. */
export function enter(breaker: Breaker | null, now: number): { row: Breaker; answer: Entered } {
  const row = breaker ?? closed;
  const { reason } = row;
  if (row.failures < failuresMax) return { row, answer: { waitMs: 0, reason } };
  const free = Math.max(row.openUntil, row.probeUntil);
  // No circuit stays open for longer: the clock was set back after this row was written.
  if (now < free && free - now <= openMsMax) return { row, answer: { waitMs: free - now, reason } };
  return { row: { ...row, probeUntil: now + probeMs }, answer: { waitMs: 0, reason } };
}

/** After any answer, even an error about the request: the endpoint works. */
export function succeeded(): { row: Breaker; answer: undefined } {
  return { row: closed, answer: undefined };
}

/** After a failure that counts against the endpoint. */
export function failed(breaker: Breaker | null, reason: string, now: number): { row: Breaker; answer: undefined } {
  const row = { ...(breaker ?? closed), failures: (breaker?.failures ?? 0) + 1, probeUntil: 0, reason };
  if (row.failures < failuresMax || now < row.openUntil) return { row, answer: undefined };
  const openMs = Math.min(openMsMax, row.openMs === 0 ? openMsFirst : row.openMs * 2);
  return { row: { ...row, openUntil: now + openMs, openMs }, answer: undefined };
}
