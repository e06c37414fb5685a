import { Fault } from '../ipc/fault.ts';
import { addressOf, errnoName, systemCall } from './native.ts';
import { markingLimit } from './privileges.ts';
import { type SystemCallName, systemCallNumber } from './syscalls.ts';

/**
 * The system call filter, as a classic BPF program over `struct seccomp_data` (number at 0, architecture at 4, arguments
 * from 16, 8 bytes each). Source: the kernel's Documentation/userspace-api/seccomp_filter.rst.
 */
export type SocketRules = {
  /** TCP and UDP over IPv4 and IPv6, and route netlink: only with a private network behind it. */
  internet: boolean;
  /** Unix sockets by path: only when sockets outside the walls cannot be reached. `socketpair` is always allowed. */
  unix: boolean;
  /** System V and POSIX message queues, semaphores and shared memory: only with a namespace of our own for them. */
  ipc: boolean;
  /** Processes outside the walls have no numbers inside. Else nothing that changes another process by its number. */
  ownProcesses: boolean;
  /** For a background agent, which only thinks: no program, no other process, no written file, no server. */
  onlyThinks?: boolean;
};

type Instruction = { code: number; jumpTrue: number; jumpFalse: number; value: number };

const EPERM = 1;
const EACCES = 13;
const ENOSYS = 38;
const allow = 0x7fff0000;
const killProcess = 0x80000000;
const fail = (errno: number) => 0x00050000 | errno;

/** Refused with EPERM: namespaces, tracing, kernel code, keys, clocks, and every call into another process. */
const refused: SystemCallName[] = [
  ...(['ptrace', 'process_vm_readv', 'process_vm_writev', 'process_madvise', 'pidfd_getfd', 'kcmp'] as const),
  ...(['mount', 'umount2', 'pivot_root', 'chroot', 'unshare', 'setns', 'fsopen', 'fsconfig', 'fsmount'] as const),
  ...([
    'fspick',
    'move_mount',
    'open_tree',
    'open_tree_attr',
    'mount_setattr',
    'open_by_handle_at',
    'lookup_dcookie',
  ] as const),
  ...(['bpf', 'perf_event_open', 'userfaultfd', 'fanotify_init', 'keyctl', 'add_key', 'request_key'] as const),
  ...(['init_module', 'finit_module', 'delete_module', 'kexec_load', 'kexec_file_load', 'reboot', 'syslog'] as const),
  ...(['swapon', 'swapoff', 'acct', 'quotactl', 'iopl', 'ioperm', 'vhangup', 'sethostname'] as const),
  ...(['setdomainname', 'settimeofday', 'clock_settime', 'clock_adjtime', 'adjtimex'] as const),
];

/** Calls that reach objects by number or name, which all processes of this user share. */
const shared: SystemCallName[] = [
  ...(['shmget', 'shmat', 'shmctl', 'msgget', 'msgsnd', 'msgrcv', 'msgctl'] as const),
  ...(['semget', 'semop', 'semtimedop', 'semctl', 'mq_open', 'mq_unlink'] as const),
];

/** Calls about the process or thread of this number, by the place of the number; 0 is the caller itself. */
const aboutAnother: [SystemCallName, number][] = [
  ...(['sched_setscheduler', 'sched_setparam', 'sched_setaffinity', 'sched_setattr'] as const).map(
    (name): [SystemCallName, number] => [name, 0],
  ),
  ...(['migrate_pages', 'move_pages'] as const).map((name): [SystemCallName, number] => [name, 0]),
  ...(['setpriority', 'ioprio_set'] as const).map((name): [SystemCallName, number] => [name, 1]),
];

/** Calls that give a file its mode, by the place of the mode. */
const modes: [SystemCallName, number][] = [
  ...(['chmod', 'fchmod', 'creat', 'mknod'] as const).map((name): [SystemCallName, number] => [name, 1]),
  ...(['fchmodat', 'fchmodat2', 'mknodat'] as const).map((name): [SystemCallName, number] => [name, 2]),
];
/** The bit with which a program runs as the owner of its file, for every user who starts it. */
const setUserId = 0o4000;

/** Refused with EPERM to a background agent. The filter also holds for threads that started before Landlock. */
const acting: SystemCallName[] = [
  ...(['execve', 'execveat', 'fork', 'vfork', 'kill', 'listen', 'creat', 'truncate', 'unlink', 'unlinkat'] as const),
  ...([
    'rename',
    'renameat',
    'renameat2',
    'mkdir',
    'mkdirat',
    'rmdir',
    'link',
    'linkat',
    'symlink',
    'symlinkat',
  ] as const),
  ...([
    'mknod',
    'mknodat',
    'chmod',
    'fchmod',
    'fchmodat',
    'fchmodat2',
    'chown',
    'lchown',
    'fchown',
    'fchownat',
  ] as const),
  ...(['utimensat', 'utime', 'utimes', 'futimesat', 'setxattr', 'lsetxattr', 'fsetxattr', 'setxattrat'] as const),
  ...(['removexattr', 'lremovexattr', 'fremovexattr', 'removexattrat'] as const),
];

