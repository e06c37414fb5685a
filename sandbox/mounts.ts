import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Fault } from '../ipc/fault.ts';
import type { HandsPolicy } from '../ipc/hands-protocol.ts';
import type { PathRule } from './landlock.ts';
import { cString, errnoName, systemCall } from './native.ts';
import { coveredPaths } from './paths.ts';
import { type SystemCallName, systemCallNumber } from './syscalls.ts';

/**
 * A private view of the file system: a new root with nothing in it but the paths of the policy, the readable ones mounted
 * read-only. It closes what Landlock leaves open: `chmod` and `utimes` outside, sockets in the file system, the existence
 * of other files, and the work tree's own `.git`. Needs the right to make namespaces.
 */
const newMounts = 0x20000;
const [bind, recursive, isPrivate] = [0x1000, 0x4000, 0x40000];
const [readOnly, noSetUserId, noDevices] = [1, 2, 4];
/** Folders that every Linux has and no program needs: the new root is built on top of one, unless the policy wants it. */
const buildingPlaces = ['/mnt', '/media', '/srv', '/boot', '/run'];
/** Shared memory for commands: in memory, so it needs a limit. */
const sharedMemory = 'size=256m,mode=1777';
/** Terminals for commands, apart from those of all other processes. */
const ownTerminals = 'newinstance,ptmxmode=0666,mode=600,max=64';

/**
 * Moves the calling thread, and all it starts from now on, into the view. Answers the rules that hold in there, or
 * undefined when the machine does not let us; nothing has changed then. Throws when it fails half-way.
 */
export function enterPrivateView(policy: HandsPolicy, rules: PathRule[]): PathRule[] | undefined {
  const root = buildingPlaces.find((place) => existsSync(place) && !rules.some((rule) => isBelow(rule.path, place)));
  if (!root || systemCall(systemCallNumber('unshare'), newMounts) < 0) return undefined;
  try {
    build(root, policy, rules);
    enter(root);
  } catch {
    process.chdir('/');
    return undefined; // The namespace is ours alone: no other process sees its mounts, so they do no harm.
  }
  leaveOldRoot();
  // Listing is harmless in here: the view holds only paths that the rules show.
  const made: PathRule[] = [
    { path: '/dev/shm', access: 'write' },
    { path: '/dev/pts', access: 'device' },
    { path: '/', access: 'list' },
  ];
  return [...rules, ...made];
}

function build(root: string, policy: HandsPolicy, rules: PathRule[]): void {
  mount(null, '/', null, recursive | isPrivate);
  mount('tmpfs', root, 'tmpfs', 0, 'mode=755,size=1m');
  fillDevices(root);
  for (const folder of ['/tmp', '/var/tmp']) bindInto(root, policy.temporary, folder, noSetUserId | noDevices);
  const flags = {
    read: readOnly | noSetUserId,
    look: readOnly | noSetUserId,
    write: noSetUserId | noDevices,
    // A device is written to all the same: only its mode, owner and times stay.
    device: readOnly | noSetUserId,
    list: readOnly,
  };
  const real = rules.map((rule) => ({ ...rule, path: realpathSync(rule.path) }));
  for (const rule of mountOrder(real)) bindInto(root, rule.path, rule.path, flags[rule.access]);
  for (const rule of rules) linkInto(root, rule.path);
  for (const path of coveredPaths()) cover(root, path);
  // A folder with a mount in it can be moved away with it, but no folder that is a mount itself.
  for (const path of inOrder(policy.pinned)) if (isFolder(path)) bindInto(root, path, path, noSetUserId | noDevices);
  for (const path of inOrder(policy.kept)) keep(root, path);
  // A work tree may hold the folders that commands are given for themselves, in a place that is kept.
  const isKept = (path: string) => policy.kept.some((kept) => path.startsWith(`${kept}/`));
  for (const rule of mountOrder(real))
    if (rule.access === 'write' && isKept(rule.path)) bindInto(root, rule.path, rule.path, flags.write);
  setAttributes(root, readOnly | noSetUserId, false);
}

