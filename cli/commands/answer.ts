import { type ApprovalScope, writeAnswer } from '../../ipc/approval.ts';
import { Fault } from '../../ipc/fault.ts';
import { addStandingRule } from '../../orchestrator/config/standing-rules.ts';
import { ensureSupervise } from '../../orchestrator/runs/detach.ts';
import { type Found, findApproval, waitingApprovals } from '../../orchestrator/runs/find-approval.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import { tellRun } from '../../orchestrator/runs/tell-run.ts';
import { answered } from '../../orchestrator/schedule/approvals.ts';
import type { Outcome, Session } from '../session.ts';

/** The approval a person means: by its id, or as the only one of a run. Null: it is a run that waits for something else. */
export function approvalMeant(session: Session, wanted: string): Found | null {
  const found = findApproval(session.place, wanted);
  if (found) return found;
  const run = requireRun(session.place, wanted);
  const all = waitingApprovals(session.place, () => {}).filter((one) => one.run === run);
  if (all.length > 1)
    throw new Fault(
      'usage',
      `${run} asks for ${all.length} things: ${all.map(({ asked }) => asked.approval).join(', ')}.`,
      {
        advice: 'Answer each by its id; vtcode approvals shows what they are.',
      },
    );
  return all[0] ?? null;
}

/** Writes a person's answer down, through the host or, without one, into the log. */
export async function answerApproval(
  session: Session,
  { run, asked }: Found,
  said: { answer: 'allow' | 'deny'; scope: ApprovalScope; reason?: string },
): Promise<Outcome> {
  const { approval, pattern, exact } = asked;
  if (said.scope === 'always' && pattern === undefined)
    throw new Fault('usage', `There is no pattern for this call, so it cannot be allowed for good: ${exact.summary}`, {
      advice: `vtcode approve ${approval} --for run allows exactly this for the rest of the run.`,
    });
  const by = said.answer === 'allow' ? 'vtcode approve' : 'vtcode deny';
  const given = { approval, ...said };
  await tellRun(session.place, run, {
    ...{ command: 'answer', argument: writeAnswer(given), by },
    facts: (state) => answered(state, given, by),
    isTaken: (event) => event.type === 'approval.answered' && event.approval === approval,
  });
  const { state, manifest, live } = await readRun(session.place, run);
  const first = state.approvals.get(approval)?.answer;
  if (first?.by !== by || first.answer !== said.answer)
    throw new Fault('usage', `${approval} was answered a moment before: ${first?.answer} by ${first?.by}.`, {
      advice: 'The first answer counts.',
    });
  const kept =
    first.scope === 'always' && pattern !== undefined ? addStandingRule(session.place.configFile, pattern) : null;
  session.emit({ run, approval, answer: first.answer, scope: first.scope, pattern: pattern ?? null, kept });
  session.say(`${first.answer === 'allow' ? `Allowed (${first.scope})` : 'Denied'}: ${exact.summary}`);
  if (kept !== null) session.say(`From now on allowed in every run: ${pattern}   (kept in ${kept})`);
  if (state.created.options.detached) await ensureSupervise(session.place);
  else if (!live) session.say(`Go on with: vtcode resume ${run}`);
  return { exitCode: 0, run, manifest, isDocument: true };
}
