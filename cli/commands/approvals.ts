import { waitingApprovals, waitingPlans } from '../../orchestrator/runs/find-approval.ts';
import { count } from '../../tui/text/plan-text.ts';
import { questionLines } from '../../tui/text/question.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode approvals`: the calls and plans that wait for a person, of every run on this machine. */
export default async function approvals(session: Session): Promise<Outcome> {
  const found = waitingApprovals(session.place, (run, why) => session.warn(`${run}: ${why}`));
  const plans = waitingPlans(session.place);
  session.emit({ approvals: found.map(({ run, live, asked }) => ({ ...asked, run, live })), plans });
  for (const { asked, run } of found) session.say(...questionLines(asked, run), '');
  for (const { run, goal, tasks } of plans)
    session.say(
      `${run}: a plan of ${count(tasks, 'task')} waits: ${goal.split('\n')[0]}`,
      `  vtcode show ${run} shows it; vtcode approve ${run} accepts it, vtcode deny ${run} declines it.`,
      '',
    );
  if (found.length === 0 && plans.length === 0) session.say('Nothing waits for you.');
  if (found.length > 0)
    session.say('Answer with: vtcode approve <id> [--for once|task|run|always], or vtcode deny <id> [why]');
  return { exitCode: 0 };
}