/** With any of these flags, open(2) writes, makes or empties a file. */
const writingFlags = 0o3 | 0o100 | 0o1000;
/** The flag with which clone(2) makes a thread and not a process. */
const cloneThread = 0x10000;

/** The namespace flags of clone(2) together. */
const cloneNamespaces = 0x7e020000;
/** Terminal ioctls that type into another process's terminal. */
const terminalInput = [0x5412, 0x541c];

const load = (offset: number): Instruction => ({ code: 0x20, jumpTrue: 0, jumpFalse: 0, value: offset });
const answer = (value: number): Instruction => ({ code: 0x06, jumpTrue: 0, jumpFalse: 0, value });
/** Continues with the block when the loaded word equals the value, else skips it. A block ends with an answer, or what follows gives one. */
const whenEqual = (value: number, block: Instruction[]): Instruction[] => [
  { code: 0x15, jumpTrue: 0, jumpFalse: block.length, value },
  ...block,
];
const argument = (index: number) => load(16 + 8 * index);

/** The filter's program for an architecture. Pure. */
export function filterProgram(sockets: SocketRules, architecture: string = process.arch): Buffer {
  const number = (name: SystemCallName) => systemCallNumber(name, architecture);
  const program = [
    load(4),
    { code: 0x15, jumpTrue: 1, jumpFalse: 0, value: architecture === 'x64' ? 0xc000003e : 0xc00000b7 },
    answer(killProcess),
    load(0),
  ];
  // The x32 calls of x64 have numbers of their own, which would slip past every rule below.
  if (architecture === 'x64')
    program.push({ code: 0x35, jumpTrue: 0, jumpFalse: 1, value: 0x40000000 }, answer(fail(EPERM)));
  const names = [...refused, ...(sockets.ipc ? [] : shared), ...(sockets.onlyThinks ? acting : [])];
  for (const name of names) if (number(name) >= 0) program.push(...whenEqual(number(name), [answer(fail(EPERM))]));
  if (sockets.onlyThinks) program.push(...thinkingRules(number));
  // A filter cannot look into the memory that these take their words from; programs fall back to clone and openat.
  for (const name of ['clone3', 'openat2'] as const) program.push(...whenEqual(number(name), [answer(fail(ENOSYS))]));
  // Blocking io_uring_enter as well would abort a running libuv; without setup there is nothing to enter.
  program.push(...whenEqual(number('io_uring_setup'), [answer(fail(ENOSYS))]));
  program.push(...whenEqual(number('clone'), cloneRules()));
  program.push(...whenEqual(number('ioctl'), terminalRules()));
  program.push(...whenEqual(number('setrlimit'), limitRules(0)));
  // Reading limits is the same call, with nothing to set. Another's limit can end it, as a signal would.
  const ofAnother = sockets.ownProcesses ? [] : unlessZero(0, [answer(fail(EPERM))]);
  const ownLimit = [...whenNull(2, [answer(allow)]), ...ofAnother, ...limitRules(1)];
  program.push(...whenEqual(number('prlimit64'), ownLimit));
  if (!sockets.ownProcesses)
    for (const [name, place] of aboutAnother)
      program.push(...whenEqual(number(name), [...unlessZero(place, [answer(fail(EPERM))]), answer(allow)]));
  for (const [name, place] of modes)
    if (number(name) >= 0) program.push(...whenEqual(number(name), [argument(place), ...withoutSetUserId()]));
  if (!sockets.onlyThinks)
    for (const [name, place] of [
      ['open', 1],
      ['openat', 2],
    ] as const)
      if (number(name) >= 0) program.push(...whenEqual(number(name), creationRules(place)));
  program.push(...whenEqual(number('socket'), socketRules(sockets)));
  program.push(...whenEqual(number('socketpair'), pairRules(sockets)));
  program.push(answer(allow));
  return encode(program);
}

function thinkingRules(number: (name: SystemCallName) => number): Instruction[] {
  const flagged = (value: number) => ({ code: 0x45, jumpTrue: 0, jumpFalse: 1, value });
  const opening = (at: number) => [argument(at), flagged(writingFlags), answer(fail(EACCES)), answer(allow)];
  const open = number('open') < 0 ? [] : whenEqual(number('open'), opening(1));
  const isThread = { code: 0x45, jumpTrue: 1, jumpFalse: 0, value: cloneThread };
  return [
    ...open,
    ...whenEqual(number('openat'), opening(2)),
    ...whenEqual(number('clone'), [argument(0), isThread, answer(fail(EPERM)), load(0)]),
  ];
}

function cloneRules(): Instruction[] {
  const anyFlag = { code: 0x45, jumpTrue: 0, jumpFalse: 1, value: cloneNamespaces };
  return [argument(0), anyFlag, answer(fail(EPERM)), answer(allow)];
}

