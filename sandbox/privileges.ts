import { systemCall } from './native.ts';
import { systemCallNumber } from './syscalls.ts';

/** Largest file that a command may write, in bytes: it keeps one command from filling the disk. */
const fileSizeBytesMax = 4n * 1024n ** 3n;

/** Files that a process may have open at once: far more than any tool has, far fewer than the machine. */
const openFilesMax = 16_384n;

/** The line of `doctor` about the limits that the kernel keeps. */
export const limitWords = `files of ${fileSizeBytesMax / 1024n ** 3n} GiB, ${openFilesMax} open files, no core dumps`;

/** Two numbers that mark a process and all it starts (supervisor/limit-mark.ts). */
export type ResourceMark = { soft: bigint; hard: bigint };

const prctl = (option: number, ...words: number[]) => systemCall(systemCallNumber('prctl'), option, ...words);

/** Gives up every capability for good, also those that root would get back by starting a program. */
export function dropCapabilities(): void {
  const [dropFromBounding, ambient, clearAllAmbient] = [24, 47, 4];
  // Ends at the first capability that the kernel does not know, or at once when we have none to drop.
  for (let capability = 0; capability < 64 && prctl(dropFromBounding, capability) === 0; capability++);
  prctl(ambient, clearAllAmbient);
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x20080522, 0);
  systemCall(systemCallNumber('capset'), header, Buffer.alloc(24));
}

/** No program started from here gains rights by set-user-id or file capabilities. Answers whether it holds. */
export function refuseNewPrivileges(): boolean {
  const noNewPrivileges = 38;
  return prctl(noNewPrivileges, 1) === 0;
}

/** Processes without rights over us cannot read our memory, environment or descriptors. Undone by `execve`. */
export function hideMemory(): void {
  const dumpable = 4;
  prctl(dumpable, 0);
}

/** Descriptors that leaked in from the outside are not handed on to any program we start. */
export function keepDescriptors(): void {
  const [first, last, closeOnExecute] = [3, 0xffffffff, 4];
  systemCall(systemCallNumber('close_range'), first, last, closeOnExecute);
}

/** Orphans of our children become our children, so that they can be found and ended. */
export function adoptOrphans(): void {
  const childSubreaper = 36;
  prctl(childSubreaper, 1);
}

/**
 * Takes the exit status of an orphan that we adopted and that has ended, so that it does not stay as a zombie. Never for
 * a process that node started itself: node would then wait for its end forever. Linux only.
 */
export function reapOrphan(pid: number): void {
  const doNotWait = 1;
  systemCall(systemCallNumber('wait4'), pid, 0, doNotWait, 0);
}

/**
 * Whether this process has no child at all, living or ended. If the process adopts orphans, then no process that it
 * ever started is left. The kernel answers exactly in one call; reading /proc takes a thousand.
 */
export function hasNoChildren(): boolean {
  const [all, noHang, exited, leaveWaitable, anyKind] = [0, 1, 4, 0x01000000, 0x40000000];
  const noChild = -10; // ECHILD
  const waited = systemCall(systemCallNumber('waitid'), all, 0, 0, noHang | exited | leaveWaitable | anyKind, 0);
  return waited === noChild;
}

/** RLIMIT_RTTIME: the limit that marks the processes of one family; the filter refuses every change of it. */
export const markingLimit = 15;

/** Limits that every command inherits: no core dumps, a largest file, a number of files, and the mark. */
export function limitResources(mark: ResourceMark | null): void {
  const [fileSize, core, openFiles] = [1, 4, 7];
  setLimit(core, 0n, 0n);
  setLimit(fileSize, fileSizeBytesMax, fileSizeBytesMax);
  if (hardLimit(openFiles) > openFilesMax) setLimit(openFiles, openFilesMax, openFilesMax);
  if (mark) setLimit(markingLimit, mark.soft, mark.hard);
}

function hardLimit(resource: number): bigint {
  const limits = Buffer.alloc(16);
  systemCall(systemCallNumber('prlimit64'), 0, resource, 0, limits);
  return limits.readBigUInt64LE(8);
}

function setLimit(resource: number, soft: bigint, hard: bigint): void {
  const limits = Buffer.alloc(16);
  limits.writeBigUInt64LE(soft, 0);
  limits.writeBigUInt64LE(hard, 8);
  systemCall(systemCallNumber('prlimit64'), 0, resource, limits, 0);
}
