import { type BackOff, pauseMs } from '../ipc/back-off.ts';

/**
 * Restart: the next step after a supervised process has ended. Pure: the caller gives the time and the chance, and
 * carries the decision out. After Erlang/OTP's supervisor (restart types, intensity within a sliding window), with a
 * growing pause between restarts, because our processes often end on a machine that is short of something.
 *
 * permanent: restarted after a failure, and after it was done.
 * transient: restarted after a failure.
 * temporary: never restarted.
 */
export type ChildSpec = {
  id: string;
  restart: 'permanent' | 'transient' | 'temporary';
  /** At most so many restarts within this time: after one more failure it is given up. */
  intensity: { restartsMax: number; withinMs: number };
  /** The pause before the first restart; it doubles with each failure in a row, up to the maximum. */
  backoff: BackOff;
  /** A life that lasted so long was healthy: failures before it no longer lengthen the pause. */
  healthyMs: number;
  /** How long it may take to end after a request, before it is killed; 0: it is killed at once. */
  graceMs: number;
  /** The memory and the time that one life may take; null: no limit. */
  limits: { memoryMb: number | null; lifeMs: number | null };
};

/**
 * How a process ended. `done`: it finished its work. `configuration`: its settings cannot work, so it would end the
 * same way again. `limit`, `waiting`: it can do nothing until a person acts. `stopped`: a person asked for it.
 */
export type ExitReason = 'done' | 'configuration' | 'limit' | 'waiting' | 'stopped' | 'crash' | 'memory' | 'stall';

export type Decision =
  | { next: 'restart'; afterMs: number }
  | { next: 'stay_down' }
  | { next: 'give_up'; crashes: number };

/** How a process ended, by its exit code as the cli defines it; null: it was killed, or died without an exit code. */
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
 * The decision about a process that has ended. `starts`: the start times of its failed lives, this one last, in
 * milliseconds. `chance` is from 0 to 1: processes that died for the same reason must not all restart at the same
 * moment.
 */
export function decide(reason: ExitReason, starts: number[], spec: ChildSpec, now: number, chance: number): Decision {
  if (!isRestarted(reason, spec.restart)) return { next: 'stay_down' };
  const { restartsMax, withinMs } = spec.intensity;
  // A clock that was set back leaves times in the future: they count as now, so that no process is restarted forever.
  const lives = starts.map((at) => Math.min(at, now));
  const recent = lives.filter((at) => now - at < withinMs).length;
  if (recent > restartsMax) return { next: 'give_up', crashes: recent };
  return { next: 'restart', afterMs: pauseMs(failuresInARow(lives, now, spec.healthyMs), spec.backoff, chance) };
}

function isRestarted(reason: ExitReason, type: ChildSpec['restart']): boolean {
  const isFailure = reason === 'crash' || reason === 'memory' || reason === 'stall';
  return (isFailure && type !== 'temporary') || (reason === 'done' && type === 'permanent');
}

/** How many of the latest lives in a row were too short to be healthy. A life ends where the next begins. */
function failuresInARow(starts: number[], now: number, healthyMs: number): number {
  let count = 0;
  for (let at = starts.length - 1; at >= 0; at -= 1) {
    if ((starts[at + 1] ?? now) - starts[at]! >= healthyMs) break;
    count += 1;
  }
  return count;
}
