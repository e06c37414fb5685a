import { readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import * as z from 'zod/mini';
import { isBuilt } from '../files/source-files.ts';

/**
 * The packages that live in the workspace, and the source files behind the names others import them by.
 *
 * `main`, `types` and `exports` mostly name built files, which a clean work tree does not have; the source is found by
 * putting `src` for the build folder and a source ending for the built one.
 */
export type WorkspacePackage = {
  name: string;
  /** Relative to the workspace, POSIX; '' for the workspace itself. */
  directory: string;
  /** Import sub-path (`.`, `./feature`) → absolute source file. */
  entries: Record<string, string>;
  /** For each sub-path with hand-written declarations: them and the source that they describe, relative to the workspace. */
  faces: string[][];
};

const manifest = z.object({
  name: z.optional(z.string()),
  type: z.optional(z.string()),
  main: z.optional(z.string()),
  module: z.optional(z.string()),
  types: z.optional(z.string()),
  typings: z.optional(z.string()),
  source: z.optional(z.string()),
  exports: z.optional(z.unknown()),
  imports: z.optional(z.record(z.string(), z.unknown())),
  dependencies: z.optional(z.record(z.string(), z.string())),
  devDependencies: z.optional(z.record(z.string(), z.string())),
  peerDependencies: z.optional(z.record(z.string(), z.string())),
  optionalDependencies: z.optional(z.record(z.string(), z.string())),
});
export type Manifest = z.infer<typeof manifest>;

const sourceEndings = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];
/** Folders at the top of a package that a build makes. */
export const buildFolders = /^(?:dist|build|lib|out|es|esm|cjs|types|typings)(?:\/(?:esm|cjs|es|src|types))?\//;

/** undefined: missing or not a package.json. Never throws. */
export function readManifest(file: string): Manifest | undefined {
  try {
    const parsed = manifest.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Missing or broken: npm itself will complain; to an import it means that there is no package.
    return undefined;
  }
}

/** `manifests`: relative paths of the workspace's package.json files; `sources`: of its source files. */
export function workspacePackages(
  workspace: string,
  manifests: readonly string[],
  sources: ReadonlySet<string>,
): WorkspacePackage[] {
  return manifests.flatMap((path) => {
    const found = readManifest(join(workspace, path));
    if (found?.name === undefined) return [];
    const directory = dirname(path) === '.' ? '' : dirname(path);
    const entries = entriesOf(workspace, directory, found, sources);
    return [{ name: found.name, directory, entries, faces: facesOf(workspace, directory, found, sources, entries) }];
  });
}

/** Pattern → absolute targets, for `compilerOptions.paths`. */
export function packagePaths(workspace: string, packages: readonly WorkspacePackage[]): Record<string, string[]> {
  const paths: Record<string, string[]> = {};
  for (const { name, directory, entries } of packages) {
    for (const [subPath, file] of Object.entries(entries)) paths[posix.join(name, subPath)] = [file];
    const root = join(workspace, directory);
    paths[`${name}/*`] = [join(root, 'src/*'), join(root, '*')];
  }
  return paths;
}

function entriesOf(
  workspace: string,
  directory: string,
  found: Manifest,
  sources: ReadonlySet<string>,
): Record<string, string> {
  const wanted: [string, string[]][] = [
    ['.', [found.source, found.types, found.typings, found.module, found.main].filter(isText)],
  ];
  const exported = found.exports;
  if (typeof exported === 'string') wanted.push(['.', [exported]]);
  else if (typeof exported === 'object' && exported !== null) {
    const bySubPath = Object.entries(exported).filter(([key]) => key.startsWith('.'));
    for (const [key, value] of bySubPath) if (!key.includes('*')) wanted.push([key, textsIn(value)]);
    if (bySubPath.length === 0) wanted.push(['.', textsIn(exported)]);
  }
  wanted.push(['.', ['src/index', 'index', 'lib/index', 'src/main']]);
  const entries: Record<string, string> = {};
  for (const [subPath, files] of wanted) {
    const source = files.map((file) => sourceOf(directory, file, sources)).find(isText);
    if (source !== undefined) entries[subPath] ??= join(workspace, source);
  }
  const typed = ['src/index.ts', 'src/index.tsx', 'src/index.mts', 'src/index.cts'];
  const behind = typed.map((path) => posix.join(directory, path)).find((path) => sources.has(path));
  // A script at a typed package's top only hands on the built code: `module.exports = require('./dist/…')`.
  const isFront = /^[^/]+\.[cm]?js$/.test(relative(join(workspace, directory), entries['.'] ?? ''));
  if (behind !== undefined && isFront) entries['.'] = join(workspace, behind);
  return entries;
}

function facesOf(
  workspace: string,
  directory: string,
  found: Manifest,
  sources: ReadonlySet<string>,
  entries: Record<string, string>,
): string[][] {
  const exported = found.exports;
  const isBySubPath = typeof exported === 'object' && exported !== null && '.' in exported;
  const bySubPath = Object.entries(isBySubPath ? exported : { '.': exported });
  return Object.entries(entries).flatMap(([subPath, entry]) => {
    const named = bySubPath.filter(([key]) => key === subPath).flatMap(([, value]) => textsIn(value));
    if (subPath === '.') named.push(...[found.types, found.typings].filter(isText));
    const paths = named.map((path) => posix.join(directory, path)).filter((path) => /\.d\.[cm]?ts$/.test(path));
    const written = [...new Set(paths)].filter((path) => sources.has(path) && !isBuilt(path));
    return written.length === 0 ? [] : [[relative(workspace, entry), ...written]];
  });
}

/** The source of the built file that a local specifier names; a test server may put a folder before it (`/base/dist/…`). */
export function sourceOfBuilt(
  packages: readonly WorkspacePackage[],
  sources: ReadonlySet<string>,
  from: string,
  specifier: string,
): string | undefined {
  if (!/^(?:\.{1,2})?\//.test(specifier)) return undefined;
  const bare = specifier.replace(/[?#].*$/, '');
  const fromTop = [bare.slice(1), bare.slice(1).replace(/^[^/]*\//, '')];
  const paths = bare.startsWith('/') ? fromTop : [posix.join(posix.dirname(from), bare)];
  const folders = packages.map(({ directory }) => directory).toSorted((a, b) => b.length - a.length);
  const inside = (folder: string, path: string) => folder === '' || path.startsWith(`${folder}/`);
  const tried = paths.flatMap((path) =>
    folders.filter((folder) => inside(folder, path)).map((folder) => ({ folder, path })),
  );
  return tried.map(({ folder, path }) => sourceOf(folder, posix.relative(folder, path), sources)).find(isText);
}

function sourceOf(directory: string, built: string, sources: ReadonlySet<string>): string | undefined {
  const stem = posix.normalize(built).replace(/(?:\.d)?\.[cm]?[tj]sx?$/, '');
  const stems = [stem, stem.replace(buildFolders, 'src/'), stem.replace(buildFolders, '')];
  const candidates = stems.flatMap((name) => sourceEndings.map((ending) => posix.join(directory, name + ending)));
  const known = candidates.filter((candidate) => sources.has(candidate));
  // A build that is committed is a copy of the source, which the names of the package mean.
  return known.find((candidate) => !isBuilt(candidate)) ?? known[0];
}

export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

const isText = (value: string | undefined): value is string => value !== undefined;
