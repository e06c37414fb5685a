import { existsSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { Fault } from '../../ipc/fault.ts';

/**
 * The absolute path for a path that a tool was given. Throws `tool_failed` when it leaves the workspace, by `..` or by a
 * symbolic link, except into `readable` (installed packages are links out of the work tree). Throws it too when a link
 * leads to another place inside, for the gate has judged the path by its words. A path that does not exist yet is
 * judged by its nearest existing folder.
 */
export function resolveInside(path: string, workspace: string, readable: string[]): string {
  const absolute = resolve(workspace, path);
  const isAllowed = isAbsolute(path) && readable.some((folder) => isInside(realPath(absolute), realPath(folder)));
  if (!isInside(absolute, workspace) && !isAllowed)
    throw new Fault('tool_failed', `${path} is outside the workspace`, {
      advice: 'use a path relative to the top of the work tree',
    });
  const real = realPath(absolute);
  const elsewhere = isInside(absolute, workspace)
    ? otherPlace(workspaceRelative(path, workspace), workspace)
    : undefined;
  if (elsewhere !== undefined && !isSamePackage(absolute, real))
    throw new Fault('tool_failed', `${path} leads through a symbolic link`, {
      advice: `name the real path: ${elsewhere}`,
    });
  if (isInside(real, workspace) || readable.some((folder) => isInside(real, realPath(folder)))) return absolute;
  throw new Fault('tool_failed', `${path} leads out of the workspace, to ${real}`);
}

/**
 * The path of a file whose name is there in another normal form of Unicode (macOS writes `é` as two characters); as it is
 * when it is there so, or not at all. Absolute, below the workspace.
 */
export function inFoundForm(absolute: string, workspace: string): string {
  // Plain ASCII has one form only.
  if (/^[\x00-\x7f]*$/.test(absolute) || !isInside(absolute, workspace) || existsSync(absolute)) return absolute;
  let folder = workspace;
  for (const name of relative(workspace, absolute).split('/')) {
    const isThere = existsSync(join(folder, name));
    folder = join(folder, isThere ? name : (sameName(folder, name) ?? name));
  }
  return folder;
}

function sameName(folder: string, name: string): string | undefined {
  try {
    return readdirSync(folder).find((one) => one.normalize('NFC') === name.normalize('NFC'));
  } catch {
    return undefined;
  }
}

/**
 * Where a path of the work tree (normal, relative) really is, when a symbolic link makes that another place inside the work
 * tree than its words say; undefined: where it says, or outside.
 */
export function otherPlace(path: string, workspace: string): string | undefined {
  const top = realPath(workspace);
  const real = realPath(join(top, path));
  return real !== join(top, path) && isInside(real, top) ? relative(top, real) || '.' : undefined;
}

/** Whether both name one file of an installed package: some installers link each package to a store in node_modules. */
function isSamePackage(path: string, real: string): boolean {
  const [own, other] = [path, real].map((one) => one.split('/node_modules/').slice(1).at(-1));
  return own !== undefined && own === other;
}

/** Whether a path is the folder or below it. Both absolute. Pure. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** How a program that runs at the workspace's top calls an absolute path: relative, starting with `./`. Pure. */
export function placeOf(absolute: string, workspace: string): string {
  const path = relative(workspace, absolute);
  return isAbsolute(path) ? path : `./${path}`;
}

/** The real path of the nearest existing ancestor, with the missing rest behind it; links to what is missing followed. */
export function realPath(path: string, linksMax = 40): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    if (parent === path) return path;
    const target = linksMax > 0 ? linkTarget(path) : undefined;
    if (target !== undefined) return realPath(resolve(parent, target), linksMax - 1);
    return resolve(realPath(parent, linksMax), basename(path));
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** A path as changes name it: POSIX, relative to the work tree's top, without `.` and `..`. Pure. */
export function workspaceRelative(path: string, workspace: string): string {
  return relative(workspace, resolve(workspace, path));
}
