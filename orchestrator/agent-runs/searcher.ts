import type { EventBody } from '../../ipc/events.ts';
import type { ToolResult } from '../../ipc/message.ts';
import type { RunState } from '../../state/run-state.ts';
import type { ModelChoice } from '../models/resolve.ts';
import type { ActOf } from '../schedule/due.ts';
import { hasEnded } from '../schedule/waiting.ts';
import { newName, startsUsedUp } from './delegation.ts';
import type { AgentsAccess } from './sessions.ts';

/**
 * A searcher: an agent without tools that a call of `web_search` starts. Its vendor searches the web for it, and its
 * answer is the call's result. So a search is recorded, budgeted, retried and failed over as any model call is.
 */
export function isSearcher(agent: string, state: RunState): boolean {
  return state.agents.get(agent)?.delegated?.searches === true;
}

/** The models of a chain whose vendor searches the web on request. */
export function searchingModels(chain: ModelChoice[]): ModelChoice[] {
  return chain.filter(({ endpoint }) => endpoint?.quirks.webSearchUsd !== undefined);
}

/** The facts that start a searcher for the call; a string says why none is started. */
export function startSearcher(act: ActOf<'tool'>, query: string, context: AgentsAccess): string | EventBody[] {
  const state = context.state();
  const usedUp = startsUsedUp(state);
  if (usedUp !== null) return usedUp;
  const role = state.agents.get(act.agent)?.role ?? '';
  const agent = newName(act.agent, context);
  return [{ type: 'agent.delegated', agent, parent: act.agent, call: act.call, role, prompt: query, searches: true }];
}

/** The answer of a call's searcher; null while it works or if there is none. */
export function foundBySearcher(act: ActOf<'tool'>, context: AgentsAccess): ToolResult | null {
  const state = context.state();
  const searcher = state.agents.get(state.agents.get(act.agent)?.delegates.get(act.call) ?? '');
  if (!searcher?.delegated?.searches || !hasEnded(searcher, state)) return null;
  const { handoff } = searcher.phase.context;
  if (handoff?.outcome === 'done') return { text: handoff.summary, isError: false };
  return { text: `The search failed: ${handoff?.summary ?? 'its agent kept crashing'}.`, isError: true };
}
