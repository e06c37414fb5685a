import { existsSync, readFileSync } from 'node:fs';
import type { WallsReport } from '../ipc/hands-protocol.ts';
import { landlockAbi } from './landlock.ts';
import { hasProcessNamespaces, hasUserNamespaces } from './launcher.ts';
import { mayMakeNamespaces } from './namespaces.ts';
import { systemCall } from './native.ts';
import { limitWords } from './privileges.ts';
import { systemCallNumber } from './syscalls.ts';

/** The protections that this machine can enforce, found out without restricting anything. */
export type Walls = {
  platform: NodeJS.Platform;
  architecture: string;
  /** Version of Landlock; 0: none. */
  landlockAbi: number;
  seccomp: boolean;
  /** How a private network and a private file view can be had. */
  namespaces: 'own rights' | 'user namespace' | 'none';
  network: WallsReport['network'];
  /** Whether commands get a pid namespace, so that they always end with the hands. */
  ownProcesses: boolean;
};

/** `ok` false: vtcode cannot run commands here at all. */
export type Diagnosis = { ok: boolean; walls: Walls; lines: string[] };

/** Looks at the machine. Starts two harmless programs at most (sandbox/launcher.ts). */
export function diagnoseWalls(): Diagnosis {
  const walls = lookAround();
  return { ok: canEnforce(walls), walls, lines: adviceFor(walls) };
}

function lookAround(): Walls {
  const isLinux = process.platform === 'linux';
  const namespaces = !isLinux
    ? 'none'
    : mayMakeNamespaces()
      ? 'own rights'
      : hasUserNamespaces()
        ? 'user namespace'
        : 'none';
  return {
    platform: process.platform,
    architecture: process.arch,
    landlockAbi: isLinux ? landlockAbi() : 0,
    seccomp: isLinux && hasSeccomp(),
    namespaces,
    network: namespaces === 'none' ? 'no_sockets' : 'private_loopback',
    ownProcesses: hasProcessNamespaces(),
  };
}

function hasSeccomp(): boolean {
  const getSeccompMode = 21;
  return systemCall(systemCallNumber('prctl'), getSeccompMode) >= 0;
}

function canEnforce(walls: Walls): boolean {
  if (walls.platform === 'darwin') return existsSync('/usr/bin/sandbox-exec');
  return walls.landlockAbi >= 1 && walls.seccomp;
}

/** The findings in sentences, each with what to do where something can be done. Pure but for reading /proc. */
export function adviceFor(walls: Walls): string[] {
  if (walls.platform === 'darwin')
    return canEnforce(walls)
      ? ['Seatbelt: commands run behind sandbox-exec, without network.']
      : ['Seatbelt: /usr/bin/sandbox-exec is missing. Commands cannot be run.'];
  if (walls.platform !== 'linux') return [`Walls: none for ${walls.platform}. Use Linux, macOS, or WSL 2 on Windows.`];
  return [
    landlockLine(walls.landlockAbi),
    seccompLine(walls.seccomp),
    namespacesLine(walls.namespaces),
    processesLine(walls.ownProcesses),
    grantsLine(walls.network),
    brainLine(walls.landlockAbi),
    `Limits of a command: ${limitWords}; memory, processes and time of limits.* are looked at every half second.`,
  ];
}

function landlockLine(abi: number): string {
  if (abi === 0)
    return 'Landlock: missing. Needs Linux 5.13 or newer with `landlock` among the names in the lsm= boot parameter. Commands cannot be run.';
  const gaps = [
    ...(abi < 2 ? ['files cannot be renamed between folders (Linux 5.19 can)'] : []),
    ...(abi < 3 ? ['truncating other files is not stopped where there is no private file view (Linux 6.2 can)'] : []),
    ...(abi < 6 ? ['signals to your own other processes are not stopped (Linux 6.12 can)'] : []),
  ];
  return `Landlock: version ${abi}${gaps.length > 0 ? `; ${gaps.join('; ')}` : ', everything needed'}.`;
}

function seccompLine(hasIt: boolean): string {
  return hasIt
    ? 'System call filter: yes.'
    : 'System call filter (seccomp): missing in this kernel. Commands cannot be run.';
}

function namespacesLine(namespaces: Walls['namespaces']): string {
  if (namespaces !== 'none')
    return `Namespaces: by ${namespaces}. Commands get a loopback of their own and see only the files they may read.`;
  const without =
    'Namespaces: not allowed. Commands get no network sockets at all, so tests that open a server on 127.0.0.1 fail; and no views: where there are files with keys that no commit holds, or rules that deny paths or programs, each command is asked for.';
  return `${without} ${namespaceAdvice()}`;
}

function processesLine(own: boolean): string {
  return own
    ? 'Processes: the kernel ends whatever commands have started, in a pid namespace of their own.'
    : 'Processes: no pid namespace; what commands leave behind is found by its marks and ended.';
}

function grantsLine(network: Walls['network']): string {
  return network === 'private_loopback'
    ? 'Network: none, but for the hosts of network.allow, through a proxy that writes them down.'
    : 'Network: none. Hosts of network.allow are not granted: a proxy needs namespaces to be the only way out.';
}

function brainLine(abi: number): string {
  if (abi === 0) return 'Background agents: no walls of their own.';
  return `Background agents: start no program, write no file, read only vtcode, its runtime, certificates and the resolver's files.`;
}

function namespaceAdvice(): string {
  if (readSwitch('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1')
    return 'AppArmor forbids them: `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`.';
  if (readSwitch('/proc/sys/kernel/unprivileged_userns_clone') === '0')
    return 'Switched off: `sudo sysctl kernel.unprivileged_userns_clone=1`.';
  if (readSwitch('/proc/sys/user/max_user_namespaces') === '0')
    return 'Switched off: `sudo sysctl user.max_user_namespaces=10000`.';
  return 'In a container, start it with user namespaces allowed; elsewhere install util-linux (`unshare`).';
}

function readSwitch(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}
