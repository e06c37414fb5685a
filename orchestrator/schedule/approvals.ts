import type { Answer, ApprovalScope } from '../../ipc/approval.ts';
import type { EventBody, EventOf } from '../../ipc/events.ts';
import { rootOf } from '../../ipc/run-kind.ts';
import type { Approval, RunState } from '../../state/run-state.ts';

/** The permissions that people gave and the open questions, computed from a run's state. Pure. */

/** Approvals without an answer, oldest first. */
export function pendingApprovals(state: RunState): EventOf<'approval.requested'>[] {
  return state.finished ? [] : [...state.waiting].flatMap((id) => state.approvals.get(id)?.asked ?? []);
}

/** Approvals whose deadline has passed, as answers that deny them. */
export function overdue(state: RunState, now: number): Answer[] {
  return pendingApprovals(state)
    .filter(({ deadline }) => Date.parse(deadline) <= now)
    .map(({ approval, default: answer }) => ({ approval, answer, scope: 'once' }));
}
export const byDeadline = 'the deadline';

/** The fact for an answer; none when the question is closed: only the first answer counts. */
export function answered(state: RunState, said: Answer, by: string): EventBody[] {
  const asked = state.approvals.get(said.approval)?.asked;
  if (!asked || !state.waiting.has(said.approval) || state.finished) return [];
  // Without a pattern there is nothing to keep for other runs.
  const scope = said.scope === 'always' && asked.pattern === undefined ? 'run' : said.scope;
  const { approval, agent } = asked;
  const reason = said.reason === undefined ? {} : { reason: said.reason };
  return [{ type: 'approval.answered', approval, agent, answer: said.answer, scope, by, ...reason }];
}

export type Allowed = Approval & { answer: EventOf<'approval.answered'> };

/** The permissions that count for calls of this agent: `call` names the one that a `once` may be for. */
export function allowedFor(state: RunState, agent: string, call: string): Allowed[] {
  return [...state.approvals.values()].filter((one): one is Allowed => {
    if (one.answer?.answer !== 'allow') return false;
    return one.answer.scope === 'once'
      ? one.asked.agent === agent && one.asked.call === call
      : reaches(one.answer.scope, one.asked.agent, agent);
  });
}

function reaches(scope: ApprovalScope, asker: string, agent: string): boolean {
  return scope === 'run' || scope === 'always' || (scope === 'task' && rootOf(asker) === rootOf(agent));
}

/** Command patterns that are allowed for all calls of this agent, in addition to its rules. */
export function allowedPatterns(state: RunState, agent: string): string[] {
  return allowedFor(state, agent, '').flatMap(({ asked }) => asked.pattern ?? []);
}

/** Files that hold keys or lie outside, and that this agent may read. */
export function allowedReads(state: RunState, agent: string): string[] {
  return allowedFor(state, agent, '').flatMap(({ asked }) => asked.exact.reads);
}

/** Hosts that vtcode may ask for pages on behalf of this agent. */
export function allowedHosts(state: RunState, agent: string): string[] {
  return allowedFor(state, agent, '').flatMap(({ asked }) => asked.exact.hosts ?? []);
}

/** Files outside the scope that this agent may write from now on. */
export function allowedLasting(state: RunState, agent: string): string[] {
  return allowedFor(state, agent, '').flatMap(({ asked }) => asked.exact.files);
}

/** Files outside its scope that a task may have changed: a permission for one call also counts at the hand-in. */
export function allowedFiles(state: RunState, task: string): string[] {
  return [...state.approvals.values()].flatMap(({ asked, answer }) =>
    answer?.answer === 'allow' && (rootOf(asked.agent) === task || reaches(answer.scope, asked.agent, task))
      ? asked.exact.files
      : [],
  );
}
