import { existsSync, lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import * as z from 'zod/mini';
import { repositoryText } from '../../git/repository-file.ts';

/**
 * Finds installed packages that lead to the repository's own source, directly or through another one: for example a
 * plug-in that has a workspace package as its peer. Node finds a package's dependencies from its real path, so behind a
 * link such a package would load the checkout's source. They are copied into the tree instead.
 */
export type Reach = {
  /** Absolute folders of packages to copy. */
  copied: ReadonlySet<string>;
  /** Absolute folders of a store that become real ones, so that the packages beside a copied one are found. */
  opened: ReadonlySet<string>;
};

/** Where pnpm, yarn and bun keep each package with its own dependencies beside it. */
export const stores = new Set(['.pnpm', '.store', '.bun']);

/** Stands for every place in the checkout outside its dependency folders. */
const source = 'source';
type Edges = Map<string, Set<string>>;

const manifest = z.object({
  dependencies: z.optional(z.record(z.string(), z.unknown())),
  peerDependencies: z.optional(z.record(z.string(), z.unknown())),
  optionalDependencies: z.optional(z.record(z.string(), z.unknown())),
});

/** Looks at the dependency folders of `folders` (relative to the checkout). Reads only. */
export async function reachingSource(checkout: string, folders: string[]): Promise<Reach> {
  const edges: Edges = new Map();
  const breathe = breather(100);
  const tops = folders.map((folder) => join(checkout, folder, 'node_modules'));
  const own = new Set(tops.flatMap((top) => entriesOf(top)).filter((path) => targetOf(checkout, path) === source));
  for (const top of tops) {
    for (const name of stores) await addStore(checkout, join(top, name), edges, breathe);
    // If none of the dependencies is the repository's own package, no package can reach its source by name.
    if (own.size > 0) await addHoisted(checkout, top, edges, breathe);
  }
  const reaching = reachingNodes(edges);
  const copied = new Set<string>();
  const opened = new Set<string>();
  for (const unit of reaching) {
    if (!stores.has(dirname(unit).split(sep).at(-1) ?? '')) {
      copied.add(unit);
      continue;
    }
    opened.add(unit);
    for (const path of [join(unit, 'package'), ...entriesOf(join(unit, 'node_modules'))])
      if (isRealFolder(path)) copied.add(path);
  }
  return { copied, opened };
}

/** The links in a store show exactly which packages each entry uses. */
async function addStore(checkout: string, store: string, edges: Edges, breathe: () => Promise<void>): Promise<void> {
  for (const name of namesIn(store)) {
    const unit = join(store, name);
    if (name === 'node_modules' || !isRealFolder(unit)) continue;
    await breathe();
    const used = entriesOf(join(unit, 'node_modules')).map((path) => targetOf(checkout, path));
    edges.set(unit, new Set(used.filter((one) => one !== undefined && one !== unit) as string[]));
  }
}

/** In a flat folder the names in package.json are looked up as Node would: beside the package, then upward. */
async function addHoisted(checkout: string, top: string, edges: Edges, breathe: () => Promise<void>): Promise<void> {
  for (const unit of entriesOf(top)) {
    if (!isRealFolder(unit)) continue;
    await breathe();
    const used = new Set<string>();
    for (const name of namesUsedBy(unit)) {
      const target = existsSync(join(unit, 'node_modules', name)) ? undefined : lookUp(checkout, dirname(top), name);
      if (target !== undefined && target !== unit) used.add(target);
    }
    edges.set(unit, used);
  }
}

function lookUp(checkout: string, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    if (lstatSync(path, { throwIfNoEntry: false })) return targetOf(checkout, path) ?? path;
    if (folder === checkout || folder === dirname(folder)) return undefined;
  }
}

/** Names in the package.json of a package and of those nested in it. */
function namesUsedBy(unit: string): Set<string> {
  const names = new Set<string>();
  try {
    const { dependencies, peerDependencies, optionalDependencies } = manifest.parse(
      JSON.parse(repositoryText(join(unit, 'package.json')) ?? ''),
    );
    for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) names.add(name);
  } catch {
    // No package.json or a broken one: no dependencies are known.
  }
  for (const nested of entriesOf(join(unit, 'node_modules'))) {
    if (isRealFolder(nested)) for (const name of namesUsedBy(nested)) names.add(name);
  }
  return names;
}

/** The target of a link: the source, or the package or store entry it ends in; undefined if it is no link or leaves. */
function targetOf(checkout: string, path: string): string | undefined {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined;
  const inside = relative(checkout, resolve(dirname(path), readlinkSync(path)));
  if (inside.startsWith('..') || inside.startsWith(sep)) return undefined;
  const parts = inside.split(sep);
  const at = parts.indexOf('node_modules');
  if (at === -1) return source;
  const deep = stores.has(parts[at + 1] ?? '') || parts[at + 1]?.startsWith('@');
  return join(checkout, ...parts.slice(0, at + (deep ? 3 : 2)));
}

function reachingNodes(edges: Edges): Set<string> {
  const usedBy: Edges = new Map();
  for (const [unit, used] of edges) {
    for (const target of used) usedBy.set(target, (usedBy.get(target) ?? new Set()).add(unit));
  }
  const reaching = new Set<string>();
  const open = [source];
  for (let target = open.pop(); target !== undefined; target = open.pop()) {
    for (const unit of usedBy.get(target) ?? []) {
      if (reaching.has(unit)) continue;
      reaching.add(unit);
      open.push(unit);
    }
  }
  return reaching;
}

/** The packages in a dependency folder, with scoped ones; names that begin with a dot are no packages. */
function entriesOf(folder: string): string[] {
  return namesIn(folder).flatMap((name) => {
    if (name.startsWith('.')) return [];
    return name.startsWith('@')
      ? namesIn(join(folder, name)).map((one) => join(folder, name, one))
      : [join(folder, name)];
  });
}

function namesIn(folder: string): string[] {
  return isFolder(folder) ? readdirSync(folder) : [];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isRealFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Lets other work run after every `count` steps: each step makes some short calls to the file system. */
function breather(count: number): () => Promise<void> {
  let steps = 0;
  return async () => {
    steps += 1;
    if (steps % count === 0) await new Promise((resolve) => setImmediate(resolve));
  };
}
