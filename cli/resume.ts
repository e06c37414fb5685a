import { requireRun } from '../orchestrator/find-run.ts';
import { ownRun } from '../orchestrator/own-run.ts';
import { readRun } from '../orchestrator/read-run.ts';
import type { Outcome, Session } from './session.ts';
import { summaryText } from './summary-text.ts';
import { workOnRun } from './work-on-run.ts';

/** `vtcode resume`: goes on with a run from where its log ends. A finished run only says so. */
export default async function resume(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  const before = await readRun(session.place, run);
  if (before.state.finished && !before.state.undo) {
    for (const event of before.events) session.emit(event);
    session.say(...summaryText(before.manifest));
    return { exitCode: before.state.finished.exitCode, run, seq: before.manifest.events, manifest: before.manifest };
  }
  if (options.yes && before.manifest.state === 'waiting') await acceptPlan(session, run);
  return workOnRun(session, run, before.state.created.options.mode);
}

/** Writes the acceptance of a waiting plan as the run's owner. */
export async function acceptPlan(session: Session, run: string): Promise<void> {
  const owned = await ownRun(session.place, run, {});
  owned.log.append([{ type: 'plan.accepted', by: 'vtcode', dropChecks: [] }], {
    at: new Date().toISOString(),
    durable: true,
  });
  await owned.close();
}
