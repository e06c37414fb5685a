import { setTimeout as sleep } from 'node:timers/promises';
import type { Event, EventBody } from '../../ipc/events.ts';
import { foldAll } from '../../state/fold.ts';
import { runOwned, takeLease } from '../../state/lease.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import type { RunState } from '../../state/run-state.ts';
import type { UserEnvironment } from '../environment/environment.ts';

/**
 * Writes facts durably into the log of a run without a host, as its owner for a moment. `facts` decides by the state at
 * that moment. Null: a host works on the run, and nothing was written.
 */
export function appendAsOwner(
  place: UserEnvironment,
  run: string,
  facts: (state: RunState) => EventBody[],
): Event[] | null {
  const paths = runPaths(place.state, run);
  const lease = takeLease(paths.lease);
  if (!lease) return null;
  try {
    const log = openRunLog(paths.log, run);
    try {
      const wanted = facts(foldAll(log.read()));
      if (wanted.length === 0) return [];
      log.own();
      return log.append(wanted, { at: new Date().toISOString(), durable: true });
    } finally {
      log.close();
    }
  } finally {
    lease.release();
  }
}

/**
 * How long to wait, in milliseconds, for a process that owns a run only to clean up after a dead host or to write
 * facts.
 */
const momentMsMax = 3_000;
const lookEveryMs = 100;

/** The same after a check that no host works on the run. Throws run_owned if one does by now. */
export async function appendSoon(
  place: UserEnvironment,
  run: string,
  facts: (state: RunState) => EventBody[],
): Promise<Event[]> {
  for (const started = performance.now(); performance.now() - started < momentMsMax; await sleep(lookEveryMs)) {
    const events = appendAsOwner(place, run, facts);
    if (events) return events;
  }
  throw runOwned(run);
}
