import type { EventBody } from '../../ipc/events.ts';
import { type FaultCode, faultTable } from '../../ipc/fault.ts';
import type { OpenCall } from '../../state/run-state.ts';
import { type FinishArguments, finish } from '../../tools/contracts/finish.ts';
import { proposePlan } from '../../tools/contracts/propose-plan.ts';
import { unended } from '../agent-runs/delegation.ts';
import type { AgentsAccess } from '../agent-runs/sessions.ts';
import { planFaults } from '../plans/plan-rules.ts';
import { planTops, scopesFromTop } from '../plans/plan-scopes.ts';
import type { ActOf } from '../schedule/due.ts';

/**
 * The tools that end an agent. The host answers them itself. A string is a refusal for the agent; facts are the result
 * of the call.
 */
type Answer = string | EventBody[];

/** `finish` and `propose_plan`: the agent hands in and ends. */
export function handIn(act: ActOf<'tool'>, open: OpenCall, parsed: unknown, context: AgentsAccess): Answer {
  const state = context.state();
  const life = state.agents.get(act.agent)?.phase.context.life ?? 1;
  const atWork = unended(act.agent, context);
  if (atWork !== null) return atWork;
  const early = tooEarly(act, parsed, context);
  if (early !== null) return early;
  if (open.name === proposePlan.name) {
    const draft = proposePlan.arguments.parse(parsed);
    const tasks = scopesFromTop(draft.tasks, planTops(context)).map((task) => ({ ...task, checks: [], sites: [] }));
    const plan = { goal: state.created.goal, summary: draft.summary, tasks, checks: [], sites: [] };
    const faults = planFaults(plan, state.created.config, []);
    if (faults.length > 0) return `The plan cannot be run: ${faults.join('; ')}`;
  }
  const handoff =
    open.name === proposePlan.name
      ? { outcome: 'done' as const, summary: 'A plan.' }
      : handoffOf(finish.arguments.parse(parsed));
  const result = { text: 'Handed in.', isError: false };
  const head = { type: 'tool.finished' as const, agent: act.agent, call: act.call, name: open.name };
  context.sessions.get(act.agent)?.end([]);
  return [
    { ...head, verdict: 'allowed', rule: 'answered by the host', result },
    { type: 'agent.finished', agent: act.agent, life, handoff },
  ];
}

/** The reason why an agent may not hand in beside the other calls of its turn, or null. */
function tooEarly(act: ActOf<'tool'>, parsed: unknown, context: AgentsAccess): string | null {
  const agent = context.state().agents.get(act.agent);
  if ((agent?.open.size ?? 0) > 1) return 'Not handed in: only the last of several in one turn counts.';
  const claimsDone = finish.arguments.safeParse(parsed).data?.outcome === 'done';
  if (!agent?.unseen || !claimsDone) return null;
  return 'Not handed in: look first at what the other calls of this turn came to.';
}

/** How often a planner may hand in an invalid plan. */
const repairsMax = 4;

/** The end of a planner whose plan is invalid once too often; no facts for other calls and earlier plans. */
export function repairsUsedUp(act: ActOf<'tool'>, open: OpenCall, words: string, context: AgentsAccess): EventBody[] {
  if (open.name !== proposePlan.name) return [];
  const wrong = context.log
    .readAbout(act.agent)
    .filter((event) => event.type === 'tool.finished' && event.name === proposePlan.name && event.result.isError);
  if (wrong.length + 1 < repairsMax) return [];
  const life = context.state().agents.get(act.agent)?.phase.context.life ?? 1;
  const summary = `No plan that can be run came of ${repairsMax} tries. The last one: ${words}`;
  return [
    { type: 'agent.finished', agent: act.agent, life, handoff: { outcome: 'cannot', summary, code: 'plan_invalid' } },
  ];
}

function handoffOf({ code: said, ...rest }: FinishArguments) {
  const code = said !== undefined && said in faultTable ? (said as FaultCode) : undefined;
  return { ...rest, ...(code && { code }) };
}
