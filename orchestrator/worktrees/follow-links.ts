import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fitsPieces } from '../../security/paths/wildcards.ts';
import type { GivenPath } from '../../security/shell/finding.ts';
import type { Follow } from '../../security/shell/links.ts';
import { wildcard } from '../../security/shell/word.ts';
import { isInside, realPath } from '../../tools/files/workspace-path.ts';

/** Limits for the wildcards of one line: how many names are matched, and how many folders are read. */
const namesMax = 100_000;
const foldersMax = 1_000;

/** A possible target of a path; `isLinked`: a symbolic link led there. */
type LinkTarget = { path: string; isLinked: boolean };

/**
 * The targets of the links in a work tree, for one line at the moment when it is judged: each path is read only once.
 * It only reads, name by name, as the system does: `..` goes up from the target of a link. A path that does not exist
 * has no target.
 */
export function followIn(workspace: string): () => Follow {
  return () => {
    const top = realPath(workspace);
    const { step, names } = looks();
    const follow = ({ path, itself }: Pick<GivenPath, 'path' | 'itself'>): LinkTarget[] | null => {
      let places: LinkTarget[] = [{ path: top, isLinked: false }];
      const parts = path.split('/').filter((name) => name !== '' && name !== '.');
      for (const [at, name] of parts.entries()) {
        const next: LinkTarget[] = [];
        for (const place of places) {
          const all = name.includes(wildcard) ? names(place.path) : [name];
          if (all === null) return null;
          const fits = matcher(name);
          for (const one of all)
            if (one === name || fits(one)) next.push(step(place, one, itself === true && at === parts.length - 1));
        }
        places = next;
      }
      return places;
    };
    const named = (places: LinkTarget[]) => [
      ...new Set(places.map(({ path }) => (isInside(path, top) ? within(path, top) : path))),
    ];
    return {
      links: (given) => {
        const places = follow(given);
        return places && named(places.filter(({ isLinked }) => isLinked));
      },
      matches: (path) => {
        const places = follow({ path });
        return places && named(places);
      },
    };
  };
}

/** The absolute paths that mean the top of a work tree: with links resolved, as `pwd` prints it, and as it was given. */
export function topsOf(workspace: string): string[] {
  return [...new Set([realPath(workspace), workspace])];
}

function within(real: string, top: string): string {
  return relative(top, real).split(sep).join('/') || '.';
}

/** The file system as it was read, each path once. `names` returns null when there are too many. */
function looks() {
  const folders = new Map<string, Dirent[]>();
  const links = new Map<string, string | null>();
  let held = 0;
  return {
    names(folder: string): string[] | null {
      if (!folders.has(folder) && folders.size >= foldersMax) return null;
      const all = folders.get(folder) ?? namesIn(folder);
      if (!folders.has(folder))
        for (const one of all) if (!one.isSymbolicLink()) links.set(join(folder, one.name), null);
      folders.set(folder, all);
      held += all.length;
      return held > namesMax ? null : all.map(({ name }) => name);
    },
    step({ path, isLinked }: LinkTarget, name: string, itself: boolean): LinkTarget {
      if (name === '..') return { path: dirname(path), isLinked };
      const whole = join(path, name);
      if (itself) return { path: whole, isLinked };
      if (!links.has(whole)) links.set(whole, isLink(whole) ? realPath(whole) : null);
      const real = links.get(whole) ?? null;
      return real === null ? { path: whole, isLinked } : { path: real, isLinked: true };
    },
  };
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false; // a circle of links, a name that is too long or holds a null byte: no program can open it either
  }
}

function namesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // no folder, or not readable for us: the shell finds nothing there either
  }
}

/** Matches names as a shell does: a wildcard at the beginning does not match a dot. */
function matcher(pattern: string): (name: string) => boolean {
  const pieces = pattern.split(wildcard);
  return (name) => !(name.startsWith('.') && pieces[0] === '') && fitsPieces(pieces, name);
}
