import type { Endpoint, WireFormat } from '../../ipc/model.ts';
import type { RunState } from '../../state/run-state.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { openChoice } from './keys.ts';
import { type ModelChoice, resolveChain } from './resolve.ts';

/** The models of a run's roles, as available to this host. */
export type ModelChains = {
  /** The models of a role, best first; never empty. */
  chainOf(role: string): ModelChoice[];
  /** The formats of all these models. */
  formats: WireFormat[];
  /** The address and the key for a model; null for the embedded one. Throws Faults that say what is missing. */
  open(choice: ModelChoice): Promise<Endpoint | null>;
};

/** `auto` is replaced when a run is made; if a log still holds it, it means the model that needs no key. */
function made(ref: string): string {
  return ref === 'auto' ? 'embedded' : ref;
}

/** Throws as `resolveChain`. */
export function modelsOf(place: UserEnvironment, state: RunState): ModelChains {
  const { config } = state.created;
  const chains = new Map(
    Object.entries(config.roles).map(([name, role]) => [
      name,
      resolveChain(role.models.map(made), config, place.environment),
    ]),
  );
  const choices = [...chains.values()].flat();
  const opened = new Map<string, Promise<Endpoint | null>>();
  return {
    chainOf: (role) => chains.get(role) ?? chains.get('coder') ?? [],
    formats: [...new Set(choices.flatMap(({ endpoint }) => (endpoint ? [endpoint.format] : [])))],
    open(choice) {
      const found = opened.get(choice.ref) ?? openChoice(choice, place.environment);
      opened.set(choice.ref, found);
      found.catch(() => opened.delete(choice.ref)); // a key may be there the next time
      return found;
    },
  };
}
