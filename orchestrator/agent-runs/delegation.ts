import type { EventBody } from '../../ipc/events.ts';
import type { ToolResult } from '../../ipc/message.ts';
import { nearest } from '../../ipc/nearest.ts';
import { plannerAgent } from '../../ipc/run-kind.ts';
import type { AgentState, RunState } from '../../state/run-state.ts';
import { agents } from '../../tools/contracts/agents.ts';
import { delegate } from '../../tools/contracts/delegate.ts';
import { proposePlan } from '../../tools/contracts/propose-plan.ts';
import type { ActOf } from '../schedule/due.ts';
import { asksPerson, backgroundOf, hasEnded, waits } from '../schedule/waiting.ts';
import { tell } from './messages.ts';
import type { AgentsAccess } from './sessions.ts';

/**
 * Agents that other agents start. `delegate` waits for one agent and returns its result; `agents` starts some in the
 * background and exchanges messages with them. The host answers both calls itself, because they touch no file.
 */

/** The result of a delegated agent, as its parent's tool result; null while it works or if it was never started. */
export function delegated(act: ActOf<'tool'>, context: AgentsAccess): ToolResult | null {
  const state = context.state();
  const child = state.agents.get(state.agents.get(act.agent)?.delegates.get(act.call) ?? '');
  return child && hasEnded(child, state) ? handedOver(child) : null;
}

function handedOver({ phase }: AgentState): ToolResult {
  const { handoff } = phase.context;
  if (!handoff) return { text: 'The agent kept crashing; nothing came of it.', isError: true };
  const { outcome, summary, ...more } = handoff;
  const lines = Object.entries(more).map(
    ([name, value]) => `${name}: ${Array.isArray(value) ? value.join('; ') : value}`,
  );
  return { text: [`${outcome}: ${summary}`, ...lines].join('\n'), isError: outcome !== 'done' };
}

/** Starts an agent for the call; the facts make the parent wait. A string is the reason why no agent was started. */
export function delegateTo(act: ActOf<'tool'>, parsed: unknown, context: AgentsAccess): string | EventBody[] {
  const { role, prompt } = delegate.arguments.parse(parsed);
  return started(act, role, prompt, context) ?? [delegation(act, role, prompt, context)];
}

function delegation(act: ActOf<'tool'>, role: string, prompt: string, context: AgentsAccess) {
  const agent = newName(act.agent, context);
  return { type: 'agent.delegated' as const, agent, parent: act.agent, call: act.call, role, prompt };
}

/** The reason why no agent may be started, or null if one may. */
function started(act: ActOf<'tool'>, role: string, prompt: string, context: AgentsAccess): string | null {
  const state = context.state();
  const { roles, limits } = state.created.config;
  const helpers = Object.keys(roles).filter(
    (name) => name !== plannerAgent && !roles[name]?.tools.includes(proposePlan.name),
  );
  if (!helpers.includes(role)) {
    const meant = nearest(role, helpers);
    return `There is no role '${role}' (${meant ? `did you mean '${meant}'?` : `known: ${helpers.join(', ')}`}).`;
  }
  if (prompt.trim() === '') return 'The prompt is empty.';
  const usedUp = startsUsedUp(state);
  if (usedUp !== null) return `${usedUp} Do this yourself.`;
  const depth = act.agent.split('/').length;
  return depth > limits.depth ? `Agents may be ${limits.depth} deep (limits.depth). Do this yourself.` : null;
}

/** Words for a run that has started as many agents as it may; null: it may start more. */
export function startsUsedUp({ agents: all, created }: RunState): string | null {
  const { starts } = created.config.limits;
  const count = [...all.values()].filter(({ delegated }) => delegated).length;
  return count >= starts ? `This run has started its ${starts} agents (limits.starts).` : null;
}

/** The next free name of an agent that `parent` starts. */
export function newName(parent: string, context: AgentsAccess): string {
  const given = context.agentNames;
  const known = context.state().agents;
  let number = 1;
  while (known.has(`${parent}/${number}`) || given.has(`${parent}/${number}`)) number += 1;
  given.add(`${parent}/${number}`);
  return `${parent}/${number}`;
}

