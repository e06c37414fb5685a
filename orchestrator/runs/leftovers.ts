import { isHeld, takeLease } from '../../state/lease.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import { familyNumber } from '../../supervisor/limit-mark.ts';
import { livingFamilies, sweepFamily } from '../../supervisor/process-tree.ts';
import type { Place } from '../environment/environment.ts';
import { hasAccount, listRuns } from './find-run.ts';

/**
 * Ends what dead hosts left running, should their reapers have been killed too: every family that lives and belongs to a
 * run that nobody owns. Answers how many processes were ended. Never throws for a run that cannot be read. `finished`:
 * looks at runs that have finished as well, which may be very many.
 */
export async function sweepLeftovers(place: Place, { finished = true } = {}): Promise<number> {
  const living = livingFamilies();
  let ended = 0;
  // Unfinished runs first: they explain nearly all families, and the many others need not be read then.
  const runs = listRuns(place);
  const done = new Set(runs.filter((run) => hasAccount(place, run)));
  for (const run of [...runs.filter((one) => !done.has(one)), ...(finished ? done : [])]) {
    if (living.size === 0) break;
    ended += await sweepRun(place, run, living).catch(() => 0);
  }
  return ended;
}

/** Takes the families of the run out of `living`, and ends them if nobody owns it. */
async function sweepRun(place: Place, run: string, living: Set<string>): Promise<number> {
  const paths = runPaths(place.state, run);
  const log = openRunLog(paths.log, run, { readonly: true });
  const families = log.families().filter((family) => living.delete(familyNumber(family)));
  log.close();
  // A look costs nothing; whoever wants what somebody has waits for it.
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
