import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../ipc/events.ts';
import { hostWish } from '../../state/desired-host.ts';
import { begin, fold } from '../../state/fold.ts';
import { isHeld } from '../../state/lease.ts';
import { fileStamp } from '../../state/open.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import type { RunState } from '../../state/run-state.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { ensureSupervise } from './detach.ts';

/**
 * One reading of a run: the events since the last reading, the state after them, and whether a host is at work.
 * `isOver`: no more events come by themselves; the run has finished, or a person has to act.
 */
export type Look = { events: Event[]; state: RunState; live: boolean; isOver: boolean };

/** How often a run is read, in milliseconds. */
const lookEveryMs = 100;
/** How often the process checks that `supervise` runs for a run that wants a host. */
const superviseEveryMs = 2_000;

/**
 * Reads a run again and again, at first from its beginning, until the caller leaves the loop, usually when the run is
 * over. A detached run whose host has died is not over; `supervise` is started for it if necessary.
 */
export async function* followRun(place: UserEnvironment, run: string): AsyncGenerator<Look> {
  const paths = runPaths(place.state, run);
  const open = () => openRunLog(paths.log, run, { readonly: true });
  let stamp = fileStamp(paths.log);
  let log = open();
  try {
    let state: RunState | undefined;
    for (let askedAt = Number.NEGATIVE_INFINITY; ; await sleep(lookEveryMs)) {
      // The lease first: then everything that its holder wrote before releasing it is certainly read.
      const live = isHeld(paths.lease);
      if (log.isCopy && fileStamp(paths.log) !== stamp) {
        log.close();
        stamp = fileStamp(paths.log);
        log = open();
      }
      const events = log.read(state?.seq ?? 0);
      for (const event of events) state = state ? fold(state, event) : begin(event);
      if (!state) throw new Error(`The log of ${run} is empty.`);
      const wantsHost = state.created.options.detached === true && hostWish(state) === 'host';
      if (!live && wantsHost && performance.now() - askedAt > superviseEveryMs) {
        askedAt = performance.now();
        await ensureSupervise(place);
      }
      yield { events, state, live, isOver: !live && !wantsHost };
    }
  } finally {
    log.close();
  }
}
