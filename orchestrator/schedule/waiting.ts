import { person } from '../../ipc/run-kind.ts';
import type { AgentState, OpenCall, RunState } from '../../state/run-state.ts';
import { type AgentsArguments, agents } from '../../tools/contracts/agents.ts';
import { understand } from '../../tools/contracts/lenient.ts';
import type { Tool } from '../../tools/contracts/tool.ts';
import { isHandIn, toolOf, waitsItsTurn } from './order.ts';

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
  const open = known?.open.get(call);
  if (!known || !open) return false;
  // A person's calls are no answer of a model: each one was asked for by itself.
  if (agent !== person && waitsItsTurn(known, call)) return true;
  if (isHandIn(open)) return known.open.size > 1 && isLastHandIn(known, call);
  if (known.delegates.has(call) && toolOf(open) !== agents.name) return true;
  const wanted = waitArguments(open);
  return wanted !== null && !isAwaited(state, agent, wanted);
}

/** Whether a tool call waits for a person's answer. */
export function asksPerson(state: RunState, agent: string, call: string): boolean {
  return state.waiting.has(state.agents.get(agent)?.open.get(call)?.approval ?? '');
}

function isLastHandIn(agent: AgentState, call: string): boolean {
  return [...agent.open].findLast(([, one]) => isHandIn(one))?.[0] === call;
}

/** Whether the results that a `wait` waits for are there. A `wait` for no agent is answered at once. */
function isAwaited(state: RunState, parent: string, wanted: AgentsArguments): boolean {
  const helpers = backgroundOf(state, parent).filter(([name]) => !wanted.ids || wanted.ids.includes(name));
  const ended = helpers.filter(([, agent]) => hasEnded(agent, state));
  return helpers.length === 0 || (wanted.until === 'any' ? ended.length > 0 : ended.length === helpers.length);
}

function waitArguments(open: OpenCall): AgentsArguments | null {
  if (toolOf(open) !== agents.name) return null;
  const found = understand(agents as unknown as Tool<unknown>, open.arguments);
  const wanted = 'problem' in found ? null : (found.parsed as AgentsArguments);
  return wanted?.action === 'wait' ? wanted : null;
}
