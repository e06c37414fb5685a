import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../ipc/events.ts';
import { Fault } from '../ipc/fault.ts';
import { requireRun } from '../orchestrator/find-run.ts';
import { readRun } from '../orchestrator/read-run.ts';
import { isHeld } from '../state/lease.ts';
import { runPaths } from '../state/paths.ts';
import { openRunLog } from '../state/run-log.ts';
import type { Outcome, Session } from './session.ts';

/** How long a host may take to stop before we say that it did not, in milliseconds. */
const stopMs = 15_000;

/** `vtcode stop`: asks the host of a run to end; the run can be resumed. */
export default async function stop(
  session: Session,
  _options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  const paths = runPaths(session.place.state, run);
  const before = await readRun(session.place, run);
  if (!before.live) {
    session.say(`Nobody is working on ${run}: it is ${before.manifest.state}.`);
    return { exitCode: 0, run, seq: before.manifest.events, manifest: before.manifest };
  }
  const log = openRunLog(paths.log, run);
  log.say('stop', '', 'vtcode stop', new Date().toISOString());
  log.close();
  for (let waited = 0; isHeld(paths.lease); waited += 50) {
    if (waited > stopMs)
      throw new Fault(
        'process_failed',
        `The host of ${run} was told to stop and has not ended after ${stopMs / 1000} s.`,
        { advice: `End process ${hostProcess(before.events)}; the run can be resumed in any case.` },
      );
    await sleep(50);
  }
  const { manifest } = await readRun(session.place, run);
  session.say(`Stopped ${run}. Go on with: vtcode resume ${run}`);
  return { exitCode: 0, run, seq: manifest.events, manifest };
}

/** The number of the process that last said it works on the run. */
function hostProcess(events: Event[]): string {
  const last = events.findLast((event) => event.type === 'host.started');
  return last?.type === 'host.started' ? last.process : 'of the host';
}