/** Carries out a call of `agents`. Call it with `wait` only when the awaited result is there. */
export async function lead(act: ActOf<'tool'>, parsed: unknown, context: AgentsAccess): Promise<ToolResult> {
  const wanted = agents.arguments.parse(parsed);
  const { action, role = '', prompt = '', ids, text = '' } = wanted;
  if (action === 'start') return startHelper(act, role, prompt, context);
  const all = backgroundOf(context.state(), act.agent);
  const unknown = (ids ?? []).find((id) => !all.some(([name]) => name === id));
  const names = all.map(([name]) => name).join(', ') || 'none';
  if (unknown !== undefined) return refused(`There is no agent '${unknown}' of yours (yours: ${names}).`);
  const chosen = ids ? all.filter(([name]) => ids.includes(name)) : all;
  if (action === 'tell' || action === 'stop') {
    if (!ids?.length) return refused(`${action} needs ids (yours: ${names}).`);
    if (action === 'tell' && text.trim() === '') return refused('tell needs a text.');
    for (const [name, agent] of chosen)
      if (!hasEnded(agent, context.state()))
        await (action === 'tell'
          ? tell(context, name, text, act.agent)
          : end(name, `stopped by ${act.agent}`, context));
  }
  return {
    text: reports(
      chosen.map(([name]) => name),
      action === 'wait',
      context,
    ),
    isError: false,
  };
}

async function startHelper(
  act: ActOf<'tool'>,
  role: string,
  prompt: string,
  context: AgentsAccess,
): Promise<ToolResult> {
  // A call that was interrupted after it started its agent has nothing left to do.
  const before = context.state().agents.get(act.agent)?.delegates.get(act.call);
  const why = before === undefined ? started(act, role, prompt, context) : null;
  if (why !== null) return refused(why);
  const fact = before === undefined ? delegation(act, role, prompt, context) : null;
  if (fact) await context.record([{ ...fact, background: true }]);
  return { text: `started ${before ?? fact?.agent}`, isError: false };
}

function reports(names: string[], whole: boolean, context: AgentsAccess): string {
  const state = context.state();
  const lines = names.map((name) => {
    const agent = state.agents.get(name);
    if (!agent || !hasEnded(agent, state)) return `${name}: at work, ${agent?.turns ?? 0} turns`;
    const { text } = handedOver(agent);
    return `${name}: ${whole ? text : (text.split('\n')[0] ?? '')}`;
  });
  return lines.join('\n\n') || 'You have started none.';
}

function refused(text: string): ToolResult {
  return { text, isError: true };
}

/** Ends an agent from outside, whether it is working or not. */
export async function end(name: string, why: string, context: AgentsAccess): Promise<void> {
  const life = context.state().agents.get(name)?.phase.context.life ?? 1;
  const handoff = { outcome: 'cannot' as const, summary: why };
  const settled = context.sessions.get(name)?.interrupt(why) ?? [];
  await context.record([...settled, { type: 'agent.finished', agent: name, life, handoff }]);
  context.sessions.get(name)?.end([]);
  context.commands.cancel(name);
  context.background.endOf(name);
  await endTeam(name, context);
}

/** Ends all agents that this agent started and that still work, because it can no longer read their results. */
export async function endTeam(parent: string, context: AgentsAccess): Promise<void> {
  for (const [name, agent] of backgroundOf(context.state(), parent))
    if (!hasEnded(agent, context.state())) await end(name, `${parent} ended`, context);
}

/** The background agents of `parent` that still work, or null: then the parent may end. */
export function unended(parent: string, context: AgentsAccess): string | null {
  const state = context.state();
  const open = backgroundOf(state, parent).filter(([, agent]) => !hasEnded(agent, state));
  if (open.length === 0) return null;
  return `Agents that you started are still at work: ${open.map(([name]) => name).join(', ')}. Wait for them or stop them first.`;
}

/** Frees the thread of an agent that now waits only for other agents. */
export function parkIfWaiting(agentName: string, context: AgentsAccess): void {
  const state = context.state();
  const known = state.agents.get(agentName);
  if (known?.phase.value !== 'working' || known.open.size === 0) return;
  if (![...known.open.keys()].every((call) => waits(state, agentName, call))) return;
  const asks = [...known.open.keys()].some((call) => asksPerson(state, agentName, call));
  const waitsFor = asks
    ? { waitsFor: 'approval' as const, reason: 'it waits for a person to allow what it wants to do' }
    : { waitsFor: 'agents' as const, reason: 'it waits for agents that it started' };
  context.sessions
    .get(agentName)
    ?.end([{ type: 'agent.parked', agent: agentName, life: known.phase.context.life, ...waitsFor }]);
}