function inOrder(paths: readonly string[]): string[] {
  return [...paths].sort((one, other) => one.length - other.length);
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Mounts a path on itself, so that nothing changes, replaces or moves it. A link is not followed: it stays a link. */
function keep(root: string, path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (found.isSymbolicLink()) keepLink(join(root, path));
  else bindInto(root, path, path, readOnly | noSetUserId);
}

function keepLink(path: string): void {
  const [workingDirectory, clone, notThrough, fromDescriptor] = [-100, 1, 0x100, 4];
  const link = cString(path);
  const tree = call('open_tree', workingDirectory, link, clone | notThrough);
  call('move_mount', tree, cString(''), workingDirectory, link, fromDescriptor);
  call('close', tree);
}

/** Puts nothing in the place of a file or folder that the view would show. */
function cover(root: string, path: string): void {
  const target = join(root, path);
  const found = lstatSync(target, { throwIfNoEntry: false });
  if (found?.isDirectory()) mount('tmpfs', target, 'tmpfs', readOnly | noSetUserId | noDevices, 'mode=755,size=4k');
  if (found?.isFile()) mount('/dev/null', target, null, bind);
}

/**
 * Parents before children. A readable path inside another one is there already; inside a writable one, a mount would
 * take the right to write away. Paths without symbolic links. Pure.
 */
export function mountOrder(rules: PathRule[]): PathRule[] {
  const isInside = (inner: PathRule, outer: PathRule) => `${inner.path}/`.startsWith(`${outer.path}/`);
  const covers = (outer: PathRule, inner: PathRule) =>
    isInside(inner, outer) && (outer.access === 'write' || (outer.access === 'read' && outer.path !== inner.path));
  return rules
    .filter((rule) => rule.access !== 'read' || !rules.some((other) => covers(other, rule)))
    .sort((one, other) => one.path.length - other.path.length);
}

function isBelow(path: string, folder: string): boolean {
  return `${realpathSync(path)}/`.startsWith(`${folder}/`);
}

/** A path that leads over a symbolic link gets it again in the new root; its target was mounted. */
function linkInto(root: string, path: string): void {
  const real = realpathSync(path);
  const link = join(root, path);
  if (real === path || lstatSync(link, { throwIfNoEntry: false })) return;
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(lstatSync(path).isSymbolicLink() ? readlinkSync(path) : real, link);
}

function bindInto(root: string, source: string, path: string, attributes: number): void {
  const target = join(root, path);
  if (!existsSync(target)) {
    const isFolder = lstatSync(source).isDirectory();
    mkdirSync(isFolder ? target : dirname(target), { recursive: true });
    if (!isFolder) closeSync(openSync(target, 'a'));
  }
  mount(source, target, null, bind | recursive);
  setAttributes(target, attributes, true);
}

function fillDevices(root: string): void {
  mkdirSync(join(root, 'dev/shm'), { recursive: true });
  mount('tmpfs', join(root, 'dev/shm'), 'tmpfs', noSetUserId | noDevices, sharedMemory);
  mkdirSync(join(root, 'dev/pts'));
  symlinkSync('pts/ptmx', join(root, 'dev/ptmx'));
  try {
    mount('devpts', join(root, 'dev/pts'), 'devpts', noSetUserId, ownTerminals);
  } catch {
    // The machine refuses the mount: commands print to pipes there.
  }
  symlinkSync('/proc/self/fd', join(root, 'dev/fd'));
  for (const [number, name] of ['stdin', 'stdout', 'stderr'].entries())
    symlinkSync(`/proc/self/fd/${number}`, join(root, 'dev', name));
}

/** Makes the new root the root, with the old one stacked on top: pivot_root(".", "."), see its manual page. */
function enter(root: string): void {
  process.chdir(root);
  call('pivot_root', cString('.'), cString('.'));
}

function leaveOldRoot(): void {
  const detach = 2;
  call('umount2', cString('.'), detach);
  process.chdir('/');
}

function mount(source: string | null, target: string, type: string | null, flags: number, data?: string): void {
  const text = (value: string | null | undefined) => (value === null || value === undefined ? 0 : cString(value));
  call('mount', text(source), text(target), text(type), flags, text(data));
}

function setAttributes(target: string, attributes: number, isRecursive: boolean): void {
  const [workingDirectory, everyMountBelow] = [-100, 0x8000];
  const request = Buffer.alloc(32);
  request.writeBigUInt64LE(BigInt(attributes), 0);
  call('mount_setattr', workingDirectory, cString(target), isRecursive ? everyMountBelow : 0, request, request.length);
}

function call(name: SystemCallName, ...words: (number | Buffer)[]): number {
  const result = systemCall(systemCallNumber(name), ...words);
  if (result < 0) throw new Fault('sandbox_unavailable', `${name} failed: ${errnoName(-result)}`);
  return result;
}
