import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Follow } from '../security/shell/links.ts';
import { wildcard } from '../security/shell/word.ts';
import { isInside, realPath } from '../tools/workspace-path.ts';

/** So many names of folders are held against the wildcards of one path. */
const namesMax = 20_000;

/** A place that a path may mean; `isLinked`: a symbolic link led there. */
type Place = { path: string; isLinked: boolean };

/**
 * Where the links of a work tree lead, at the moment it is asked. It only looks, name by name, as the system does: `..`
 * goes up from where a link has led to. What does not exist leads nowhere.
 */
export function followIn(workspace: string): Follow {
  return (path) => {
    const top = realPath(workspace);
    let places: Place[] = [{ path: top, isLinked: false }];
    let seen = 0;
    for (const name of path.split('/')) {
      if (name === '' || name === '.') continue;
      if (name === '..') {
        places = places.map((place) => ({ ...place, path: dirname(place.path) }));
        continue;
      }
      if (!name.includes(wildcard)) {
        places = places.map((place) => step(place, name));
        continue;
      }
      const found = places.map((place) => ({ place, names: namesIn(place.path) }));
      seen += found.reduce((total, { names }) => total + names.length, 0);
      if (seen > namesMax) return null;
      const fits = matcher(name);
      places = found.flatMap(({ place, names }) =>
        names.flatMap((one) =>
          fits(one.name) ? [one.isSymbolicLink() ? step(place, one.name) : below(place, one.name)] : [],
        ),
      );
    }
    const linked = places.flatMap(({ path, isLinked }) => (isLinked ? [path] : []));
    return [
      ...new Set(linked.map((real) => (isInside(real, top) ? relative(top, real).split(sep).join('/') || '.' : real))),
    ];
  };
}

function below({ path, isLinked }: Place, name: string): Place {
  return { path: join(path, name), isLinked };
}

function step(place: Place, name: string): Place {
  const path = join(place.path, name);
  return isLink(path) ? { path: realPath(path), isLinked: true } : below(place, name);
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false; // links in a circle, a name that is too long or holds a null byte: no program gets further than we do
  }
}

function namesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // no folder, or not ours to read: the shell finds nothing there either
  }
}

/** As a shell matches names: a wildcard at the beginning stands for no dot. */
function matcher(pattern: string): (name: string) => boolean {
  const expression = new RegExp(`^${pattern.split(wildcard).map(literally).join('.*')}$`, 's');
  return (name) => expression.test(name) && !(name.startsWith('.') && pattern.startsWith(wildcard));
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
