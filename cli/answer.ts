import { type Answer, type ApprovalScope, writeAnswer } from '../ipc/approval.ts';
import type { EventOf } from '../ipc/events.ts';
import { Fault } from '../ipc/fault.ts';
import { answered } from '../orchestrator/approvals.ts';
import { ensureSupervise } from '../orchestrator/detach.ts';
import { type Found, findApproval, waitingApprovals } from '../orchestrator/find-approval.ts';
import { requireRun } from '../orchestrator/find-run.ts';
import { readRun } from '../orchestrator/read-run.ts';
import { addStandingRule } from '../orchestrator/standing-rules.ts';
import { tellRun } from '../orchestrator/tell-run.ts';
import type { Outcome, Session } from './session.ts';

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

const scopes: Record<string, ApprovalScope> = {
  ...{ y: 'once', yes: 'once', t: 'task', task: 'task', r: 'run', run: 'run', a: 'always', always: 'always' },
};

/**
 * What a person's words at a question mean: exactly one of the words that it names, or `no` and perhaps why. Null: none of
 * them, and nothing is answered.
 */
export function answerOf({ approval, pattern }: EventOf<'approval.requested'>, said: string): Answer | null {
  const words = said.trim();
  const [, reason] = /^(?:n|no)\b[\s,.:;-]*(.*)$/is.exec(words) ?? [];
  if (reason !== undefined) return { approval, answer: 'deny', scope: 'once', ...(reason !== '' && { reason }) };
  const scope = scopes[words.toLowerCase()];
  if (scope === undefined || (scope === 'always' && pattern === undefined)) return null;
  return { approval, answer: 'allow', scope };
}

/** The words of a question; `later`: what anything else means. */
export function choices({ pattern }: EventOf<'approval.requested'>, later: string): string {
  const always = pattern === undefined ? '' : `, [a]lways (${pattern})`;
  return `  [y]es once, for this [t]ask, for this [r]un${always}, [n]o and why, anything else: ${later}  `;
}

/** What a person is shown before they answer: exactly what would be done, where, and why they are asked. */
export function questionLines(asked: EventOf<'approval.requested'>, run: string | null): string[] {
  const { exact, rule, risk, approval, agent, pattern, deadline } = asked;
  const files = [
    ...exact.files.map((file) => `    writes ${file}`),
    ...(exact.preview ?? []).map((line) => `    ${line}`),
  ];
  return [
    `? ${approval}  ${run === null ? agent : `${run}/${agent}`} asks to ${exact.command === undefined ? 'do' : 'run'}, in ${exact.directory}:`,
    ...exact.summary.split('\n').map((line) => `    ${line}`),
    ...files,
    `  why it is asked: ${rule}; ${risk === 'contained' ? 'the walls would hold it' : 'the walls would not make it harmless'}`,
    `  denied if nobody answers until ${deadline.slice(0, 16).replace('T', ' ')} UTC`,
    `  for longer than once it stands for: ${pattern ?? longer(exact)}`,
  ];
}

/** What an answer for longer means where there is no pattern. */
function longer({ files, reads }: EventOf<'approval.requested'>['exact']): string {
  if (files.length > 0) return `any change of ${files.join(', ')}`;
  return reads.length > 0 ? `reading ${reads.join(', ')}` : 'exactly the same again';
}
