import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type OwnPlaces, personalNames } from '../../security/paths/own-places.ts';
import { findPlaces } from '../git/find-git-folders.ts';

/**
 * Places in a person's folder that are not to be worked on: git by its nature and not by its name,
 * and vtcode's own folders. `places` for the gate; for the walls, absolute: `kept`, which no command changes, and `pinned`,
 * folders above them that no command moves away.
 */
export type Guarded = {
  places: OwnPlaces;
  kept: string[];
  pinned: string[];
  /** Files and folders that hold keys, and those that instruct agents and tools. */
  keys: string[];
  instructing: string[];
  /** Paths that a rule denies. */
  denied: string[];
};

/** `own`: vtcode's state and configuration folders, absolute; `deny`: globs of paths that a rule denies. */
export function guardedIn(root: string, own: string[], deny: readonly string[] = []): Guarded {
  const top = realOf(root);
  const inside = (path: string) => path.startsWith(`${top}${sep}`);
  const within = (path: string) => relative(top, path).split(sep).join('/');
  const { git, keys, instructing, denied } = findPlaces(top, deny);
  const stores = [...new Set(git.flatMap(storesOf))].filter((path) => inside(path) && !isGitFolder(path, git));
  const vtcode = own.map(realOf).filter(inside);
  const home = realOf(homedir());
  const personal = home === top || inside(home) ? personalNames.map((name) => within(join(home, name))) : [];
  const obeyed = personal.map((name) => join(top, name)).filter((path) => existsSync(path));
  const kept = [...git, ...stores, ...vtcode.filter((path) => existsSync(path)), ...obeyed];
  const pinned = [...git, ...stores, ...instructing].flatMap((path) => foldersBetween(top, path));
  return {
    places: { git: stores.map(within), vtcode: vtcode.map(within), personal },
    kept,
    pinned: [...new Set(pinned)],
    keys,
    instructing,
    denied,
  };
}

/** Folders that a `.git` leads to: through a link, or as a file that names them, and the store that those share. */
function storesOf(place: string): string[] {
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (!found) return [];
  if (found.isDirectory()) return [];
  const named = found.isFile() ? /^gitdir: (.+)/.exec(textOf(place))?.[1]?.trim() : '.';
  if (named === undefined) return [];
  const folder = realOf(found.isFile() ? resolve(dirname(place), named) : place);
  const common = textOf(join(folder, 'commondir')).trim();
  return common === '' ? [folder] : [folder, realOf(resolve(folder, common))];
}

function isGitFolder(path: string, git: string[]): boolean {
  return git.some((one) => path === one || path.startsWith(`${one}${sep}`));
}

/** The folders below `top` that hold `path`, without `path` itself. */
function foldersBetween(top: string, path: string): string[] {
  const folder = dirname(path);
  return folder === top || !folder.startsWith(`${top}${sep}`) ? [] : [...foldersBetween(top, folder), folder];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, 8_192);
  } catch {
    return '';
  }
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
