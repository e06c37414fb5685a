import { join, posix, relative } from 'node:path';
import type { Specifier } from '../code/import-specifiers.ts';
import { foldersOver, type ModuleResolver, moduleResolver, type PatternFolder } from '../code/module-resolver.ts';
import { packageImports } from '../code/package-imports.ts';
import type { WholeProject } from '../code/whole-project.ts';
import type { WorkspacePackage } from '../code/workspace-packages.ts';
import type { Configuration } from './move-configuration.ts';
import { cleanPath, type Move, relativePath } from './move-plan.ts';
import { needsEnding, restyled } from './specifier-style.ts';

/** The new text of a specifier, which may be the old one, or a reason why it has none; undefined: it leads nowhere here. */
export type Verdict = { text: string } | { reason: string } | undefined;
export type Imports = (path: string, specifier: Pick<Specifier, 'text' | 'isPath'>) => Verdict;

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
  const own = packageImports(workspace, manifests);
  const [known, there] = [new Set(all), new Set(all.map((path) => move.placeOf(path)))];
  const packages = project.packages.map((one) => movedPackage(workspace, one, move, configured));
  const lookup = (settings: readonly PatternFolder[]): Lookup => {
    const folders = [...settings, ...own];
    const moved = folders.map((one) => movedFolder(workspace, one, move));
    const before = moduleResolver(workspace, known, project.packages, folders);
    const after = moduleResolver(workspace, there, packages, moved);
    const patterns = moduleResolver(workspace, known, [], folders);
    const isAlias = (path: string, specifier: string) => patterns.resolve(path, specifier) !== undefined;
    return { workspace, move, before, after, isAlias, folders: moved };
  };
  const strict = lookup(project.configured);
  const wide = lookup(project.folders);
  const isFolder = (path: string) => all.some((one) => one.startsWith(`${path}/`));
  return (path, { text: specifier, isPath }) => {
    const query = specifier.startsWith('#') ? '' : (/[?#!].*$/.exec(specifier.slice(1))?.[0] ?? '');
    const bare = query === '' ? specifier : specifier.slice(0, -query.length);
    const target = cleanPath(posix.join(posix.dirname(path), bare));
    if (isPath && (known.has(target) || isFolder(target))) return besideAfter(move, path, bare, target);
    // An alias that the configuration above a file explains has to hold above its new place, too.
    const rules = strict.before.resolve(path, bare) === undefined ? wide : strict;
    const verdict = rewritten(rules, path, bare, isFolder);
    return verdict !== undefined && 'text' in verdict ? { text: verdict.text + query } : verdict;
  };
}

type Lookup = {
  workspace: string;
  move: Move;
  before: ModuleResolver;
  after: ModuleResolver;
  /** Whether a pattern explains a specifier now, which need not hold at the new place. */
  isAlias(path: string, specifier: string): boolean;
  /** The patterns as they will be. */
  folders: PatternFolder[];
};

function rewritten(lookup: Lookup, path: string, bare: string, isFolder: (path: string) => boolean): Verdict {
  const { workspace, move, before, after } = lookup;
  const importer = move.placeOf(path);
  const isRelative = /^\.\.?(?:\/|$)/.test(bare);
  const found = before.resolve(path, bare);
  if (found === undefined) return isRelative ? unresolved(move, path, bare, isFolder) : byUnknownAlias(move, bare);
  const wanted = move.placeOf(found);
  const now = after.resolve(importer, bare);
  if (wanted === found && importer === path && (now === wanted || now === undefined)) return { text: bare };
  const isAlias = lookup.isAlias(path, bare);
  const isByPath = isRelative || isAlias;
  const stays = now === wanted && !(isByPath && needsEnding(bare, found, wanted));
  if (stays && (!isRelative || isExact(bare))) return { text: bare };
  const paths = Object.assign(
    {},
    ...foldersOver(lookup.folders, importer)
      .toReversed()
      .map((one) => one.paths),
  );
  const text = restyled({ workspace, importer, specifier: bare, before: found, after: wanted, paths, isAlias });
  if (text === undefined) return { reason: `the package that '${bare}' names leads here; its package.json decides` };
  // Another file or folder of the shorter name may stand before it.
  const right = [text, ...longer(text, wanted)].find((one) => after.resolve(importer, one) === wanted);
  if (right !== undefined) return { text: right };
  return { reason: `'${text}' would lead to ${after.resolve(importer, text) ?? 'no file'}, not to ${wanted}` };
}

/** A specifier with more of the end of the file's path. */
function longer(text: string, wanted: string): string[] {
  const ending = /(?:\.d)?\.\w+$/.exec(wanted)?.[0] ?? '';
  const folder = text.replace(/\/$/, '');
  return [text + ending, `${folder}/index`, `${folder}/index${ending}`];
}

/** Whether a relative specifier that still leads there may stay: one that is written as usual. */
const isExact = (bare: string): boolean => posix.normalize(bare) === bare.replace(/^\.\//, '');

/** A path beside the file, which means that very file or folder. */
function besideAfter(move: Move, path: string, bare: string, target: string): Verdict {
  const now = relativePath(posix.dirname(path), target);
  const text = relativePath(posix.dirname(move.placeOf(path)), move.placeOf(target));
  if (text === now) return { text: bare };
  const isDotted = /^\.{1,2}(?:\/|$)/.test(bare);
  return { text: (isDotted ? text : text.replace(/^\.\//, '')) + (bare.endsWith('/') ? '/' : '') };
}

/** A relative specifier that leads to no known file (a built one, an ignored one) still means the same place. */
function unresolved(move: Move, path: string, bare: string, isFolder: (path: string) => boolean): Verdict {
  const target = cleanPath(posix.join(posix.dirname(path), bare));
  const place = move.placeOf(target);
  const to = posix.dirname(move.placeOf(path));
  if (!move.has(path)) {
    if (place === target) return undefined;
    if (isFolder(target)) return { text: relativePath(to, place) + (bare.endsWith('/') ? '/' : '') };
    return { reason: `'${bare}' leads to no file that is here, and its folder moves` };
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
function movedFolder(workspace: string, { folder, paths, ...rest }: PatternFolder, move: Move): PatternFolder {
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
  return { ...rest, folder: folder === '' ? '' : move.placeOf(folder), paths: Object.fromEntries(moved) };
}

/** The package with its entries as they will be: one that neither moves with it nor is followed by its package.json leads nowhere. */
function movedPackage(
  workspace: string,
  one: WorkspacePackage,
  move: Move,
  configured: Configuration,
): WorkspacePackage {
  const manifest = posix.join(one.directory, 'package.json');
  const entries = Object.entries(one.entries).map(([name, file]): [string, string] => {
    const path = relative(workspace, file);
    const place = move.placeOf(path);
    const stands = place === path || move.has(manifest) || configured.follows(manifest, path);
    return [name, stands ? join(workspace, place) : file];
  });
  return { ...one, directory: move.placeOf(one.directory), entries: Object.fromEntries(entries) };
}
