import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { HandsPolicy } from '../ipc/hands-protocol.ts';
import { mayMakeNamespaces } from './namespaces.ts';
import { seatbeltLauncher } from './seatbelt.ts';

const unshare = '/usr/bin/unshare';
/**
 * An own user namespace gives an ordinary user the right to make others in it, without becoming root: the user keeps
 * their number, and the rights are dropped again once the walls stand. From util-linux.
 */
const asOneself = ['--user', '--map-current-user', '--keep-caps'];
/**
 * A pid namespace with the hands as process 1: when the hands end, in any way, the kernel ends every process they ever
 * started, even a hidden one. It needs a process that waits outside, which dies with our main thread and takes the
 * hands along.
 */
const ownProcesses = ['--pid', '--fork', '--kill-child=KILL', '--mount-proc'];
const dyingWithUs = ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--'];
const probeMsMax = 2_000;
const probesMax = 3;

let knownUserNamespaces: boolean | undefined;
let knownProcessNamespaces: boolean | undefined;

/**
 * Whether an ordinary user may make namespaces here. Tried once per process with a harmless program (about 3 ms); some
 * distributions forbid it, some only pretend to allow it, so the probe makes a network namespace as well.
 */
export function hasUserNamespaces(): boolean {
  knownUserNamespaces ??= works([unshare, ...asOneself, '--net']);
  return knownUserNamespaces;
}

/**
 * Whether hands can have process numbers of their own. Tried once per process (about 4 ms): containers often allow the
 * namespace, but not the view of it in /proc without which the hands would not find their own commands.
 */
export function hasProcessNamespaces(): boolean {
  knownProcessNamespaces ??= works(launcherWithProcesses());
  return knownProcessNamespaces;
}

function works(words: string[]): boolean {
  const [file = '', ...rest] = words;
  if (process.platform !== 'linux' || !existsSync(file)) return false;
  for (let left = probesMax - 1; ; left -= 1) {
    const { status } = spawnSync(file, [...rest, 'true'], { stdio: 'ignore', timeout: probeMsMax });
    // A probe that was killed or ran out of time proves nothing: the walls must not be lower because of that.
    if (status !== null || left === 0) return status === 0;
  }
}

function launcherWithProcesses(): string[] {
  return [...dyingWithUs, unshare, ...(mayMakeNamespaces() ? [] : asOneself), ...ownProcesses, '--'];
}

/**
 * The programs to put in front of node when the hands are started, so that they can raise the best walls this machine
 * allows: namespaces for processes, and for ordinary users the right to make them, where allowed; sandbox-exec on macOS.
 */
export function handsLauncher(policy: HandsPolicy, readable: string[]): string[] {
  return process.platform === 'darwin' ? seatbeltLauncher(policy, readable) : linuxLauncher();
}

/** The same programs where they do not depend on the policy: everywhere but on macOS. */
export function linuxLauncher(): string[] {
  if (process.platform !== 'linux') return [];
  if (hasProcessNamespaces()) return launcherWithProcesses();
  return mayMakeNamespaces() || !hasUserNamespaces() ? [] : [unshare, ...asOneself, '--'];
}
