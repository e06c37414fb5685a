import { Fault } from '../../ipc/fault.ts';
import type { Outcome, Session } from '../session.ts';
import { answerApproval, approvalMeant } from './answer.ts';
import approve from './approve.ts';

/** `vtcode deny`: no to a call that waits, with a reason that its agent is told; no to a plan that waits. */
export default async function deny(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const [wanted = '', ...more] = words;
  const found = approvalMeant(session, wanted);
  const reason = more.join(' ').trim();
  if (found) return answerApproval(session, found, { answer: 'deny', scope: 'once', ...(reason !== '' && { reason }) });
  if (reason !== '')
    throw new Fault('usage', `Nothing of ${wanted} waits that could be denied with a reason.`, {
      advice: `vtcode approvals shows what waits; vtcode deny ${wanted} declines a plan.`,
    });
  return approve(session, { ...options, decline: true }, [wanted]);
}
