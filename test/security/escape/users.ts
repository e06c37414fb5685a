import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Played } from './play.ts';

/** As whom the adversary is played: as this process, as a plain user, as one for whom there are no namespaces. */
export type User = 'own' | 'plain' | 'without namespaces';

const plainUser = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
/** In a namespace of users of its own, where there may be none below it, and without the rights that it gave. */
const noNamespaces = [
  ...['unshare', '--user', '--map-current-user', '--keep-caps', 'sh', '-c'],
  ...['echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --inh-caps=-all --ambient-caps=-all -- "$@"', 'sh'],
];

/** Plays as another user in a process of its own; undefined where this machine or user does not allow that. */
export async function playAs(user: User, seed: number, amount: number, isBare = false): Promise<Played | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const before = user === 'own' ? [] : ['setpriv', ...plainUser, ...(user === 'plain' ? [] : noNamespaces)];
  const program = [
    process.execPath,
    join(import.meta.dirname, 'play.ts'),
    String(seed),
    String(amount),
    ...(isBare ? ['bare'] : []),
  ];
  const [file = '', ...words] = [...before, ...program];
  const environment = { PATH: process.env.PATH, HOME: '/nonexistent', TMPDIR: '/var/tmp' };
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', env: environment });
  const [said, wrong, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('close', resolve).once('error', resolve)),
  ]);
  if (code !== 0) throw new Error(`as ${user}: exit ${code}: ${wrong.slice(-2_000)}`);
  return JSON.parse(said) as Played;
}
