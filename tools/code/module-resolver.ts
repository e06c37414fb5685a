import { join, posix, relative } from 'node:path';
import type { WorkspacePackage } from './workspace-packages.ts';

/**
 * Where an import leads in the workspace, found as bundlers and TypeScript do: relative, by `paths` and `baseUrl`, by
 * a workspace package's name, by package.json's `#imports` only through those. No file is read: the list of files decides.
 */
export type ModuleResolver = {
  /** Relative POSIX path of the file; undefined when the specifier leads out of the workspace or nowhere. */
  resolve(from: string, specifier: string): string | undefined;
};

/** The import patterns of a folder. */
export type PatternFolder = {
  folder: string;
  paths: Record<string, string[]>;
  /** They are a package's own: of the packages around a file only the nearest one counts. */
  isPackage?: boolean;
};

const endings = ['', '.ts', '.tsx', '.mts', '.cts', '.d.ts', '.js', '.jsx', '.mjs', '.cjs', '.json'];
/** A written ending may stand for the source it is built from. */
const sourcesOf: Record<string, string[]> = {
  '.js': ['.ts', '.tsx', '.d.ts'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts', '.d.mts'],
  '.cjs': ['.cts', '.d.cts'],
};

export function moduleResolver(
  workspace: string,
  files: ReadonlySet<string>,
  packages: readonly WorkspacePackage[],
  folders: readonly PatternFolder[],
): ModuleResolver {
  const file = (path: string): string | undefined => existing(path, files);
  return {
    resolve(from, specifier) {
      if (/^\.\.?(?:\/|$)/.test(specifier)) {
        const path = posix.join(posix.dirname(from), specifier);
        // These name a folder, never the file beside it that is called so.
        return /(?:^|\/)(?:\.\.?)?$/.test(specifier) ? indexOf(path, files) : file(path);
      }
      if (specifier.startsWith('/')) return undefined;
      for (const { paths } of foldersOver(folders, from)) {
        const found = candidates(paths, specifier).map((path) => file(relative(workspace, path)));
        const first = found.find((path) => path !== undefined);
        if (first !== undefined) return first;
      }
      return packageFile(workspace, packages, specifier, file);
    },
  };
}

/** The folders whose patterns hold for a file, the deepest first. */
export function foldersOver(folders: readonly PatternFolder[], file: string): PatternFolder[] {
  const above = folders
    .filter(({ folder }) => folder === '' || file.startsWith(`${folder}/`))
    .toSorted((a, b) => b.folder.length - a.folder.length);
  const nearest = above.find(({ isPackage }) => isPackage);
  return above.filter((one) => !one.isPackage || one === nearest);
}

/** Absolute paths that the patterns give a specifier, the most specific pattern's first. */
function candidates(paths: Record<string, string[]>, specifier: string): string[] {
  const patterns = Object.entries(paths).toSorted(([a], [b]) => prefixLength(b) - prefixLength(a));
  return patterns.flatMap(([pattern, targets]) => {
    const rest = matched(pattern, specifier);
    return rest === undefined ? [] : targets.map((target) => target.replace('*', () => rest));
  });
}

const indexOf = (folder: string, files: ReadonlySet<string>): string | undefined =>
  endings
    .slice(1)
    .map((ending) => posix.join(folder, `index${ending}`))
    .find((one) => files.has(one));

function existing(path: string, files: ReadonlySet<string>): string | undefined {
  const bare = posix.normalize(path).replace(/\/$/, '');
  if (bare.startsWith('..')) return undefined;
  const written = posix.extname(bare);
  const sources = (sourcesOf[written] ?? []).map((ending) => bare.slice(0, -written.length) + ending);
  const asFile = endings.map((ending) => bare + ending);
  return [bare, ...sources, ...asFile].find((candidate) => files.has(candidate)) ?? indexOf(bare, files);
}

function packageFile(
  workspace: string,
  packages: readonly WorkspacePackage[],
  specifier: string,
  file: (path: string) => string | undefined,
): string | undefined {
  for (const { name, directory, entries } of packages) {
    if (specifier !== name && !specifier.startsWith(`${name}/`)) continue;
    const subPath = `.${specifier.slice(name.length)}`;
    const entry = entries[subPath];
    if (entry !== undefined) return relative(workspace, entry);
    const found = file(join(directory, 'src', subPath)) ?? file(join(directory, subPath));
    if (found !== undefined) return found;
  }
  return undefined;
}

const prefixLength = (pattern: string): number => pattern.split('*')[0]!.length;

/** The text that the `*` of a pattern matches; undefined when the specifier does not match. */
function matched(pattern: string, specifier: string): string | undefined {
  const [before = '', after] = pattern.split('*');
  if (after === undefined) return pattern === specifier ? '' : undefined;
  const long = specifier.length >= before.length + after.length;
  if (!long || !specifier.startsWith(before) || !specifier.endsWith(after)) return undefined;
  return specifier.slice(before.length, specifier.length - after.length);
}
