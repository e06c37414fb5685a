import type { Event } from '../../ipc/events.ts';
import type { Manifest } from '../../ipc/manifest.ts';
import { checkChain } from '../../state/audit-chain.ts';
import { foldAll } from '../../state/fold.ts';
import { isHeld } from '../../state/lease.ts';
import { manifestOf } from '../../state/manifest.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import type { RunState } from '../../state/run-state.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { requireRun } from './find-run.ts';

/**
 * A run as its log describes it, and whether a host is at work on it now. Owns nothing. `broken`: the first event that
 * was tampered with, if that was checked; null when there is none.
 */
export type ReadRun = { events: Event[]; state: RunState; manifest: Manifest; live: boolean; broken: number | null };

/** The state of a run, from its log. Throws the state's Faults. */
export function stateOf(place: UserEnvironment, run: string): RunState {
  const log = openRunLog(runPaths(place.state, run).log, run, { readonly: true });
  try {
    return foldAll(log.read());
  } finally {
    log.close();
  }
}

/** Reads a run; `audit` also verifies the hash chain. Throws run_unknown and the state's Faults. */
export async function readRun(
  place: UserEnvironment,
  run: string,
  options: { audit?: boolean } = {},
): Promise<ReadRun> {
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
      manifest: manifestOf(state, { live, logHead: log.newest().hash }),
      broken: options.audit ? (checkChain(log.rows(), []).broken?.seq ?? null) : null,
    };
  } finally {
    log.close();
  }
}
