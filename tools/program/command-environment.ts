import { join } from 'node:path';
import type { HandsPolicy } from '../../ipc/hands-protocol.ts';

/** Variables by which vtcode's own processes talk to each other; no command needs them. */
const ours = new Set(['VTCODE_PARENT', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE', 'NODE_OPTIONS']);

/**
 * The environment of every command: what the hands were started with (scrubbed by the host), the private home and
 * temporary folder, and settings that keep tools quiet and inside. `proxyPort`: where the way out is, on the loopback. Pure.
 */
export function commandEnvironment(
  policy: HandsPolicy,
  own: NodeJS.ProcessEnv,
  proxyPort?: number,
): Record<string, string> {
  const kept = Object.entries(own).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !ours.has(entry[0]),
  );
  return {
    ...Object.fromEntries(kept),
    ...(proxyPort !== undefined && proxyEnvironment(proxyPort, policy.network)),
    PATH: [...policy.path, own.PATH ?? '/usr/local/bin:/usr/bin:/bin'].join(':'),
    HOME: policy.home,
    TMPDIR: policy.temporary,
    LANG: 'C.UTF-8',
    SHELL: '/bin/sh',
    TERM: 'dumb',
    npm_config_cache: join(policy.home, '.npm'),
    npm_config_update_notifier: 'false',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
  };
}

/** Further variables for a command with a terminal: it may draw, but no person is there to turn pages. */
export const terminalEnvironment = { TERM: 'xterm-256color', PAGER: 'cat', GIT_PAGER: 'cat', MANPAGER: 'cat' };

/** Variables by which programs find a proxy; Node needs a switch. Their loopback bypasses it, unless it was granted. */
function proxyEnvironment(port: number, grants: string[]): Record<string, string> {
  const isGranted = (host: string) => grants.some((grant) => grant.replace(/[[\]]/g, '').startsWith(host));
  const direct = ['localhost', '127.0.0.1', '::1'].filter((host) => !isGranted(host));
  const proxy = `http://127.0.0.1:${port}`;
  const variables = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, ALL_PROXY: proxy, NO_PROXY: direct.join(',') };
  const lower = Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value]);
  return { ...variables, ...Object.fromEntries(lower), NODE_USE_ENV_PROXY: '1' };
}
