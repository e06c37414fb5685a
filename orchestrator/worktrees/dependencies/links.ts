import {
  chmodSync,
  constants,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Wanted, WantedFolder } from './layout.ts';
import { stores } from './source-dependents.ts';

/** An empty file in every dependency folder made here: a folder without it is from the commit or a set-up command. */
const mark = '.vtcode-links';

/** Whether the folder was made here. */
export function isOurs(folder: string): boolean {
  return lstatSync(join(folder, mark), { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Removes the dependency folder of `folder` (relative to the tree) if it was made here. */
export function unmake(tree: string, folder: string): void {
  const path = join(tree, folder, 'node_modules');
  if (isOurs(path)) rmSync(path, { recursive: true, force: true });
}

/** Makes the dependency folder of `folder` as wanted: right entries stay, wrong and stale ones go, caches stay. */
export function realize(tree: string, folder: string, wanted: WantedFolder): void {
  const path = join(tree, folder, 'node_modules');
  makeFolder(path);
  writeFileSync(join(path, mark), '');
  fill(path, wanted);
}

/**
 * Removes links of the tree that end in the checkout's source or at a missing target, and returns them. There should be
 * none: this check makes sure, for any layout of any package manager.
 */
export function removeStrayLinks(checkout: string, tree: string, folder: string, wanted: WantedFolder): string[] {
  const stray: string[] = [];
  const look = (path: string, item: Wanted): void => {
    if (item.kind === 'folder') for (const [name, inner] of item.items) look(join(path, name), inner);
    if (item.kind !== 'link' || !item.own) return;
    const reason = strayReason(checkout, path);
    if (reason === undefined) return;
    rmSync(path);
    // The command of a package that is not built yet is missing in the checkout too: removing it does no harm.
    if (!path.includes(`${sep}.bin${sep}`)) stray.push(`${relative(tree, path)} ${reason}; it is left out.`);
  };
  look(join(tree, folder, 'node_modules'), wanted);
  return stray;
}

function strayReason(checkout: string, path: string): string | undefined {
  try {
    const inside = relative(checkout, realpathSync(path));
    const leaves = inside.startsWith('..') || inside.startsWith(sep);
    return leaves || inside.split(sep).includes('node_modules') ? undefined : 'would lead into your checkout';
  } catch {
    return 'leads to something that is not in this commit';
  }
}

function fill(folder: string, wanted: WantedFolder): void {
  for (const name of readdirSync(folder)) {
    if (!wanted.items.has(name) && !isPrivate(folder, name))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
  for (const [name, item] of wanted.items) {
    const path = join(folder, name);
    if (item.kind === 'cache') makeFolder(path);
    else if (item.kind === 'folder') {
      makeFolder(path);
      fill(path, item);
    } else if (item.kind === 'link') makeLink(path, item.target);
    else if (item.kind === 'file') makeFile(path, item.content, item.executable);
    else makeCopy(path, item.from);
  }
}

/** Names that begin with a dot are tools' own data, and are real folders or files. */
function isPrivate(folder: string, name: string): boolean {
  if (name === mark) return true;
  return name.startsWith('.') && !stores.has(name) && !lstatSync(join(folder, name)).isSymbolicLink();
}

function makeFolder(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  // Never through a link: repository code may have put one there.
  if (found && !found.isDirectory()) rmSync(path, { force: true });
  if (!found?.isDirectory()) mkdirSync(path);
}

function makeLink(path: string, target: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() && readlinkSync(path) === target) return;
  if (found) rmSync(path, { recursive: true, force: true });
  symlinkSync(target, path);
}

function makeFile(path: string, content: Buffer, executable: boolean): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isFile() && found.size === content.length && readFileSync(path).equals(content)) return;
  if (found) rmSync(path, { recursive: true, force: true });
  writeFileSync(path, content, { flag: 'wx' });
  if (executable) chmodSync(path, 0o755);
}

/** A copy is right if its package.json has the original's time. Never hard links: commands write to the tree. */
function makeCopy(path: string, from: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  const stamp = (folder: string) => lstatSync(join(folder, 'package.json'), { throwIfNoEntry: false })?.mtimeMs;
  const [here, there] = [stamp(path), stamp(from)];
  // Copying keeps a time to about a microsecond, not to the last digit.
  if (found?.isDirectory() && here !== undefined && there !== undefined && Math.abs(here - there) < 1) return;
  if (found) rmSync(path, { recursive: true, force: true });
  const mode = constants.COPYFILE_FICLONE;
  cpSync(from, path, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, mode });
}
