import { join, posix, relative } from 'node:path';
import { type ModuleResolver, moduleResolver } from '../code/module-resolver.ts';
import { packageImports } from '../code/package-imports.ts';
import { nearest, type WholeProject } from '../code/whole-project.ts';
import type { WorkspacePackage } from '../code/workspace-packages.ts';
import type { Configuration } from './move-configuration.ts';
import { cleanPath, type Move, relativePath } from './move-plan.ts';
import { restyled } from './specifier-style.ts';

/** The new text of a specifier, which may be the old one, or a reason why it has none; undefined: it leads nowhere here. */
export type Verdict = { text: string } | { reason: string } | undefined;
export type Imports = (path: string, specifier: string) => Verdict;

type Folder = { folder: string; paths: Record<string, string[]> };

/**
 * Rewrites specifiers for a move. Each new one is looked up again as if the move was done: an import that would lead
 * elsewhere is told instead.
 */
export function importsAfter(
  workspace: string,
  all: readonly string[],
  project: WholeProject,
  move: Move,
  configured: Configuration,
): Imports {
  const manifests = all.filter((path) => posix.basename(path) === 'package.json');
  const folders: Folder[] = [...project.folders, ...packageImports(workspace, manifests)];
  const before = moduleResolver(workspace, new Set(all), project.packages, folders);
  const there = folders.map((one) => movedFolder(workspace, one, move));
  const packages = project.packages.map((one) => movedPackage(workspace, one, move, configured));
  const after = moduleResolver(workspace, new Set(all.map((path) => move.placeOf(path))), packages, there);
  return (path, specifier) => {
    const query = specifier.startsWith('#') ? '' : (/[?#!].*$/.exec(specifier.slice(1))?.[0] ?? '');
    const bare = query === '' ? specifier : specifier.slice(0, -query.length);
    const verdict = rewritten({ workspace, move, before, after, there }, path, bare);
    return verdict !== undefined && 'text' in verdict ? { text: verdict.text + query } : verdict;
  };
}

type Lookup = { workspace: string; move: Move; before: ModuleResolver; after: ModuleResolver; there: Folder[] };

function rewritten({ workspace, move, before, after, there }: Lookup, path: string, bare: string): Verdict {
  const importer = move.placeOf(path);
  const isRelative = /^\.\.?(?:\/|$)/.test(bare);
  const found = before.resolve(path, bare);
  if (found === undefined) return isRelative ? unresolved(move, path, bare) : byUnknownAlias(move, bare);
  const wanted = move.placeOf(found);
  if (wanted === found && importer === path) {
    // A file that gets the name of another one may stand before it.
    const now = after.resolve(importer, bare);
    return now === wanted || now === undefined ? { text: bare } : { reason: `'${bare}' would lead to ${now}` };
  }
  if (after.resolve(importer, bare) === wanted && (!isRelative || isExact(bare))) return { text: bare };
  const inForce = there.filter(({ folder }) => nearest([{ folder }], importer));
  const paths = Object.assign(
    {},
    ...inForce.toSorted((a, b) => a.folder.length - b.folder.length).map((one) => one.paths),
  );
  const text = restyled({ workspace, importer, specifier: bare, before: found, after: wanted, paths });
  if (text === undefined) return { reason: `the package that '${bare}' names leads here; its package.json decides` };
  const led = after.resolve(importer, text);
  if (led !== wanted) return { reason: `'${text}' would lead to ${led ?? 'no file'}, not to ${wanted}` };
  return { text };
}

/** Whether a relative specifier that still leads there may stay: one that is written as usual. */
const isExact = (bare: string): boolean => posix.normalize(bare) === bare.replace(/^\.\//, '');

/** A relative specifier that leads to no known file (a built one, an ignored one) still means the same place. */
function unresolved(move: Move, path: string, bare: string): Verdict {
  const target = cleanPath(posix.join(posix.dirname(path), bare));
  const place = move.placeOf(target);
  const to = posix.dirname(move.placeOf(path));
  if (!move.has(path)) {
    return place === target ? undefined : { reason: `'${bare}' leads to no file that is here, and its folder moves` };
  }
  const text = relativePath(to, place);
  if (text === relativePath(posix.dirname(path), target)) return { text: bare };
  return { text: bare.endsWith('/') ? `${text}/` : text };
}

/**
 * A specifier that no configuration explains here, although its end is that of a moved file: bundlers and frameworks have
 * aliases of their own (`$lib/user`, `~/stores/user`, `@components/Button`).
 */
function byUnknownAlias(move: Move, bare: string): Verdict {
  const [alias = '', ...rest] = bare.split('/');
  const word = alias.replace(/^[@~$#]+/, '');
  const ends = [rest, ...(word === alias || word === '' ? [] : [[word, ...rest]])].map(
    (parts) => `/${parts.join('/')}`,
  );
  const isBare = word === '' || word !== alias;
  if (rest.length === 0 || rest.at(-1) === '' || (!isBare && rest.length < 2)) return undefined;
  const wanted = word === '' || rest.length > 1 ? ends : ends.slice(1);
  const path = [...move.files.keys()].find((moved) => {
    const stem = moved.replace(/(?:\.d)?\.\w+$/, '');
    const names = [moved, stem, stem.replace(/\/index$/, ''), `${stem}.js`].map((name) => `/${name}`);
    return wanted.some((end) => names.some((name) => name.endsWith(end)));
  });
  return path === undefined ? undefined : { reason: `'${bare}' may lead to ${path} by an alias that is not read here` };
}

/** The folder's configuration as it will be; its values follow what moves (move-configuration.ts). */
function movedFolder(workspace: string, { folder, paths }: Folder, move: Move): Folder {
  const target = (absolute: string) => {
    const path = relative(workspace, absolute);
    const star = path.indexOf('*');
    if (star >= 0) {
      const fixed = path.slice(0, path.lastIndexOf('/', star) + 1);
      return join(workspace, move.placeOf(fixed.replace(/\/$/, '')), path.slice(fixed.length));
    }
    const stem = [...move.files].find(
      ([from]) => from === path || from.replace(/(?:\.d)?\.[cm]?[jt]sx?$/, '') === path,
    );
    if (stem === undefined) return join(workspace, move.placeOf(path));
    return join(workspace, stem[0] === path ? stem[1] : stem[1].replace(/(?:\.d)?\.[cm]?[jt]sx?$/, ''));
  };
  const moved = Object.entries(paths).map(([pattern, targets]) => [pattern, targets.map(target)]);
  return { folder: folder === '' ? '' : move.placeOf(folder), paths: Object.fromEntries(moved) };
}

/** The package with the entries that still stand: those that move with it, and those that its package.json follows. */
function movedPackage(
  workspace: string,
  one: WorkspacePackage,
  move: Move,
  configured: Configuration,
): WorkspacePackage {
  const manifest = posix.join(one.directory, 'package.json');
  const entries = Object.entries(one.entries).flatMap(([name, file]) => {
    const path = relative(workspace, file);
    const place = move.placeOf(path);
    const stands = place === path || move.has(manifest) || configured.follows(manifest, path);
    return stands ? [[name, join(workspace, place)]] : [];
  });
  return { ...one, directory: move.placeOf(one.directory), entries: Object.fromEntries(entries) };
}
