import { waitingApprovals } from '../../orchestrator/runs/find-approval.ts';
import { questionLines } from '../../tui/text/question.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode approvals`: what waits for a person, of every run on this machine. */
export default async function approvals(session: Session): Promise<Outcome> {
  const found = waitingApprovals(session.place, (run, why) => session.warn(`${run}: ${why}`));
  session.emit({ approvals: found.map(({ run, live, asked }) => ({ ...asked, run, live })) });
  for (const { asked, run } of found) session.say(...questionLines(asked, run), '');
  if (found.length === 0) session.say('Nothing waits for you.');
  else session.say('Answer with: vtcode approve <id> [--for once|task|run|always], or vtcode deny <id> [why]');
  return { exitCode: 0 };
}
