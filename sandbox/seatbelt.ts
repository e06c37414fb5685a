import type { HandsPolicy } from '../ipc/hands-protocol.ts';

/** The folders that programs need on macOS, with Homebrew's two places and the Xcode tools (git, clang). */
const systemFolders = [
  ...['/usr', '/bin', '/sbin', '/System', '/Library', '/opt', '/etc', '/private/etc', '/private/var/db', '/dev'],
  ...['/Applications/Xcode.app', '/var/select', '/private/var/select'],
];
const writableDevices = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom', '/dev/tty', '/dev/dtracehelper'];

/** argv that starts a program behind the policy's walls on macOS: `sandbox-exec -p <profile>`. Pure. */
export function seatbeltLauncher(policy: HandsPolicy, readable: string[]): string[] {
  return ['/usr/bin/sandbox-exec', '-p', seatbeltProfile(policy, readable)];
}

/**
 * The Seatbelt profile (SBPL) of a policy: it refuses everything, then allows. The last matching rule counts, so the
 * profile refuses git's own files in the work tree at the end. No network at all, not even local sockets. Pure.
 */
export function seatbeltProfile(policy: HandsPolicy, readable: string[]): string {
  const writable = [...policy.writable, policy.home, policy.temporary, policy.outputs];
  if (policy.mode === 'write') writable.push(policy.workspace);
  const read = [...systemFolders, ...readable, ...policy.readable, ...policy.path, policy.workspace, ...writable];
  return [
    '(version 1)',
    '(deny default)',
    '(allow process-fork process-exec process-info*)',
    '(allow signal (target same-sandbox))',
    '(allow sysctl-read mach-lookup ipc-posix-shm* file-read-metadata)',
    `(allow file-read* (literal "/") ${subpaths(read)})`,
    `(allow file-write* ${subpaths(writable)})`,
    `(allow file-write* file-ioctl ${writableDevices.map((path) => `(literal ${quoted(path)})`).join(' ')})`,
    `(deny file-write* ${subpaths([`${policy.workspace}/.git`, ...policy.kept])})`,
    ...(policy.pinned.length > 0
      ? [`(deny file-write-unlink ${policy.pinned.map((path) => `(literal ${quoted(path)})`).join(' ')})`]
      : []),
    '(deny network*)',
  ].join('\n');
}

function subpaths(paths: string[]): string {
  return [...new Set(paths)].map((path) => `(subpath ${quoted(path)})`).join(' ');
}

function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&')}"`;
}
