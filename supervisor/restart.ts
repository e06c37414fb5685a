import { type BackOff, pauseMs } from '../ipc/back-off.ts';

/**
 * Restart: what follows when a supervised process has ended. Pure: who asks gives the time and the chance, and does what
 * comes out. After Erlang/OTP's supervisor (restart types, intensity within a sliding window), with a growing pause
 * between restarts, because what ends our processes is often a machine that is short of something.
 *
 * permanent: restarted when it ended by a failure, and when it was done.
 * transient: restarted when it ended by a failure.
 * temporary: never restarted.
 */
export type ChildSpec = {
  id: string;
  restart: 'permanent' | 'transient' | 'temporary';
  /** At most so many restarts within so long: one more, and it is given up. */
  intensity: { restartsMax: number; withinMs: number };
  /** The pause before the first restart; it doubles with each failure in a row up to the most. */
  backoff: BackOff;
  /** A life that lasted so long was healthy: failures before it are no longer counted for the pause. */
  healthyMs: number;
  /** How long it may take to end once it was asked to, before it is killed; 0: it is killed at once. */
  graceMs: number;
  /** What one life may take; null: as much as it likes. */
  limits: { memoryMb: number | null; lifeMs: number | null };
};

/**
 * How a process ended. `done`: it did what it was for. `configuration`: what it was told cannot work, so it would end the
 * same way again. `limit`, `waiting`: it can do nothing until somebody acts. `stopped`: somebody asked for it.
 */
export type ExitReason = 'done' | 'configuration' | 'limit' | 'waiting' | 'stopped' | 'crash' | 'memory' | 'stall';

export type Decision =
  | { next: 'restart'; afterMs: number }
  | { next: 'stay_down' }
  | { next: 'give_up'; crashes: number };

/** What a process's exit code, as the cli gives it, says of how it ended; null: it was killed or died without a word. */
export function reasonOf(exitCode: number | null): ExitReason {
  const reasons: Record<number, ExitReason> = {
    0: 'done',
    2: 'configuration',
    3: 'waiting',
    4: 'limit',
    130: 'stopped',
  };
  return exitCode === null ? 'crash' : (reasons[exitCode] ?? 'crash');
}

/**
 * What to do about a process that has ended. `starts`: when its lives that ended badly began, this one last, in
 * milliseconds. `chance` is from 0 to 1: many that died of one cause must not come back at one moment.
 */
export function decide(reason: ExitReason, starts: number[], spec: ChildSpec, now: number, chance: number): Decision {
  if (!isRestarted(reason, spec.restart)) return { next: 'stay_down' };
  const { restartsMax, withinMs } = spec.intensity;
  // A clock that was set back makes times from the future: they count as of now, so that nobody is restarted for ever.
  const lives = starts.map((at) => Math.min(at, now));
  const recent = lives.filter((at) => now - at < withinMs).length;
  if (recent > restartsMax) return { next: 'give_up', crashes: recent };
  return { next: 'restart', afterMs: pauseMs(failuresInARow(lives, now, spec.healthyMs), spec.backoff, chance) };
}

function isRestarted(reason: ExitReason, type: ChildSpec['restart']): boolean {
  const isFailure = reason === 'crash' || reason === 'memory' || reason === 'stall';
  return (isFailure && type !== 'temporary') || (reason === 'done' && type === 'permanent');
}

/** How many lives in a row, up to now, did not last until they were healthy. A life ends where the next begins. */
function failuresInARow(starts: number[], now: number, healthyMs: number): number {
  let count = 0;
  for (let at = starts.length - 1; at >= 0; at -= 1) {
    if ((starts[at + 1] ?? now) - starts[at]! >= healthyMs) break;
    count += 1;
  }
  return count;
}
