import { type Permit, requirePermit } from '../../security/judge.ts';
import { foundBySearcher, startSearcher } from '../agent-runs/searcher.ts';
import type { ActOf } from '../schedule/due.ts';
import { searchAt } from '../web/search-endpoint.ts';
import type { ToolCallAccess } from './access.ts';
import { type Finished, failed } from './answer.ts';
import { isTainted } from './taint.ts';

/**
 * Makes a judged search: at the endpoint that the person configured, else by the vendor of the agent's model. Null: a
 * searcher is at work. What a search finds comes from strangers, so it taints the agent.
 */
export async function searchJudged(
  act: ActOf<'tool'>,
  query: string,
  permit: Permit,
  context: ToolCallAccess,
): Promise<Finished | null> {
  requirePermit(permit, { kind: 'search', query });
  const { config } = context.state().created;
  if (config.web_search.url === undefined) {
    const started = startSearcher(act, query, context);
    if (typeof started === 'string') return failed(started);
    await context.record(started);
    return null;
  }
  const { agent, call } = act;
  const found = await searchAt(config.web_search, query, { signal: context.signal, environment: context.person });
  await context.record(found.used.map((use) => ({ type: 'network.used' as const, agent, call, ...use })));
  if ('reason' in found) return failed(`The search failed: ${found.reason}.`);
  const text = found.text.slice(0, config.limits.output_kb * 1024);
  return { verdict: 'allowed', rule: permit.rule, result: { text, isError: false } };
}

/** The end of a call whose searcher has ended; null: it has none, or that one still works. */
export async function searchedBefore(act: ActOf<'tool'>, context: ToolCallAccess): Promise<Finished | null> {
  const result = foundBySearcher(act, context);
  if (result === null) return null;
  if (!result.isError && !isTainted(context.state(), act.agent))
    await context.record([{ type: 'agent.tainted', agent: act.agent, by: 'a web search' }]);
  return { verdict: 'allowed', rule: 'searched by the vendor of its model', result };
}
