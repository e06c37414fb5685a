import type { HostContext } from '../host/context.ts';

/** Commands that are under way, by the agent whose they are: whoever ends an agent ends them. */
const underWay = new WeakMap<HostContext, Map<string, Set<AbortController>>>();

/** A signal for one command of an agent: it aborts with the host, or when the agent is cut off. Call `done` at its end. */
export function cuttable(agent: string, context: HostContext): { signal: AbortSignal; done(): void } {
  const all = underWay.get(context) ?? new Map<string, Set<AbortController>>();
  underWay.set(context, all);
  const own = all.get(agent) ?? new Set();
  all.set(agent, own);
  const cut = new AbortController();
  own.add(cut);
  return { signal: AbortSignal.any([context.signal, cut.signal]), done: () => own.delete(cut) };
}

/** Ends the commands that an agent has under way. */
export function cutOff(agent: string, context: HostContext): void {
  for (const cut of underWay.get(context)?.get(agent) ?? []) cut.abort();
}
