/** A pause that grows: `firstMs` after the first failure, twice as much after each further one, `mostMs` at most. */
export type BackOff = { firstMs: number; mostMs: number };

/**
 * The pause after so many failures in a row, in milliseconds. `chance` is from 0 to 1 and decides half of it, so that
 * callers that failed for the same reason do not all retry at the same moment. Pure.
 */
export function pauseMs(failures: number, { firstMs, mostMs }: BackOff, chance: number): number {
  return Math.round(Math.min(mostMs, firstMs * 2 ** Math.max(0, failures - 1)) * (0.5 + chance / 2));
}
