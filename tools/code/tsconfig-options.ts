import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createPathsMatcher, parseTsconfig } from 'get-tsconfig';
import * as z from 'zod/mini';

/**
 * The options of a tsconfig.json that say how imports are found and how sources are read, with `extends` followed
 * and paths made absolute. get-tsconfig reads the file: it knows lists of parents, packages as parents and `${configDir}`.
 *
 * TypeScript 7 has dropped `baseUrl` and the older module resolutions. They keep their meaning here, because a rename
 * has to find the sites in a repository that builds with an older compiler or a bundler.
 */
export type ProjectOptions = {
  /** Pattern → absolute targets, as in `compilerOptions.paths`; a `baseUrl` is the pattern `*`. */
  paths: Record<string, string[]>;
  /** Copied unchanged: options that change how a source is read, not where the compiler writes. */
  reading: Record<string, unknown>;
};

const compilerOptions = z.looseObject({
  baseUrl: z.optional(z.string()),
  paths: z.optional(z.record(z.string(), z.array(z.string()))),
});
const config = z.object({
  extends: z.optional(z.union([z.string(), z.array(z.string())])),
  compilerOptions: z.optional(compilerOptions),
});
type CompilerOptions = z.infer<typeof compilerOptions>;

const readingOptions = new Set(
  [
    'jsx jsxImportSource jsxFactory jsxFragmentFactory customConditions moduleSuffixes experimentalDecorators',
    'emitDecoratorMetadata useDefineForClassFields strict strictNullChecks lib resolveJsonModule allowArbitraryExtensions',
  ]
    .join(' ')
    .split(' '),
);

/** Reads the file and its parents. A file that is missing or broken gives the empty options. Never throws. */
export function projectOptions(file: string): ProjectOptions {
  return readWithParents(file) ?? readApart(file, new Set());
}

/** Undefined: the file or one of its parents cannot be read. */
function readWithParents(file: string): ProjectOptions | undefined {
  try {
    const resolved = parseTsconfig(file);
    const options = config.parse(resolved).compilerOptions ?? {};
    // The library does not reveal the folder that inherited targets start from, so we ask its matcher for each pattern.
    const matcher = createPathsMatcher({ path: file, config: resolved });
    const patterns = Object.keys(options.paths ?? {});
    const paths = Object.fromEntries(patterns.map((pattern) => [pattern, matcher?.(pattern) ?? []]));
    return projectOptionsOf(dirname(file), options, paths);
  } catch {
    // readApart tells the cases apart: a broken file, or a parent that is not installed or that a build makes.
    return undefined;
  }
}

/**
 * The options of a file of which a parent cannot be read: its own, and those of the parents by path that can. `seen`: files
 * that were read so already; each is read once, also where files name each other.
 */
function readApart(file: string, seen: Set<string>): ProjectOptions {
  const own = readConfig(file);
  const result: ProjectOptions = { paths: {}, reading: {} };
  if (own === undefined || seen.has(file)) return result;
  seen.add(file);
  for (const parent of [own.extends ?? []].flat()) {
    if (!/^\.{0,2}\//.test(parent)) continue;
    const path = resolve(dirname(file), parent.endsWith('.json') ? parent : `${parent}.json`);
    const inherited = readWithParents(path) ?? readApart(path, seen);
    result.paths = { ...result.paths, ...inherited.paths };
    result.reading = { ...result.reading, ...inherited.reading };
  }
  const options = own.compilerOptions ?? {};
  const base = resolve(dirname(file), options.baseUrl ?? '.');
  const targets = Object.entries(options.paths ?? {});
  const ownPaths = targets.map(([pattern, list]) => [pattern, list.map((target) => resolve(base, target))]);
  const given = projectOptionsOf(dirname(file), options, options.paths ? Object.fromEntries(ownPaths) : result.paths);
  return { paths: given.paths, reading: { ...result.reading, ...given.reading } };
}

/** `paths`: absolute already. */
function projectOptionsOf(
  directory: string,
  options: CompilerOptions,
  paths: Record<string, string[]>,
): ProjectOptions {
  const reading = Object.fromEntries(Object.entries(options).filter(([name]) => readingOptions.has(name)));
  if (options.baseUrl === undefined) return { paths, reading };
  const everything = [...(paths['*'] ?? []), join(resolve(directory, options.baseUrl), '*')];
  return { paths: { ...paths, '*': everything }, reading };
}

function readConfig(file: string): z.infer<typeof config> | undefined {
  try {
    const parsed = config.safeParse(JSON.parse(withoutComments(readFileSync(file, 'utf8').replace(/^\ufeff/, ''))));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Unreadable or broken: the repository's own tools will say so; here it only means "no options".
    return undefined;
  }
}

/** JSON as TypeScript's configuration files have it: with comments and trailing commas. */
function withoutComments(text: string): string {
  return text
    .replace(/("(?:[^"\\]|\\.)*")|\/\*[\s\S]*?\*\/|\/\/[^\n\r]*/g, (_, string: string | undefined) => string ?? '')
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string: string | undefined) => string ?? '');
}
