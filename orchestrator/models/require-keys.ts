import { hasPlan, loneRole, plannerAgent } from '../../ipc/run-kind.ts';
import type { RunState } from '../../state/run-state.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { keyOrigin, requireKey } from './keys.ts';
import { resolveChain } from './resolve.ts';

/**
 * Before a run goes on: every role at work must have a model with a key. Otherwise a host in another environment than
 * the last one, for example after a reboot, would end task after task for lack of a key that its person has. Throws
 * key_missing; starts nothing and makes no request.
 */
export function requireKeys(place: UserEnvironment, state: RunState): void {
  const { config } = state.created;
  for (const role of rolesAtWork(state)) {
    const chain = resolveChain((config.roles[role] ?? config.roles.coder)?.models ?? [], config, place.environment);
    const isMissing = chain.every(({ endpoint, key }) => {
      return endpoint !== null && keyOrigin(key, place.environment).type === 'missing';
    });
    if (isMissing && chain[0]) requireKey(chain[0], place.environment);
  }
}

function rolesAtWork(state: RunState): Set<string> {
  if (state.finished) return new Set();
  if (!hasPlan(state.created.options)) return new Set([loneRole(state.created)]);
  const isPlanning = !state.phase.context.plan && state.created.plan === undefined;
  const unended = [...state.tasks.values()].filter(({ value }) => !['merged', 'parked', 'undone'].includes(value));
  return new Set([...(isPlanning ? [plannerAgent] : []), ...unended.map(({ context }) => context.task.role)]);
}
