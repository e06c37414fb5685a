import { existsSync, readdirSync } from 'node:fs';
import type { Event } from '../ipc/events.ts';
import { Fault } from '../ipc/fault.ts';
import { isRunId } from '../ipc/ids.ts';
import type { Manifest } from '../ipc/manifest.ts';
import { foldAll } from '../state/fold.ts';
import { isHeld } from '../state/lease.ts';
import { manifestOf } from '../state/manifest.ts';
import { runPaths, statePaths } from '../state/paths.ts';
import { openRunLog } from '../state/run-log.ts';
import type { RunState } from '../state/run-state.ts';
import { nearest } from './nearest.ts';
import type { Place } from './place.ts';

/**
 * A run as its log tells it, and whether a host is at work on it now. Owns nothing. `broken`: the first event that was
 * changed by somebody, if it was asked for; null when there is none.
 */
export type ReadRun = { events: Event[]; state: RunState; manifest: Manifest; live: boolean; broken: number | null };

/** Reads a run; `audit` follows the chain of hashes as well. Throws run_unknown and the state's Faults. */
export async function readRun(place: Place, run: string, options: { audit?: boolean } = {}): Promise<ReadRun> {
  const paths = runPaths(place.state, requireRun(place, run));
  const log = openRunLog(paths.log, run, { readonly: true });
  try {
    const events = log.read();
    const state = foldAll(events);
    const live = isHeld(paths.lease);
    return {
      events,
      state,
      live,
      manifest: manifestOf(state, { live, logHead: log.headHash() }),
      broken: options.audit ? log.firstBroken() : null,
    };
  } finally {
    log.close();
  }
}

/** Ids of all runs on this machine, newest folder last. */
export function listRuns(place: Place): string[] {
  const folder = statePaths(place.state).runs;
  return existsSync(folder) ? readdirSync(folder).filter(isRunId) : [];
}

/** How many characters of an id a person has to give at least. */
const startMin = 3;

/** The run a person means: an id, or the start of exactly one. Throws run_unknown with what may have been meant. */
export function requireRun(place: Place, wanted: string): string {
  if (isRunId(wanted) && existsSync(runPaths(place.state, wanted).log)) return wanted;
  const all = listRuns(place);
  // An empty shell variable must never come to mean the only run there is.
  const start = wanted.replace(/^run_/, '');
  const matching = start.length < startMin ? [] : all.filter((run) => run.startsWith(`run_${start}`));
  if (matching.length === 1 && matching[0]) return matching[0];
  const meant = matching.length > 1 ? matching.slice(0, 3).join(', ') : nearest(wanted, all);
  throw new Fault('run_unknown', `There is no run ${wanted}.`, {
    advice: meant ? `Did you mean ${meant}?` : `vtcode list shows the runs.`,
  });
}
