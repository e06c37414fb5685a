import { retryTasks } from '../../orchestrator/operations/retry.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { sendToBackground } from '../attached/background.ts';
import { workOnRun } from '../attached/work-on-run.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode retry`: a run that tries parked tasks of another one again, on top of its branch. */
export default async function retry(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const from = requireRun(session.place, words[0] ?? '');
  const detached = options.detach === true;
  const run = await retryTasks(session.place, from, words[1] ?? null, { detached });
  return detached ? sendToBackground(session, run) : workOnRun(session, run, 'plan', true);
}
