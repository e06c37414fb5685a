import { requireRun } from '../orchestrator/find-run.ts';
import { retryTasks } from '../orchestrator/retry.ts';
import { sendToBackground } from './background.ts';
import type { Outcome, Session } from './session.ts';
import { workOnRun } from './work-on-run.ts';

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
