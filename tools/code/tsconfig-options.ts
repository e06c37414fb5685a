import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod/mini';

/**
 * What a tsconfig.json says about how imports are found and sources are read, `extends` followed, paths made absolute.
 *
 * TypeScript 7 has dropped `baseUrl` and the older module resolutions; here they still mean what they meant, because a
 * rename has to find the sites in a repository that builds with an older compiler or a bundler.
 */
export type ProjectOptions = {
  /** Pattern → absolute targets, as in `compilerOptions.paths`; a `baseUrl` is the pattern `*`. */
  paths: Record<string, string[]>;
  /** Carried over as they are: what changes how a source is read, not where the compiler writes. */
  reading: Record<string, unknown>;
};

const config = z.object({
  extends: z.optional(z.union([z.string(), z.array(z.string())])),
  compilerOptions: z.optional(z.record(z.string(), z.unknown())),
});
const pathsOption = z.record(z.string(), z.array(z.string()));
const extendsDepthMax = 16;
const readingOptions = new Set(
  [
    'jsx jsxImportSource jsxFactory jsxFragmentFactory customConditions moduleSuffixes experimentalDecorators',
    'emitDecoratorMetadata useDefineForClassFields strict strictNullChecks lib resolveJsonModule allowArbitraryExtensions',
  ]
    .join(' ')
    .split(' '),
);

/** Reads the file and what it extends. A missing or broken one says nothing: the empty options. Never throws. */
export function projectOptions(file: string, depth = 0): ProjectOptions {
  const own = readConfig(file);
  const result: ProjectOptions = { paths: {}, reading: {} };
  if (own === undefined || depth > extendsDepthMax) return result;
  for (const parent of [own.extends ?? []].flat()) {
    const base = extendedFile(file, parent);
    if (base === undefined) continue;
    const inherited = projectOptions(base, depth + 1);
    result.paths = { ...result.paths, ...inherited.paths };
    result.reading = { ...result.reading, ...inherited.reading };
  }
  const options = own.compilerOptions ?? {};
  for (const [name, value] of Object.entries(options)) if (readingOptions.has(name)) result.reading[name] = value;
  const directory = dirname(file);
  const baseUrl = typeof options.baseUrl === 'string' ? resolve(directory, options.baseUrl) : undefined;
  const paths = pathsOption.safeParse(options.paths);
  if (paths.success) result.paths = absolutePaths(paths.data, baseUrl ?? directory);
  if (baseUrl !== undefined)
    result.paths = { ...result.paths, '*': [...(result.paths['*'] ?? []), join(baseUrl, '*')] };
  return result;
}

function absolutePaths(paths: Record<string, string[]>, base: string): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(paths).map(([pattern, targets]) => [pattern, targets.map((target) => resolve(base, target))]),
  );
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

function extendedFile(from: string, name: string): string | undefined {
  if (name.startsWith('.') || name.startsWith('/')) {
    const path = resolve(dirname(from), name);
    return [path, `${path}.json`].find((candidate) => candidate.endsWith('.json') && existsSync(candidate));
  }
  const require = createRequire(from);
  for (const candidate of [name, `${name}.json`, `${name}/tsconfig.json`]) {
    try {
      const found = require.resolve(candidate);
      if (found.endsWith('.json')) return found;
    } catch {
      // Not under this name: the next candidate, or a package that is not installed here.
    }
  }
  return undefined;
}

/** JSON as TypeScript's configuration files have it: with comments and trailing commas. */
export function withoutComments(text: string): string {
  return text
    .replace(/("(?:[^"\\]|\\.)*")|\/\*[\s\S]*?\*\/|\/\/[^\n\r]*/g, (_, string: string | undefined) => string ?? '')
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string: string | undefined) => string ?? '');
}
