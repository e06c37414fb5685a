import { readFileSync, readlinkSync } from 'node:fs';

/**
 * The identity of a process, different from any other that ever had its number: pid, start time in clock ticks since
 * boot, boot id and pid namespace. A part that the system does not show (macOS) is an empty string or 0.
 */
export type ProcessIdentity = { pid: number; startTime: number; bootId: string; pidNamespace: string };

/** The identity of a running process, or undefined when there is no such process. Never throws. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readProcessStat(pid);
  if (process.platform === 'linux' && !stat) return undefined;
  if (!stat && !isSignallable(pid)) return undefined;
  return { pid, startTime: stat?.startTime ?? 0, bootId: bootId(), pidNamespace: pidNamespace() };
}

/** Whether that very process still runs here (a zombie counts as ended). */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId() || identity.pidNamespace !== pidNamespace()) return false;
  if (process.platform !== 'linux') return isSignallable(identity.pid);
  const stat = readProcessStat(identity.pid);
  return stat !== undefined && stat.state !== 'Z' && stat.startTime === identity.startTime;
}

export type ProcessStat = {
  pid: number;
  state: string;
  parent: number;
  group: number;
  session: number;
  startTime: number;
  residentBytes: number;
};

const pageBytes = 4096;

/** The parts of /proc/<pid>/stat that we use, or undefined when the process is gone. See proc(5). */
export function readProcessStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name in the second field may hold spaces and parentheses: fields are counted from the last one on.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (field: number) => Number(fields[field - 3]);
  const resident = number(24) * pageBytes;
  const state = fields[0] ?? '?';
  return {
    ...{ pid, state, parent: number(4), group: number(5), session: number(6) },
    ...{ startTime: number(22), residentBytes: resident },
  };
}

let knownBootId: string | undefined;

function bootId(): string {
  knownBootId ??= readOr('', () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  return knownBootId;
}

function pidNamespace(): string {
  return readOr('', () => readlinkSync('/proc/self/ns/pid'));
}

/** The result of `read`, or `fallback` if it throws: a process may be gone at any moment. */
export function readOr(fallback: string, read: () => string): string {
  try {
    return read();
  } catch {
    return fallback;
  }
}

function isSignallable(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
