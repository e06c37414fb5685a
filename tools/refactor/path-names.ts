import { posix } from 'node:path';
import { cleanPath, type Move } from './move-plan.ts';

/**
 * Recognizes the names under which texts speak of a path that moves: relative to the text's own folder or to one above
 * it, from the top of the repository behind any beginning (`/app/src/a.js`), without its ending, and as the file that a
 * build makes of it.
 */
export type PathNames = {
  /** Words of which each text that names something moved has at least one. */
  words: string[];
  /** The moved path that a name in a file's text means; undefined: none. */
  meant(file: string, name: string): string | undefined;
};

const lastEnding = /(?:\.d)?\.[A-Za-z0-9]+$/;
/** Names that many files have: the folder above tells them apart. */
const common = /^(?:index|mod|__init__|__main__|lib|package)$/;
/** React Native picks a file by its platform, and imports leave that out. */
const platform = /\.(?:ios|android|native|web|windows|macos)$/;
const built = /(^|\/)(?:dist|build|lib|out|es|esm|cjs|types|typings|target)(?:\/(?:esm|cjs|es|src|types))?\//;

export function pathNames(all: readonly string[], move: Move): PathNames {
  const known = new Set(all);
  const folders = new Set(all.flatMap((path) => parentsOf(path)));
  const stems = new Map<string, string>();
  for (const path of move.files.keys()) for (const name of namesOf(path)) if (!stems.has(name)) stems.set(name, path);
  const anchors = anchorsOf(all, [...move.files.keys()], move);
  const basenames = Map.groupBy(all, (path) => posix.basename(path));
  const movedAs = (path: string): string | undefined => {
    if (known.has(path)) return move.has(path) ? path : undefined;
    return folders.has(path) && move.has(path) ? path : stems.get(path);
  };
  // Files that are not here (built, ignored) count where the text says that it means a path.
  const isWithin = (path: string, name: string) =>
    /^\.{1,2}\//.test(name) && move.folder !== undefined && move.has(path);
  const sourceOf = (path: string) =>
    built.test(path) && !folders.has(posix.dirname(path))
      ? (stems.get(path.replace(built, '$1src/')) ?? stems.get(path.replace(built, '$1')))
      : undefined;
  const stands = (path: string) => (known.has(path) || folders.has(path)) && !move.has(path);
  return {
    words: wordsOf(move),
    meant(file, written) {
      const name = cleanPath(written.replaceAll('\\', '/').replace(/^(?:@|~|#)\//, ''));
      if (name === '.' || name.startsWith('../../../../../../../..')) return undefined;
      const isAbsolute = name.startsWith('/');
      const near = isAbsolute ? [] : ['.', ...parentsOf(file)].toReversed().map((folder) => posix.join(folder, name));
      for (const path of near) {
        if (path.startsWith('..')) continue;
        if (stands(path)) return undefined;
        const found = movedAs(path);
        // From a file that goes along, a path within what moves stays as it is.
        if (found !== undefined && path === near[0] && goesAlong(file, found, move)) return undefined;
        if (found !== undefined) return found;
      }
      // A file that is here is meant before one that a build would make.
      for (const path of near.filter((one) => !one.startsWith('..'))) {
        const found = sourceOf(path) ?? (isWithin(path, written) ? path : undefined);
        if (found !== undefined && path === near[0] && goesAlong(file, found, move)) return undefined;
        if (found !== undefined) return found;
      }
      const anchored = anchors.find(({ scope, path, names }) => {
        if (scope !== '' && !file.startsWith(`${scope}/`)) return false;
        const isFolder = path === move.folder?.from;
        return names.some(
          (one) =>
            name === `/${one}` || name.endsWith(`/${one}`) || (isFolder && isInside(name, one) && one.includes('/')),
        );
      });
      if (anchored !== undefined) return anchored.path;
      const alone = name.includes('/') ? undefined : basenames.get(name);
      return alone?.length === 1 && move.has(alone[0]!) ? alone[0] : undefined;
    },
  };
}

function goesAlong(file: string, path: string, move: Move): boolean {
  const [from, to] = [posix.dirname(file), posix.dirname(move.placeOf(file))];
  return move.has(file) && posix.relative(from, path) === posix.relative(to, move.placeOf(path));
}

const isInside = (name: string, folder: string): boolean => name.includes(`/${folder}/`);

/** A path, and the same without its ending, as a built file and as the folder of an index. */
function namesOf(path: string): string[] {
  const stem = path.replace(lastEnding, '');
  const names = [path, stem, stem.replace(platform, '')];
  if (/\.[cm]?[tj]sx?$/.test(path))
    names.push(...['.js', '.mjs', '.cjs', '.d.ts', '.jsx'].map((ending) => stem + ending));
  if (posix.basename(stem) === 'index' && posix.dirname(path) !== '.') names.push(posix.dirname(path));
  return names;
}

/** Paths that a text may write in full, from the top or from a package's folder; those of one word say too little. */
function anchorsOf(all: readonly string[], moved: readonly string[], move: Move) {
  const manifests = new Set(
    all
      .filter((path) => /(?:^|\/)(?:package\.json|pyproject\.toml|setup\.py|go\.mod|Cargo\.toml|pom\.xml)$/.test(path))
      .map((path) => posix.dirname(path)),
  );
  const anchored = (path: string, names: string[]) =>
    parentsOf(path)
      .filter((folder) => manifests.has(folder))
      .map((scope) => ({
        scope,
        path,
        names: names
          .map((one) => posix.relative(scope, one))
          .filter((one) => one.includes('/') && !one.startsWith('..')),
      }))
      .concat({ scope: '', path, names: names.filter((one) => one.includes('/')) });
  const files = moved.flatMap((path) => anchored(path, namesOf(path)));
  return move.folder === undefined ? files : [...anchored(move.folder.from, [move.folder.from]), ...files];
}

function wordsOf(move: Move): string[] {
  if (move.folder !== undefined) return [posix.basename(move.folder.from)];
  const words = [...move.files.keys()].flatMap((path) => {
    const stem = posix.basename(path).replace(lastEnding, '').replace(platform, '') || posix.basename(path);
    const above = posix.basename(posix.dirname(path));
    return common.test(stem) && above !== '.' && above !== '' ? [stem, above] : [stem];
  });
  return [...new Set(words)];
}

/** The folders above a path, from the top one down. */
export function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}
