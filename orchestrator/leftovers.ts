import { takeLease } from '../state/lease.ts';
import { runPaths } from '../state/paths.ts';
import { openRunLog } from '../state/run-log.ts';
import { livingFamilies, sweepFamily } from '../supervisor/family.ts';
import { listRuns } from './find-run.ts';
import type { Place } from './place.ts';

/**
 * Ends what dead hosts left running, should their reapers have been killed too: every family that lives and belongs to a
 * run that nobody owns. Answers how many processes were ended. Never throws.
 */
export async function sweepLeftovers(place: Place): Promise<number> {
  const living = livingFamilies();
  if (living.size === 0) return 0;
  let ended = 0;
  for (const run of listRuns(place)) ended += await sweepRun(place, run, living).catch(() => 0);
  return ended;
}

async function sweepRun(place: Place, run: string, living: Set<string>): Promise<number> {
  const paths = runPaths(place.state, run);
  const lease = takeLease(paths.lease);
  if (!lease) return 0;
  try {
    const log = openRunLog(paths.log, run, { readonly: true });
    const families = log.families();
    log.close();
    let ended = 0;
    for (const family of families) if (living.has(family)) ended += await sweepFamily(family);
    return ended;
  } finally {
    lease.release();
  }
}
