import { person } from '../../ipc/run-kind.ts';
import type { AgentState, RunState } from '../../state/run-state.ts';
import { type AgentsArguments, agents } from '../../tools/contracts/agents.ts';
import { isHandIn, waitsItsTurn } from './order.ts';

/**
 * Finds agents that other agents started, which of them have ended, and the tool calls that only wait for them. Pure.
 */

/** An agent that another agent started has ended: it handed in, or crashed once too often. */
export function hasEnded(agent: AgentState, state: RunState): boolean {
  return agent.phase.value === 'ended' || agent.phase.context.crashes > state.created.config.limits.restarts;
}

/** The agents that `parent` started in the background, by name. */
export function backgroundOf(state: RunState, parent: string): [name: string, agent: AgentState][] {
  return [...state.agents].filter(([, { delegated }]) => delegated?.parent === parent && delegated.background === true);
}

/** Whether a tool call of an agent only waits for agents, or for the other calls of its turn. */
export function waits(state: RunState, agent: string, call: string): boolean {
  const known = state.agents.get(agent);
  if (asksPerson(state, agent, call)) return true;
  // A person's calls are no answer of a model: each one was asked for by itself.
  if (known && agent !== person && waitsItsTurn(known, call)) return true;
  if (known && isHandIn(known.open.get(call)?.name ?? '')) return known.open.size > 1 && isLastHandIn(known, call);
  if (known?.delegates.has(call) && known.open.get(call)?.name !== agents.name) return true;
  const wanted = waitArguments(known, call);
  return wanted !== null && !isAwaited(state, agent, wanted);
}

/** Whether a tool call waits for a person's answer. */
export function asksPerson(state: RunState, agent: string, call: string): boolean {
  return state.waiting.has(state.agents.get(agent)?.open.get(call)?.approval ?? '');
}

function isLastHandIn(agent: AgentState, call: string): boolean {
  return [...agent.open.keys()].findLast((one) => isHandIn(agent.open.get(one)?.name ?? '')) === call;
}

/** Whether the results that a `wait` waits for are there. A `wait` for no agent is answered at once. */
function isAwaited(state: RunState, parent: string, wanted: AgentsArguments): boolean {
  const helpers = backgroundOf(state, parent).filter(([name]) => !wanted.ids || wanted.ids.includes(name));
  const ended = helpers.filter(([, agent]) => hasEnded(agent, state));
  return helpers.length === 0 || (wanted.until === 'any' ? ended.length > 0 : ended.length === helpers.length);
}

function waitArguments(known: AgentState | undefined, call: string): AgentsArguments | null {
  const open = known?.open.get(call);
  if (open?.name !== agents.name) return null;
  const parsed = agents.arguments.safeParse(open.arguments);
  return parsed.success && parsed.data.action === 'wait' ? parsed.data : null;
}
