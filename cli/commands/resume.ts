import { isConversation } from '../../ipc/run-kind.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { stateOf } from '../../orchestrator/runs/read-run.ts';
import { goOn } from '../attached/go-on.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode resume`: goes on with a run from where its log ends. A finished run only says so. */
export default async function resume(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  const { created, finished } = stateOf(session.place, run);
  if (!isConversation(created.options) || finished) return goOn(session, run, { accept: options.yes === true });
  const { goOnTalking } = await import('./chat.ts');
  return goOnTalking(session, run);
}
