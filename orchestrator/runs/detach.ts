import { closeSync, futimesSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { isHeld } from '../../state/lease.ts';
import { runPaths, statePaths } from '../../state/paths.ts';
import { startDetached } from '../../supervisor/detached.ts';
import type { UserEnvironment } from '../environment/environment.ts';

/**
 * Starts a host for a detached run, with this person's environment, and makes sure that `supervise` keeps it alive. A
 * second host of the same run finds the lease taken and ends at once.
 */
export async function startDetachedHost(place: UserEnvironment, run: string): Promise<void> {
  await startHost(place, run, place.environment);
  await ensureSupervise(place);
}

/** Starts a host process for a run. Resolves when it runs, not when it owns the run. */
export function startHost(
  place: UserEnvironment,
  run: string,
  environment: Record<string, string>,
  onExit?: () => void,
): Promise<number> {
  const out = runPaths(place.state, run).hostOut;
  return startDetached({ words: ['host', run], environment, out, ...(onExit && { onExit }) });
}

/** Wakes `supervise`, or starts it if there is none. Call it after you have written the facts that it must see. */
export async function ensureSupervise(place: UserEnvironment): Promise<void> {
  const paths = statePaths(place.state);
  if (isHeld(paths.supervise)) return wake(paths.wake);
  await startDetached({ words: ['supervise'], environment: place.environment, out: paths.superviseOut });
}

/**
 * How often a host checks that `supervise` runs, in milliseconds: if both were dead, neither would be started again
 * before a person looks at the run.
 */
const lookEveryMs = 10_000;

/**
 * Lets a host start another `supervise` if that has died, without waking one that runs. The returned function ends
 * this.
 */
export function keepSupervise(place: UserEnvironment): () => void {
  const paths = statePaths(place.state);
  const look = async () => {
    if (!isHeld(paths.supervise)) await ensureSupervise(place);
  };
  // If the state folder was removed, none is needed; after any other failure the work goes on without it.
  const timer = setInterval(() => void look().catch(() => {}), lookEveryMs);
  return () => clearInterval(timer);
}

/** Touches the file that `supervise` watches. */
function wake(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const descriptor = openSync(file, 'a', 0o600);
  futimesSync(descriptor, new Date(), new Date());
  closeSync(descriptor);
}
