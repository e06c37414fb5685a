import { type Dirent, existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type Reach, reachingSource, stores } from './source-dependents.ts';

/** The entries that a dependency folder in the tree must get, by name. `own` links lead to a place in the tree. */
export type Wanted =
  | { kind: 'folder'; items: Map<string, Wanted> }
  | { kind: 'link'; target: string; own: boolean }
  | { kind: 'file'; content: Buffer; executable: boolean }
  | { kind: 'copy'; from: string }
  | { kind: 'cache' };
export type WantedFolder = Extract<Wanted, { kind: 'folder' }>;

export type DependencyLayout = {
  /** Package folder (relative, '' for the top) → its `node_modules`. */
  folders: Map<string, WantedFolder>;
  readable: string[];
  warnings: string[];
};

/** Tools write these while they run: each tree has its own, empty at first. */
const caches = new Set([
  '.cache',
  '.vite',
  '.vite-temp',
  '.vitest',
  '.tmp',
  '.turbo',
  '.parcel-cache',
  '.rollup.cache',
]);
/** Larger files beside packages are no bookkeeping of a package manager, so they are linked. */
const copiedBytesMax = 32 * 1024 * 1024;

/** Folders of the tree with a package.json, relative, sorted; dependency folders and links are not entered. */
export async function packageFolders(tree: string): Promise<string[]> {
  const found: string[] = [];
  const open = [''];
  for (let folder = open.pop(), seen = 1; folder !== undefined; folder = open.pop(), seen++) {
    // 200 folders take about 5 ms.
    if (seen % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const entry of readdirSync(join(tree, folder), { withFileTypes: true })) {
      if (entry.isFile() && entry.name === 'package.json') found.push(folder);
      const entered = entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== '.git';
      if (entered) open.push(join(folder, entry.name));
    }
  }
  return found.sort();
}

/** Reads the checkout's dependency folders of `sources` and plans those of the tree. Writes nothing. */
export async function layoutOf(checkout: string, tree: string, sources: string[]): Promise<DependencyLayout> {
  const reader = layoutReader(checkout, tree, await reachingSource(checkout, sources));
  const folders = new Map<string, WantedFolder>();
  for (const folder of sources) {
    const from = join(checkout, folder, 'node_modules');
    folders.set(folder, reader.folder(from, join(folder, 'node_modules')));
    reader.readable.add(realpathSync(from));
  }
  return { folders, readable: [...reader.readable], warnings: reader.warnings };
}

function layoutReader(checkout: string, tree: string, { copied, opened }: Reach) {
  const readable = new Set<string>();
  const warnings: string[] = [];

  /** `from` is absolute in the checkout, `path` is the same place relative to the top. */
  function folder(from: string, path: string): WantedFolder {
    const items = new Map<string, Wanted>();
    for (const entry of readdirSync(from, { withFileTypes: true })) {
      const wanted = item(entry, join(from, entry.name), join(path, entry.name));
      if (wanted) items.set(entry.name, wanted);
    }
    return { kind: 'folder', items };
  }

  function item(entry: Dirent, from: string, path: string): Wanted | undefined {
    if (entry.isSymbolicLink()) return link(from, path);
    if (entry.isFile()) return file(from, path);
    if (!entry.isDirectory()) return undefined;
    if (caches.has(entry.name)) return { kind: 'cache' };
    if (copied.has(from)) return { kind: 'copy', from };
    return isOpen(entry.name, from) ? folder(from, path) : { kind: 'link', target: from, own: false };
  }

  /**
   * Real folders in the tree too: scopes, commands, stores, and store entries that must not be found in the checkout.
   */
  function isOpen(name: string, from: string): boolean {
    if (name === '.bin' || name === 'node_modules' || stores.has(name) || opened.has(from)) return true;
    return name.startsWith('@') && !existsSync(join(from, 'package.json')) && !stores.has(lastName(dirname(from)));
  }

  /** A link to a place in the checkout leads to the same place in the tree; any other link stays the same. */
  function link(from: string, path: string): Wanted | undefined {
    const target = resolve(dirname(from), readlinkSync(from));
    const inside = relative(checkout, target);
    if (!/^(?:\.\.(?:\/|$)|\/)/.test(inside)) {
      return { kind: 'link', target: relative(dirname(join(tree, path)), join(tree, inside)) || '.', own: true };
    }
    try {
      const real = realpathSync(target);
      readable.add(real);
      return { kind: 'link', target: real, own: false };
    } catch {
      warnings.push(`${path} is a link to nowhere in your checkout.`);
      return undefined;
    }
  }

  /** Bookkeeping and command shims are copied; absolute paths in a shim are changed to the tree. */
  function file(from: string, path: string): Wanted {
    const bytes = readFileSync(from);
    if (bytes.length > copiedBytesMax) return { kind: 'link', target: from, own: false };
    const isShim = lastName(dirname(path)) === '.bin';
    // Latin-1 keeps every byte; a path with other letters is compared byte by byte.
    const moved = (text: string) => Buffer.from(text).toString('latin1');
    const shim = () => bytes.toString('latin1').replaceAll(moved(`${checkout}/`), moved(`${tree}/`));
    return { kind: 'file', content: isShim ? Buffer.from(shim(), 'latin1') : bytes, executable: isShim };
  }

  return { folder, readable, warnings };
}

const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
