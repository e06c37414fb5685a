import { type ApprovalScope, approvalScope } from '../../ipc/approval.ts';
import type { Event, EventBody } from '../../ipc/events.ts';
import { Fault } from '../../ipc/fault.ts';
import { type Found, findApproval } from '../../orchestrator/runs/find-approval.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import { tellRun } from '../../orchestrator/runs/tell-run.ts';
import { questionLines } from '../../tui/text/question.ts';
import { goOn } from '../attached/go-on.ts';
import { summaryText } from '../attached/summary-text.ts';
import { workOnRun } from '../attached/work-on-run.ts';
import type { Outcome, Session } from '../session.ts';
import { answerApproval, approvalMeant } from './answer.ts';

/**
 * `vtcode approve`: allows a tool call that waits, or accepts (with `--decline`: declines) a plan that waits. If a host
 * works on the run it gets the answer; otherwise this process takes the run over and works on it.
 */
export default async function approve(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const wanted = words[0] ?? '';
  const found = approvalMeant(session, wanted);
  if (found && options.decline) return answerApproval(session, found, { answer: 'deny', scope: 'once' });
  if (found) {
    requireSeen(session, found, wanted);
    return answerApproval(session, found, { answer: 'allow', scope: scopeOf(options.for) });
  }
  if (options.for !== undefined)
    throw new Fault('usage', `Nothing of ${wanted} waits that --for could be said of.`, {
      advice: 'vtcode approvals shows what waits.',
    });
  const run = requireRun(session.place, wanted);
  const { manifest } = await readRun(session.place, run);
  if (manifest.state !== 'waiting')
    throw new Fault('usage', `Run ${run} does not wait for an answer: it is ${manifest.word}.`, {
      advice: `vtcode show ${run} says more.`,
    });
  return answerPlan(session, run, options.decline ? 'decline' : 'approve');
}

/** A run may ask for something else by now than a person has read: what is allowed is named by its own id. */
function requireSeen(session: Session, { asked, run }: Found, wanted: string): void {
  if (findApproval(session.place, wanted)) return;
  session.say(...questionLines(asked, run), '');
  throw new Fault('usage', `${wanted} names a run, and a call is allowed by its own id: ${asked.approval}.`, {
    advice: `When you have read what it would do: vtcode approve ${asked.approval}`,
  });
}

function scopeOf(wanted: unknown): ApprovalScope {
  const scope = approvalScope.safeParse(wanted ?? 'once');
  if (scope.success) return scope.data;
  throw new Fault('usage', `--for ${String(wanted)} is no scope.`, { advice: 'Say once, task, run or always.' });
}

/**
 * Accepts or declines a plan: through the host of the run or, without one, in its log; then this process goes on with
 * the run. Throws usage when another process answered first.
 */
async function answerPlan(session: Session, run: string, command: 'approve' | 'decline'): Promise<Outcome> {
  const by = 'vtcode approve';
  const answer = (): EventBody =>
    command === 'approve'
      ? { type: 'plan.accepted', by, dropChecks: [] }
      : { type: 'plan.declined', by, reason: 'declined' };
  const writer = await tellRun(session.place, run, {
    ...{ command, argument: '', by },
    facts: (state) => (state.phase.value === 'proposed' ? [answer()] : []),
    isTaken: isPlanAnswer,
  });
  const { events, manifest } = await readRun(session.place, run);
  const given = events.findLast(isPlanAnswer);
  if (given?.type !== answer().type)
    throw new Fault('usage', `The plan of ${run} was answered a moment before: it is ${manifest.word}.`, {
      advice: 'The first answer counts.',
    });
  if (writer === 'host') {
    session.say(`Told the host of ${run}: ${command}.`);
    return { exitCode: 0, run, seq: manifest.events, manifest };
  }
  if (command === 'approve') return goOn(session, run, { accept: false });
  const outcome = await workOnRun({ ...session, say: () => {} }, run);
  if (outcome.manifest) session.say(...summaryText(outcome.manifest));
  return { ...outcome, exitCode: 0 };
}

function isPlanAnswer({ type }: Event): boolean {
  return type === 'plan.accepted' || type === 'plan.declined';
}
