import type { Config } from '../../ipc/config.ts';
import type { HandsPolicy } from '../../ipc/hands-protocol.ts';
import { hiddenFromSearch } from '../../security/paths/secret-files.ts';
import { hostsOf } from '../config/registries.ts';

type WorkspacePolicy = Pick<
  HandsPolicy,
  'workspace' | 'mode' | 'readable' | 'home' | 'temporary' | 'outputs' | 'kept'
> & { pinned?: string[]; masked?: string[] };

/** Rules of one plain word name a program with any arguments. Pure. */
export function deniedPrograms(rules: string[]): string[] {
  return rules.filter((rule) => /^[\w.+-]+$/.test(rule));
}

/**
 * The policy of hands in a place, by the configuration: the same for an agent's, a check's and a person's commands.
 * Pure.
 */
export function handsPolicyOf(
  { limits, policy, language_servers, network }: Config,
  place: WorkspacePolicy,
): HandsPolicy {
  return {
    ...{ pinned: [], masked: [], refused: deniedPrograms(policy.commands.deny) },
    ...place,
    writable: [place.home, place.outputs],
    network: hostsOf(network.allow, network),
    path: [],
    hidden: [...hiddenFromSearch, ...policy.paths.deny],
    languageServers: language_servers,
    limits: {
      outputBytesMax: limits.output_kb * 1024,
      fileBytesMax: limits.file_mb * 1024 * 1024,
      memoryBytesMax: limits.memory_mb * 1024 * 1024,
      processesMax: limits.processes,
    },
  };
}
