import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { HandsPolicy } from '../ipc/hands-protocol.ts';
import type { PathRule } from './landlock.ts';

/** The folders that programs need to run, and none of a person. `/home/linuxbrew` is Homebrew's fixed place. */
const systemFolders = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/opt', '/proc', '/sys'],
  ...['/nix/store', '/gnu/store', '/snap', '/home/linuxbrew/.linuxbrew', '/run/current-system'],
];
const devices = ['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom', '/dev/tty'];

/**
 * Files of those folders that only root may read and that a repository's programs do not need. Hands started by root
 * own these files, so they could read them without any capability.
 */
const rootsOwn = [
  ...['shadow', 'shadow-', 'gshadow', 'gshadow-', 'sudoers', 'sudoers.d', 'ssl/private', 'ssh', 'krb5.keytab'],
  ...['NetworkManager/system-connections', 'wireguard', 'docker', 'kubernetes', 'letsencrypt'],
].map((name) => `/etc/${name}`);

/** Files and folders of the system that a private view covers up: those that this process could read. */
export function coveredPaths(): string[] {
  return process.getuid?.() === 0 ? rootsOwn.filter((path) => existsSync(path)) : [];
}

/**
 * The folders of the node that runs this process: its own, and the whole installation when it lies in a `bin`.
 * An installation directly in a home folder (`~/bin/node`) gives only its own folder.
 */
export function runtimeFolders(execPath: string, home: string): string[] {
  const folder = dirname(realpathSync(execPath));
  const prefix = dirname(folder);
  const whole = folder.endsWith('/bin') && prefix !== home && prefix !== '/' && !prefix.endsWith('/.local');
  return whole ? [folder, prefix] : [folder];
}

/** Every path the walls let through, with its access; `readable` are folders of our own program. Skips none. */
export function pathRules(policy: HandsPolicy, readable: string[]): PathRule[] {
  const rules: PathRule[] = [];
  for (const path of [...systemFolders, ...readable, ...policy.readable, ...policy.path])
    rules.push({ path, access: 'read' });
  for (const path of devices) rules.push({ path, access: 'device' });
  rules.push({ path: policy.workspace, access: policy.mode });
  for (const path of [...policy.writable, policy.home, policy.temporary, policy.outputs])
    rules.push({ path, access: 'write' });
  return rules.filter((rule) => existsSync(rule.path));
}
