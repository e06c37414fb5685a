import { setTimeout as sleep } from 'node:timers/promises';
import type { Event, EventBody } from '../../ipc/events.ts';
import { foldAll } from '../../state/fold.ts';
import { runOwned, takeLease } from '../../state/lease.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import type { RunState } from '../../state/run-state.ts';
import type { Place } from '../environment/environment.ts';

/**
 * Writes facts into the log of a run that nobody works on, durably, as its owner for a moment. `facts` decides by the
 * state as it is then. Null: a host works on it, and nothing was written.
 */
export function appendAsOwner(place: Place, run: string, facts: (state: RunState) => EventBody[]): Event[] | null {
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

/** Who ends what a dead host left, or writes a word of its own, owns a run for a moment: so long it is waited for, in milliseconds. */
const momentMsMax = 3_000;
const lookEveryMs = 100;

/** The same for who has looked that no host works on the run. Throws run_owned when one does by now. */
export async function appendSoon(place: Place, run: string, facts: (state: RunState) => EventBody[]): Promise<Event[]> {
  for (const started = performance.now(); performance.now() - started < momentMsMax; await sleep(lookEveryMs)) {
    const events = appendAsOwner(place, run, facts);
    if (events) return events;
  }
  throw runOwned(run);
}
