import { Fault } from '../ipc/fault.ts';

/**
 * Numbers of the Linux system calls that the walls use or refuse, [x64, arm64]; -1: the architecture has none.
 * Source: the kernel's arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
 */
const table = {
  acct: [163, 89],
  add_key: [248, 217],
  adjtimex: [159, 171],
  bpf: [321, 280],
  capset: [126, 91],
  chroot: [161, 51],
  clock_adjtime: [305, 266],
  clock_settime: [227, 112],
  clone: [56, 220],
  clone3: [435, 435],
  close: [3, 57],
  close_range: [436, 436],
  delete_module: [176, 106],
  fanotify_init: [300, 262],
  finit_module: [313, 273],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fsopen: [430, 430],
  fspick: [433, 433],
  init_module: [175, 105],
  io_uring_setup: [425, 425],
  ioctl: [16, 29],
  ioperm: [173, -1],
  iopl: [172, -1],
  kcmp: [312, 272],
  kexec_file_load: [320, 294],
  kexec_load: [246, 104],
  keyctl: [250, 219],
  landlock_add_rule: [445, 445],
  landlock_create_ruleset: [444, 444],
  landlock_restrict_self: [446, 446],
  lookup_dcookie: [212, 18],
  mount: [165, 40],
  mount_setattr: [442, 442],
  move_mount: [429, 429],
  open_by_handle_at: [304, 265],
  open_tree: [428, 428],
  perf_event_open: [298, 241],
  pidfd_getfd: [438, 438],
  pipe2: [293, 59],
  pivot_root: [155, 41],
  prctl: [157, 167],
  prlimit64: [302, 261],
  process_madvise: [440, 440],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  ptrace: [101, 117],
  quotactl: [179, 60],
  reboot: [169, 142],
  request_key: [249, 218],
  seccomp: [317, 277],
  setdomainname: [171, 162],
  sethostname: [170, 161],
  setrlimit: [160, 164],
  setns: [308, 268],
  settimeofday: [164, 170],
  socket: [41, 198],
  swapoff: [168, 225],
  swapon: [167, 224],
  syslog: [103, 116],
  umount2: [166, 39],
  unshare: [272, 97],
  userfaultfd: [323, 282],
  vhangup: [153, 58],
  wait4: [61, 260],
  waitid: [247, 95],
} as const satisfies Record<string, readonly [number, number]>;

export type SystemCallName = keyof typeof table;

/** The number of a system call here, or -1 where the architecture has none. Throws on an architecture we do not know. */
export function systemCallNumber(name: SystemCallName, architecture: string = process.arch): number {
  if (architecture === 'x64') return table[name][0];
  if (architecture === 'arm64') return table[name][1];
  throw new Fault('sandbox_unavailable', `the sandbox knows x64 and arm64, this machine is ${architecture}`, {
    advice: 'run vtcode on an x64 or arm64 machine',
  });
}
