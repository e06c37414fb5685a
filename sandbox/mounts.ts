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

/**
 * Moves the calling thread, and all it starts from now on, into the view. Answers the rules that hold in there, or
 * undefined when the machine does not let us; nothing has changed then. Throws when it fails half-way.
 */
export function enterPrivateView(policy: HandsPolicy, rules: PathRule[]): PathRule[] | undefined {
  const root = buildingPlaces.find((place) => existsSync(place) && !rules.some((rule) => isBelow(rule.path, place)));
  if (!root || systemCall(systemCallNumber('unshare'), newMounts) < 0) return undefined;
  try {
    mount(null, '/', null, recursive | isPrivate);
    mount('tmpfs', root, 'tmpfs', 0, 'mode=755,size=1m');
    fillDevices(root);
    for (const folder of ['/tmp', '/var/tmp']) bindInto(root, policy.temporary, folder, noSetUserId | noDevices);
    for (const rule of mountOrder(rules)) show(root, rule);
    const git = join(policy.workspace, '.git');
    if (existsSync(git)) bindInto(root, git, git, readOnly | noSetUserId);
    setAttributes(root, readOnly | noSetUserId, false);
  } catch {
    return undefined; // The namespace is ours alone: what was mounted in it is seen by nobody else and does no harm.
  }
  pivot(root);
  // Listing is harmless in here: there is nothing to see but what the rules show.
  return [...rules, { path: '/dev/shm', access: 'write' }, { path: '/', access: 'list' }];
}

/** Parents before children; a readable path inside a writable one would take away what was allowed. Pure. */
export function mountOrder(rules: PathRule[]): PathRule[] {
  const writable = rules.filter((rule) => rule.access === 'write').map((rule) => rule.path);
  const isCovered = ({ path, access }: PathRule) =>
    access === 'read' && writable.some((folder) => path === folder || path.startsWith(`${folder}/`));
  return rules.filter((rule) => !isCovered(rule)).sort((one, other) => one.path.length - other.path.length);
}

function isBelow(path: string, folder: string): boolean {
  return `${realpathSync(path)}/`.startsWith(`${folder}/`);
}

/** Shows one path of the old root in the new one. A symbolic link on the way is made again, its target mounted. */
function show(root: string, rule: PathRule): void {
  const real = realpathSync(rule.path);
  const attributes = {
    read: readOnly | noSetUserId,
    write: noSetUserId | noDevices,
    device: noSetUserId,
    list: readOnly,
  }[rule.access];
  bindInto(root, real, real, attributes);
  if (real === rule.path) return;
  const link = join(root, rule.path);
  mkdirSync(dirname(link), { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false })) return;
  const isLink = lstatSync(rule.path).isSymbolicLink();
  symlinkSync(isLink ? readlinkSync(rule.path) : real, link);
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
  symlinkSync('/proc/self/fd', join(root, 'dev/fd'));
  for (const [number, name] of ['stdin', 'stdout', 'stderr'].entries())
    symlinkSync(`/proc/self/fd/${number}`, join(root, 'dev', name));
}

/** Makes the new root the root and lets go of the old one: pivot_root(".", "."), see its manual page. */
function pivot(root: string): void {
  const detach = 2;
  process.chdir(root);
  const here = cString('.');
  call('pivot_root', here, here);
  call('umount2', here, detach);
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

function call(name: SystemCallName, ...words: (number | Buffer)[]): void {
  const result = systemCall(systemCallNumber(name), ...words);
  if (result < 0) throw new Fault('sandbox_unavailable', `${name} failed: ${errnoName(-result)}`);
}
