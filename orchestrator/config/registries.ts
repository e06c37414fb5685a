import type { Config } from '../../ipc/config.ts';
import { isGranted, whatIsWrong } from '../../sandbox/grants.ts';

/**
 * Package registries by the names that `network.allow` and a person's answer know them by, and the hosts that installing
 * needs. Source: the registries' own documentation of their addresses.
 */
const registries: Record<string, string[]> = {
  npm: ['registry.npmjs.org', 'registry.yarnpkg.com'],
  pypi: ['pypi.org', 'files.pythonhosted.org'],
  crates: ['index.crates.io', 'static.crates.io', 'crates.io'],
  go: ['proxy.golang.org', 'sum.golang.org'],
  rubygems: ['rubygems.org', 'index.rubygems.org'],
  maven: ['repo.maven.apache.org', 'repo1.maven.org', 'plugins.gradle.org'],
  nuget: ['api.nuget.org'],
  packagist: ['packagist.org', 'repo.packagist.org'],
  hex: ['hex.pm', 'repo.hex.pm', 'builds.hex.pm'],
  pub: ['pub.dev'],
};

/** The names of all registries. */
export const registryNames: readonly string[] = Object.keys(registries);

const prefix = 'registry:';

/** The entry of `network.allow` that lets agents search the web without an answer. It is no host. */
export const webSearchGrant = 'web_search';

/** The mistake in an entry of `network.allow`, in words; undefined: it is fine. */
export function grantMistake(entry: string): string | undefined {
  if (entry === webSearchGrant) return undefined;
  if (!entry.startsWith(prefix)) return whatIsWrong(entry);
  const known = registryNames.map((name) => prefix + name);
  return known.includes(entry) ? undefined : `${entry} is no registry that is known: ${known.join(', ')}`;
}

/** The hosts of entries of `network.allow`, with registries as their hosts, and without `web_search`. */
export function hostsOf(entries: string[], { registries: own }: Config['network']): string[] {
  return [
    ...new Set(
      entries.flatMap((entry) => {
        if (entry === webSearchGrant) return [];
        const name = entry.startsWith(prefix) ? entry.slice(prefix.length) : null;
        return name === null ? [entry] : (own[name] ?? registries[name] ?? []);
      }),
    ),
  ];
}

/** The registries that commands may reach already, by their names. */
export function grantedRegistries(network: Config['network']): string[] {
  const hosts = hostsOf(network.allow, network);
  const isOpen = (host: string) => {
    const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
    return isGranted({ host: name.replace(/^\[|\]$/g, ''), port: Number(port ?? 443) }, hosts);
  };
  return Object.keys({ ...registries, ...network.registries }).filter((name) =>
    hostsOf([prefix + name], network).every(isOpen),
  );
}
