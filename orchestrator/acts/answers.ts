import type { EventBody } from '../../ipc/events.ts';
import { type FaultCode, faultTable } from '../../ipc/fault.ts';
import type { ToolResult } from '../../ipc/message.ts';
import type { OpenCall } from '../../state/run-state.ts';
import { delegate } from '../../tools/delegate.ts';
import { type FinishArguments, finish } from '../../tools/finish.ts';
import { proposePlan } from '../../tools/propose-plan.ts';
import type { ActOf, HostContext } from '../context.ts';
import { hasEnded } from '../due.ts';
import { nearest } from '../nearest.ts';
import { planFaults } from '../plan-rules.ts';

/**
 * The tools that the host answers itself. They have no effect on files: they end an agent, or start another.
 * A string is a refusal that the agent hears; facts are what the call came to.
 */
type Answer = string | EventBody[];

/** `finish` and `propose_plan`: the agent hands over and ends. */
export function handIn(act: ActOf<'tool'>, open: OpenCall, parsed: unknown, context: HostContext): Answer {
  const state = context.state();
  const life = state.agents.get(act.agent)?.life ?? 1;
  if (open.name === proposePlan.name) {
    const draft = proposePlan.arguments.parse(parsed);
    const tasks = draft.tasks.map((task) => ({ ...task, checks: [], sites: [] }));
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

/** How often a planner may hand in a plan that cannot be run. */
const repairsMax = 4;

/** The end of a planner whose plan is wrong once too often; nothing for other calls and earlier ones. */
export function repairsUsedUp(act: ActOf<'tool'>, open: OpenCall, words: string, context: HostContext): EventBody[] {
  if (open.name !== proposePlan.name) return [];
  const wrong = context.log
    .readAbout(act.agent)
    .filter((event) => event.type === 'tool.finished' && event.name === proposePlan.name && event.result.isError);
  if (wrong.length + 1 < repairsMax) return [];
  const life = context.state().agents.get(act.agent)?.life ?? 1;
  const summary = `No plan that can be run came of ${repairsMax} tries. The last one: ${words}`;
  return [
    { type: 'agent.finished', agent: act.agent, life, handoff: { outcome: 'cannot', summary, code: 'plan_invalid' } },
  ];
}

function handoffOf({ code: said, ...rest }: FinishArguments) {
  const code = said !== undefined && said in faultTable ? (said as FaultCode) : undefined;
  return { ...rest, ...(code && { code }) };
}

/** What a delegated agent came to, as its parent's tool result; null while it is at work or was never started. */
export function delegated(act: ActOf<'tool'>, context: HostContext): ToolResult | null {
  const state = context.state();
  const child = state.agents.get(state.agents.get(act.agent)?.delegates.get(act.call) ?? '');
  if (!child || !hasEnded(child, state)) return null;
  const { handoff } = child;
  if (!handoff) return { text: 'The agent kept crashing; nothing came of it.', isError: true };
  const { outcome, summary, ...more } = handoff;
  const lines = Object.entries(more).map(
    ([name, value]) => `${name}: ${Array.isArray(value) ? value.join('; ') : value}`,
  );
  return { text: [`${outcome}: ${summary}`, ...lines].join('\n'), isError: outcome !== 'done' };
}

/** Starts an agent for the call. Its facts make the parent wait. */
export function delegateTo(act: ActOf<'tool'>, parsed: unknown, context: HostContext): Answer {
  const state = context.state();
  const { role, prompt } = delegate.arguments.parse(parsed);
  const { roles, limits } = state.created.config;
  const helpers = Object.keys(roles).filter(
    (name) => name !== 'planner' && !roles[name]?.tools.includes(proposePlan.name),
  );
  if (!helpers.includes(role)) {
    const meant = nearest(role, helpers);
    return `There is no role '${role}' (${meant ? `did you mean '${meant}'?` : `known: ${helpers.join(', ')}`}).`;
  }
  const started = [...state.agents.values()].filter((agent) => agent.delegated).length;
  if (started >= limits.starts)
    return `This run has started its ${limits.starts} agents (limits.starts). Do this yourself.`;
  const depth = act.agent.split('/').length;
  if (depth > limits.depth) return `Agents may be ${limits.depth} deep (limits.depth). Do this yourself.`;
  const name = newName(act.agent, context);
  return [{ type: 'agent.delegated', agent: name, parent: act.agent, call: act.call, role, prompt }];
}

/** Names given by this host: several calls of one turn get theirs before the first is in the log. */
const named = new WeakMap<HostContext, Set<string>>();

function newName(parent: string, context: HostContext): string {
  const given = named.get(context) ?? new Set();
  named.set(context, given);
  const { agents } = context.state();
  let number = 1;
  while (agents.has(`${parent}/${number}`) || given.has(`${parent}/${number}`)) number += 1;
  given.add(`${parent}/${number}`);
  return `${parent}/${number}`;
}

/** An agent that now waits only for others gives its thread back. */
export function parkIfWaiting(agentName: string, context: HostContext): void {
  const state = context.state();
  const known = state.agents.get(agentName);
  if (!known?.running || known.open.size === 0) return;
  if (![...known.open.keys()].every((call) => known.delegates.has(call))) return;
  const fact = { type: 'agent.parked' as const, agent: agentName, life: known.life, waitsFor: 'agents' as const };
  context.sessions.get(agentName)?.end([{ ...fact, reason: `it waits for ${known.open.size} agents` }]);
}