function terminalRules(): Instruction[] {
  return [argument(1), ...terminalInput.flatMap((code) => whenEqual(code, [answer(fail(EPERM))])), answer(allow)];
}

/** Refuses every change of the limit that marks a process. */
function limitRules(resourceAt: number): Instruction[] {
  return [argument(resourceAt), ...whenEqual(markingLimit, [answer(fail(EPERM))]), answer(allow)];
}

/** Continues with the block unless the argument, of 32 bits, is zero. */
function unlessZero(index: number, block: Instruction[]): Instruction[] {
  return [argument(index), { code: 0x15, jumpTrue: block.length, jumpFalse: 0, value: 0 }, ...block];
}

/** The loaded word is a mode. */
function withoutSetUserId(): Instruction[] {
  return [{ code: 0x45, jumpTrue: 0, jumpFalse: 1, value: setUserId }, answer(fail(EPERM)), answer(allow)];
}

/** open(2) with flags at `place`: only where it makes a file is the next argument a mode. */
function creationRules(place: number): Instruction[] {
  const [create, unnamed] = [0o100, 0o20000000];
  return [
    argument(place),
    { code: 0x45, jumpTrue: 1, jumpFalse: 0, value: create | unnamed },
    answer(allow),
    argument(place + 1),
    ...withoutSetUserId(),
  ];
}

/** Continues with the block when both halves of a pointer are zero. */
function whenNull(index: number, block: Instruction[]): Instruction[] {
  const upper = load(16 + 8 * index + 4);
  return [argument(index), ...whenEqual(0, [upper, ...whenEqual(0, block)])];
}

function socketRules(sockets: SocketRules): Instruction[] {
  const [unix, inet, inet6, netlink] = [1, 2, 10, 16];
  const rules: Instruction[] = [argument(0)];
  if (sockets.unix) rules.push(...whenEqual(unix, [answer(allow)]));
  if (sockets.internet) {
    const typeMask = { code: 0x54, jumpTrue: 0, jumpFalse: 0, value: 0xf };
    const streamOrDatagram = [1, 2].flatMap((type) => whenEqual(type, protocolRules()));
    const plain = [argument(1), typeMask, ...streamOrDatagram, answer(fail(EACCES))];
    rules.push(...whenEqual(inet, plain), ...whenEqual(inet6, plain));
    // Listing network interfaces goes through route netlink (protocol 0).
    rules.push(...whenEqual(netlink, [argument(2), ...whenEqual(0, [answer(allow)]), answer(fail(EACCES))]));
  }
  return [...rules, answer(fail(EACCES))];
}

/** TCP, UDP, or the usual one of the two. */
function protocolRules(): Instruction[] {
  const usual = [0, 6, 17].flatMap((protocol) => whenEqual(protocol, [answer(allow)]));
  return [argument(2), ...usual, answer(fail(EACCES))];
}

/**
 * Pairs of unix sockets. One that sends datagrams can be pointed at any socket in the file system, so it counts as a
 * socket by path; those that are connected to each other cannot.
 */
function pairRules(sockets: SocketRules): Instruction[] {
  const typeMask = { code: 0x54, jumpTrue: 0, jumpFalse: 0, value: 0xf };
  const [stream, datagram, packets] = [1, 2, 5];
  const types = [stream, packets, ...(sockets.unix ? [datagram] : [])];
  const allowed = types.flatMap((type) => whenEqual(type, [answer(allow)]));
  return [
    argument(0),
    ...whenEqual(1, [argument(1), typeMask, ...allowed, answer(fail(EACCES))]),
    answer(fail(EACCES)),
  ];
}

function encode(program: Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, instruction] of program.entries()) {
    bytes.writeUInt16LE(instruction.code, index * 8);
    bytes.writeUInt8(instruction.jumpTrue, index * 8 + 2);
    bytes.writeUInt8(instruction.jumpFalse, index * 8 + 3);
    bytes.writeUInt32LE(instruction.value >>> 0, index * 8 + 4);
  }
  return bytes;
}

/**
 * Installs the filter on every thread of this process, those that already run included; all children inherit it.
 * Needs NO_NEW_PRIVS. Throws `sandbox_unavailable`.
 */
export function enforceSeccomp(sockets: SocketRules): void {
  const program = filterProgram(sockets);
  const header = Buffer.alloc(16);
  header.writeUInt16LE(program.length / 8, 0);
  header.writeBigUInt64LE(addressOf(program), 8);
  const [setModeFilter, everyThread] = [1, 1];
  const result = systemCall(systemCallNumber('seccomp'), setModeFilter, everyThread, header);
  if (result === 0) return;
  const reason = result > 0 ? `thread ${result} has a filter of its own` : errnoName(-result);
  throw new Fault('sandbox_unavailable', `the system call filter (seccomp) could not be installed: ${reason}`, {
    advice: 'run `vtcode doctor` to see what this machine can enforce',
  });
}
