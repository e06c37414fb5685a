import type { EventBody } from '../../ipc/events.ts';
import { appendSoon } from '../../orchestrator/runs/append-as-owner.ts';
import { startDetachedHost } from '../../orchestrator/runs/detach.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import { runOwned } from '../../state/lease.ts';
import type { RunState } from '../../state/run-state.ts';
import type { Outcome, Session } from '../session.ts';
import { summaryText } from './summary-text.ts';
import { workOnRun } from './work-on-run.ts';

/**
 * Goes on with a run: here, or for a detached one with a host of its own. `accept`: a plan that waits is accepted first.
 * Throws run_owned when a host works on it.
 */
export async function goOn(session: Session, run: string, { accept }: { accept: boolean }): Promise<Outcome> {
  const { state, manifest, events, live } = await readRun(session.place, run);
  if (state.finished && state.phase.value === 'finished') {
    for (const event of events) session.emit(event);
    session.say(...summaryText(manifest));
    return { exitCode: state.finished.exitCode, run, seq: manifest.events, manifest };
  }
  if (!live) await appendSoon(session.place, run, (now) => [...(accept ? acceptance(now) : []), ...wanted(now)]);
  if (state.created.options.detached !== true) return workOnRun(session, run, state.created.options.mode);
  if (live) throw runOwned(run);
  await startDetachedHost(session.place, run);
  session.say(`${run} goes on in the background. Watch it with: vtcode attach ${run}`);
  return { exitCode: 0, run, seq: manifest.events, manifest: (await readRun(session.place, run)).manifest };
}

function acceptance(state: RunState): EventBody[] {
  if (state.phase.value !== 'proposed') return [];
  return [{ type: 'plan.accepted', by: 'vtcode', dropChecks: [] }];
}

/** A person wants a host again, where the log says otherwise. An attached run gets one without it. */
function wanted(state: RunState): EventBody[] {
  const isAsked = state.intent !== 'run' || state.gaveUp !== null || state.created.options.detached === true;
  return isAsked ? [{ type: 'run.intended', intent: 'run', by: 'vtcode resume' }] : [];
}
