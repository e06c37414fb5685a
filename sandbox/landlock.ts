import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Fault } from '../ipc/fault.ts';
import { errnoName, systemCall } from './native.ts';
import { systemCallNumber } from './syscalls.ts';

/**
 * Landlock: which paths this process and everything it starts may read or write. Rules only ever allow.
 * Source: the kernel's Documentation/userspace-api/landlock.rst. What an ABI (kernel) adds:
 * 1 (5.13) files · 2 (5.19) renaming between folders · 3 (6.2) truncating · 4 (6.7) TCP ports · 5 (6.10) device ioctl ·
 * 6 (6.12) signals and abstract sockets · 7 (6.15) logging.
 */
/** `look`: read, but start no program. `list` allows to list folders, and nothing of what is in them. */
export type Access = 'read' | 'look' | 'write' | 'device' | 'list';
export type PathRule = { path: string; access: Access };

const right = (bit: number) => 1n << BigInt(bit);
const execute = right(0);
const writeFile = right(1);
const readFile = right(2);
const readFolder = right(3);
const truncate = right(14);
const deviceControl = right(15);
const makeDevices = right(6) | right(11);
const rightsOfFiles = execute | writeFile | readFile | truncate | deviceControl;
/** Abstract unix sockets and signals: refused towards every process outside the walls. */
const scopes = 3n;

/** Landlock's version on this kernel; 0: it has none or it is switched off at boot. */
export function landlockAbi(): number {
  if (process.platform !== 'linux') return 0;
  const createVersion = 1;
  return Math.max(0, systemCall(systemCallNumber('landlock_create_ruleset'), 0, 0, createVersion));
}

/** Every file system right that an ABI can govern: 13 at first, then one more in each of 2, 3 and 5. */
function handledRights(abi: number): bigint {
  const count = 13 + (abi >= 2 ? 1 : 0) + (abi >= 3 ? 1 : 0) + (abi >= 5 ? 1 : 0);
  return (1n << BigInt(count)) - 1n;
}

/**
 * Restricts the calling thread, and all threads and processes it starts from now on, to the rules; the first matching
 * ancestor of a path counts. Paths that do not exist are skipped. Needs NO_NEW_PRIVS. Throws `sandbox_unavailable`.
 */
export function enforceLandlock(rules: PathRule[], abi: number): void {
  const handled = handledRights(abi);
  const attributes = Buffer.alloc(24);
  attributes.writeBigUInt64LE(handled, 0);
  if (abi >= 6) attributes.writeBigUInt64LE(scopes, 16);
  const size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  const ruleset = must(
    'create a ruleset',
    systemCall(systemCallNumber('landlock_create_ruleset'), attributes, size, 0),
  );
  for (const rule of rules) addRule(ruleset, rule, handled);
  must('restrict itself', systemCall(systemCallNumber('landlock_restrict_self'), ruleset, 0));
  systemCall(systemCallNumber('close'), ruleset);
}

function addRule(ruleset: number, rule: PathRule, handled: bigint): void {
  const pathOnly = 0x200000;
  let descriptor: number;
  try {
    descriptor = openSync(rule.path, pathOnly | constants.O_RDONLY);
  } catch {
    return; // It does not exist or cannot be reached: nothing to allow.
  }
  try {
    const isFolder = fstatSync(descriptor).isDirectory();
    const allowed = rightsFor(rule.access) & handled & (isFolder ? handled : rightsOfFiles);
    const beneath = Buffer.alloc(12);
    beneath.writeBigUInt64LE(allowed, 0);
    beneath.writeInt32LE(descriptor, 8);
    const pathBeneath = 1;
    must(`allow ${rule.path}`, systemCall(systemCallNumber('landlock_add_rule'), ruleset, pathBeneath, beneath, 0));
  } finally {
    closeSync(descriptor);
  }
}

function rightsFor(access: Access): bigint {
  if (access === 'read') return execute | readFile | readFolder;
  if (access === 'look') return readFile | readFolder;
  if (access === 'list') return readFolder;
  if (access === 'device') return readFile | writeFile | deviceControl | readFolder;
  return ((1n << 16n) - 1n) & ~makeDevices;
}

function must(what: string, result: number): number {
  if (result >= 0) return result;
  throw new Fault('sandbox_unavailable', `Landlock could not ${what}: ${errnoName(-result)}`, {
    advice: 'run `vtcode doctor` to see what this machine can enforce',
  });
}
