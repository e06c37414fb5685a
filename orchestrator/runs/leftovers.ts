import { isHeld, takeLease } from '../../state/lease.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import { familyNumber } from '../../supervisor/limit-mark.ts';
import { livingFamilies, sweepFamily } from '../../supervisor/process-tree.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { hasAccount, listRuns } from './find-run.ts';

/**
 * Ends processes that dead hosts left running, in case their reapers were killed too: every live family of a run
 * without an owner. Returns how many processes were ended. Never throws for a run that cannot be read. `finished`: also
 * checks finished runs, which may be very many.
 */
export async function sweepLeftovers(place: UserEnvironment, { finished = true } = {}): Promise<number> {
  const living = livingFamilies();
  let ended = 0;
  // Unfinished runs first: nearly all families belong to them, and then the many others need not be read.
  const runs = listRuns(place);
  const done = new Set(runs.filter((run) => hasAccount(place, run)));
  for (const run of [...runs.filter((one) => !done.has(one)), ...(finished ? done : [])]) {
    if (living.size === 0) break;
    ended += await sweepRun(place, run, living).catch(() => 0);
  }
  return ended;
}

/** Removes the families of the run from `living`, and ends them if the run has no owner. */
async function sweepRun(place: UserEnvironment, run: string, living: Set<string>): Promise<number> {
  const paths = runPaths(place.state, run);
  const log = openRunLog(paths.log, run, { readonly: true });
  const families = log.families().filter((family) => living.delete(familyNumber(family)));
  log.close();
  // This check costs nothing; taking the lease would wait for its holder.
  const lease = families.length > 0 && !isHeld(paths.lease) ? takeLease(paths.lease) : null;
  if (!lease) return 0;
  try {
    let ended = 0;
    for (const family of families) ended += await sweepFamily(family);
    return ended;
  } finally {
    lease.release();
  }
}
