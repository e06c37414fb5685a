import { statSync } from 'node:fs';
import { isHeld } from '../../state/lease.ts';
import { runPaths } from '../../state/paths.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { hasAccount, listRuns } from './find-run.ts';

/**
 * How many detached runs of this machine have a host at work and are older than this one. The oldest run has none
 * before it, so one run always works, however many wait for memory. Reads only files: it is called each second while a
 * run waits.
 */
export function olderDetached(place: UserEnvironment, run: string): number {
  const madeAt = (one: string) => statSync(runPaths(place.state, one).log, { throwIfNoEntry: false })?.birthtimeMs ?? 0;
  const own = madeAt(run);
  return listRuns(place).filter((one) => {
    const at = madeAt(one);
    if (one === run || hasAccount(place, one) || at > own || (at === own && one > run)) return false;
    const { hostOut, lease } = runPaths(place.state, one);
    return statSync(hostOut, { throwIfNoEntry: false }) !== undefined && isHeld(lease);
  }).length;
}
