import { startDetachedHost } from '../../orchestrator/runs/detach.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import type { Outcome, Session } from '../session.ts';

/** Gives a run that was made detached to a host of its own, and says its id: alone on standard output, so that it can be used. */
export async function sendToBackground(session: Session, run: string): Promise<Outcome> {
  await startDetachedHost(session.place, run);
  const { state } = await readRun(session.place, run);
  session.emit({ run, name: state.created.name ?? null, detached: true });
  session.say(run);
  return { exitCode: 0, run, isDocument: true };
}
