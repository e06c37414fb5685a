import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { HandsPolicy } from '../ipc/hands-protocol.ts';
import { mayMakeNamespaces } from './namespaces.ts';
import { seatbeltLauncher } from './seatbelt.ts';

/**
 * An own user namespace gives an ordinary user the right to make a private network in it, without becoming root:
 * the user keeps their number, and the rights are dropped again once the walls stand. From util-linux.
 */
const userNamespace = ['/usr/bin/unshare', '--user', '--map-current-user', '--keep-caps'];
const probeMsMax = 2_000;

let knownUserNamespaces: boolean | undefined;

/**
 * Whether an ordinary user may make namespaces here. Tried once per process with a harmless program (about 3 ms); some
 * distributions forbid it, some only pretend to allow it, so the probe makes a network namespace as well.
 */
export function hasUserNamespaces(): boolean {
  knownUserNamespaces ??= probe();
  return knownUserNamespaces;
}

function probe(): boolean {
  const [file = '', ...words] = userNamespace;
  if (process.platform !== 'linux' || !existsSync(file)) return false;
  return spawnSync(file, [...words, '--net', 'true'], { stdio: 'ignore', timeout: probeMsMax }).status === 0;
}

/**
 * The programs to put in front of node when the hands are started, so that they can raise the best walls this machine
 * allows: none for root, an own user namespace for others where allowed, sandbox-exec on macOS.
 */
export function handsLauncher(policy: HandsPolicy, readable: string[]): string[] {
  return process.platform === 'darwin' ? seatbeltLauncher(policy, readable) : linuxLauncher();
}

/** The same where it does not depend on the policy: everywhere but on macOS. */
export function linuxLauncher(): string[] {
  if (process.platform !== 'linux' || mayMakeNamespaces() || !hasUserNamespaces()) return [];
  return [...userNamespace, '--'];
}
