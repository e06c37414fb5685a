import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readOr } from './identity.ts';

/**
 * Memory groups: control groups (version 2) in which the kernel itself ends a process that takes too much memory, with
 * all its children. They are available where a group around ours is delegated to us with the memory controller: for
 * root, or below the user's own service manager (`vtcode service install`). Elsewhere this file does nothing.
 */
export type MemoryGroup = {
  /** Whether the kernel has ended a member because of the limit. */
  wasExceeded(): boolean;
  /** Removes the group; a group that still has members is removed when the next group is made. */
  remove(): void;
};

const prefix = 'vtcode-';

/**
 * The nearest folder around our own control group in which groups with a limit may be made; null: there is none. Only
 * limited processes are moved: turning the controller on here would need an empty group. `root` is `/` except in tests.
 */
export function memoryGroupFolder(root = '/'): string | null {
  const own = /^0::(.*)$/m.exec(readText(join(root, 'proc/self/cgroup')))?.[1];
  if (own === undefined) return null;
  for (let at = own; ; at = dirname(at)) {
    const folder = join(root, 'sys/fs/cgroup', at);
    const controllers = readText(join(folder, 'cgroup.subtree_control')).trim().split(' ');
    if (controllers.includes('memory') && isWritable(folder) && isWritable(join(folder, 'cgroup.procs'))) return folder;
    if (at === '/' || at === '.') return null;
  }
}

/** Limits the memory of a new process and of all its children; null if that is not possible. */
export function limitMemory(pid: number, limitMb: number, folder = memoryGroupFolder()): MemoryGroup | null {
  if (folder === null) return null;
  const group = join(folder, `${prefix}${pid}`);
  try {
    removeEmpty(folder);
    mkdirSync(group);
    writeFileSync(join(group, 'memory.max'), `${limitMb * 1024 * 1024}`);
    writeFileSync(join(group, 'memory.oom.group'), '1');
    writeFileSync(join(group, 'cgroup.procs'), `${pid}`);
  } catch {
    remove(group); // it may have ended already; its memory is watched in any case
    return null;
  }
  return {
    wasExceeded: () => Number(/^oom_kill (\d+)$/m.exec(readText(join(group, 'memory.events')))?.[1] ?? 0) > 0,
    remove: () => remove(group),
  };
}

/** Removes the groups of ended hosts: a group with members cannot be removed. */
function removeEmpty(folder: string): void {
  for (const name of readdirSync(folder)) if (name.startsWith(prefix)) remove(join(folder, name));
}

function remove(group: string): void {
  readOr('', () => {
    rmdirSync(group);
    return '';
  });
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function readText(file: string): string {
  return readOr('', () => readFileSync(file, 'utf8'));
}
