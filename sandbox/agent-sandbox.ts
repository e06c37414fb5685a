import { spawnSync } from 'node:child_process';
import { existsSync, promises, readFileSync, writeFileSync } from 'node:fs';
import { enforceLandlock, landlockAbi } from './landlock.ts';
import { dropCapabilities, limitResources, refuseNewPrivileges } from './privileges.ts';
import { enforceSeccomp } from './seccomp.ts';

/**
 * The walls of a background agent, which is a process of its own. It starts no program and no process, writes no file,
 * reads only its own code and the files to find and trust a model's server, and speaks to the network alone.
 */
const systemFiles = [
  ...['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib', '/nix/store', '/gnu/store'],
  ...['/etc/ssl', '/etc/pki', '/etc/ca-certificates', '/usr/share/ca-certificates', '/usr/share/zoneinfo'],
  ...['/etc/resolv.conf', '/etc/hosts', '/etc/nsswitch.conf', '/etc/gai.conf', '/etc/host.conf', '/etc/services'],
  ...['/run/systemd/resolve', '/run/NetworkManager', '/run/resolvconf', '/etc/localtime', '/etc/ld.so.cache'],
  ...['/dev/null', '/dev/urandom', '/dev/random', '/proc/self', '/proc/meminfo', '/proc/cpuinfo', '/sys/fs/cgroup'],
];

/**
 * Puts the calling process behind those walls, for good. `readable`: folders of our program and runtime. False: this
 * machine has none (doctor says so), and nothing was changed. Call it on the main thread, before anything asynchronous;
 * the filter holds for all threads, Landlock for those that are started later. Throws `sandbox_unavailable`.
 */
export function confineAgent(readable: string[]): boolean {
  const abi = landlockAbi();
  if (abi < 1) return false;
  limitResources(null);
  dropCapabilities();
  if (!refuseNewPrivileges()) return false;
  const look = [...readable, ...systemFiles].filter((path) => existsSync(path));
  enforceLandlock(
    look.map((path) => ({ path, access: 'look' })),
    abi,
  );
  enforceSeccomp({ internet: true, unix: false, ipc: false, ownProcesses: false, onlyThinks: true });
  return true;
}

/** Files that every user may read, and a folder that every user may write to, on every Linux. */
const [foreign, outside, program] = ['/etc/passwd', '/tmp', '/bin/true'];

/** Tries each forbidden act in every way there is; answers the acts that were not refused. */
export async function holesOfAgent(): Promise<string[]> {
  const file = `${outside}/.vtcode-brain-${process.pid}`;
  const written = [refused(() => writeFileSync(file, '')), await refusedLater(promises.writeFile(file, ''))];
  const read = [refused(() => readFileSync(foreign)), await refusedLater(promises.readFile(foreign))];
  const started = spawnSync(program, { stdio: 'ignore' });
  return [
    ...(written.includes(false) ? ['a file was written'] : []),
    ...(read.includes(false) ? ['a file was read'] : []),
    ...(started.error === undefined ? ['a program was started'] : []),
  ];
}

function refused(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch {
    return true;
  }
}

async function refusedLater(act: Promise<unknown>): Promise<boolean> {
  const [tried] = await Promise.allSettled([act]);
  return tried.status === 'rejected';
}
