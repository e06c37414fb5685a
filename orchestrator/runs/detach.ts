import { closeSync, futimesSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { isHeld } from '../../state/lease.ts';
import { runPaths, statePaths } from '../../state/paths.ts';
import { startDetached } from '../../supervisor/detached.ts';
import type { Place } from '../environment/environment.ts';

/**
 * Starts a host for a detached run, with this person's environment, and sees to it that `supervise` keeps it alive. A
 * second host of one run finds its lease taken and ends at once.
 */
export async function startDetachedHost(place: Place, run: string): Promise<void> {
  await startHost(place, run, place.environment);
  await ensureSupervise(place);
}

/** Starts a host process for a run. Resolves when it runs, not when it owns the run. */
export function startHost(
  place: Place,
  run: string,
  environment: Record<string, string>,
  onExit?: () => void,
): Promise<number> {
  const out = runPaths(place.state, run).hostOut;
  return startDetached({ words: ['host', run], environment, out, ...(onExit && { onExit }) });
}

/** Wakes `supervise`, or starts it when there is none. Call it after what it is to see was written. */
export async function ensureSupervise(place: Place): Promise<void> {
  const paths = statePaths(place.state);
  if (isHeld(paths.supervise)) return wake(paths.wake);
  await startDetached({ words: ['supervise'], environment: place.environment, out: paths.superviseOut });
}

/**
 * How often a host looks whether `supervise` is there, in milliseconds: were both dead, nobody would start either before
 * somebody looks at the run.
 */
const lookEveryMs = 10_000;

/** Has a host start another `supervise` when that has died; nobody is woken. Ends with what it returns. */
export function keepSupervise(place: Place): () => void {
  const paths = statePaths(place.state);
  const look = async () => {
    if (!isHeld(paths.supervise)) await ensureSupervise(place);
  };
  // A state folder that was taken away needs none; whatever else is wrong, the work goes on without.
  const timer = setInterval(() => void look().catch(() => {}), lookEveryMs);
  return () => clearInterval(timer);
}

/** Touches the file that `supervise` looks at. */
function wake(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const descriptor = openSync(file, 'a', 0o600);
  futimesSync(descriptor, new Date(), new Date());
  closeSync(descriptor);
}
