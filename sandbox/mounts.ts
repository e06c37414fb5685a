import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
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
  const [hidden, refusal] = [
    ownFile(root, 'hidden', hiddenWords, 0o444),
    ownFile(root, 'refused', refusedWords, 0o555),
  ];
  for (const path of policy.masked) mask(root, path, hidden);
  for (const path of programsNamed(policy.refused, policy.path)) mountOver(refusal, join(root, path));
  setAttributes(root, readOnly | noSetUserId, false);
}

/** In place of a file with keys. Most formats of such files take it for a remark. */
const hiddenWords = '# vtcode: this file is hidden from this command: it may hold keys, or a rule denies it\n';
const refusedWords =
  '#!/bin/sh\necho "vtcode: a rule in policy.commands.deny forbids $0, whatever starts it" >&2\nexit 126\n';

/** A file of ours in the view's own root. */
function ownFile(root: string, name: string, content: string, mode: number): string {
  const path = join(root, `.vtcode-${name}`);
  writeFileSync(path, content, { mode });
  return path;
}

/** Puts an empty folder or a file of ours in the place of a path. A link is left: its target may be masked itself. */
function mask(root: string, path: string, file: string): void {
  const target = join(root, path);
  const found = lstatSync(target, { throwIfNoEntry: false });
  if (found?.isDirectory()) mount('tmpfs', target, 'tmpfs', readOnly | noSetUserId | noDevices, 'mode=755,size=4k');
  if (!found?.isFile()) return;
  mount(file, target, null, bind);
  setAttributes(target, readOnly | noSetUserId, false);
}

const programFolders = ['/bin', '/sbin', '/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin'];

/**
 * The files of programs with these names, each once: the real file, or the link with this name where the file behind it is
 * that of another program too (alternatives, programs with many names).
 */
function programsNamed(names: readonly string[], more: readonly string[]): string[] {
  const found = new Set<string>();
  if (names.length === 0) return [];
  for (const folder of [...more, ...programFolders].filter((one) => existsSync(one)).map((one) => realpathSync(one)))
    for (const name of names) {
      const path = join(folder, name);
      if (!existsSync(path)) continue;
      const real = realpathSync(path);
      found.add(basename(real) === name ? real : path);
    }
  return [...found];
}

/** Mounts a file, or a link itself, over another one. */
function mountOver(file: string, path: string): void {
  const [workingDirectory, clone, notThrough, fromDescriptor] = [-100, 1, 0x100, 4];
  if (!lstatSync(path, { throwIfNoEntry: false })) return;
  const tree = call('open_tree', workingDirectory, cString(file), clone | notThrough);
  call('move_mount', tree, cString(''), workingDirectory, cString(path), fromDescriptor);
  call('close', tree);
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
  if (found.isSymbolicLink()) mountOver(join(root, path), join(root, path));
  else bindInto(root, path, path, readOnly | noSetUserId);
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
