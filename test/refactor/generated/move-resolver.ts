import { posix } from 'node:path';

/**
 * Where a reference leads, by the rules of Node, bundlers, style sheets and configuration. It is written apart from the tools'
 * own resolver and shares nothing with it, because it judges them.
 */
export type Way =
  /** Node's import: a relative path is exact. */
  | 'esm'
  /** Node's require: endings and folders may be left out. */
  | 'cjs'
  /** TypeScript and bundlers: also by the ending of the built file, `paths`, and packages of the workspace. */
  | 'bundler'
  /** A path beside the file: `new URL(…)`, `join(__dirname, …)`, values of configuration. */
  | 'beside'
  /** A path without its ending beside the file, as `extends` of a tsconfig has it. */
  | 'stem'
  /** A path beside the file, of the script that a build makes of a source. */
  | 'built'
  /** A path from the top of the repository. */
  | 'root'
  /** A reference of a style sheet. */
  | 'style'
  /** Files that a pattern beside the file takes; they are one target, joined by \0. */
  | 'glob';

export type Repository = { files: ReadonlySet<string>; read(path: string): string };

export function resolved(repository: Repository, way: Way, from: string, written: string): string | undefined {
  if (way === 'glob') return globbed(repository, from, written);
  const text = written.startsWith('#') ? written : written.replace(/[?#].*$/, '');
  const beside = posix.join(posix.dirname(from), text);
  if (way === 'beside') return pathOf(repository, beside);
  if (way === 'root') return pathOf(repository, posix.normalize(text.replace(/^\//, '')));
  if (way === 'built') return sourceFile(repository, 'bundler', beside);
  if (way === 'stem') return pathOf(repository, beside) ?? pathOf(repository, `${beside}.json`);
  if (way === 'style') return styleOf(repository, beside);
  if (/^\.\.?(?:\/|$)/.test(text)) return moduleOf(repository, way, beside, /(?:^|\/)\.{0,2}$/.test(text));
  return bare(repository, way, from, text);
}

/** Files that a pattern takes; `${name}` is one part of a path, as `*` is. */
function globbed({ files }: Repository, from: string, written: string): string | undefined {
  const pattern = posix.join(posix.dirname(from), written.replace(/\$\{\w+\}/g, '*'));
  const found = [...files].filter((path) => path !== from && posix.matchesGlob(path, pattern)).toSorted();
  return found.length === 0 ? undefined : found.join('\0');
}

/** A file, or a folder with files in it. */
function pathOf({ files }: Repository, path: string): string | undefined {
  const clean = path.replace(/\/$/, '');
  if (files.has(clean) || [...files].some((one) => one.startsWith(`${clean}/`))) return clean;
  return undefined;
}

const sources: Record<string, string[]> = {
  '.js': ['.js', '.ts', '.tsx'],
  '.jsx': ['.jsx', '.tsx'],
  '.mjs': ['.mjs', '.mts'],
  '.cjs': ['.cjs', '.cts'],
};
const left = {
  esm: [],
  cjs: ['.js', '.json'],
  bundler: ['.ts', '.tsx', '.js', '.jsx', '.json', '.d.ts'],
};
type ModuleWay = keyof typeof left;

function moduleOf({ files }: Repository, way: ModuleWay, path: string, isFolder: boolean): string | undefined {
  const clean = path.replace(/\/$/, '');
  const exact = isFolder ? [] : [clean];
  const ending = posix.extname(clean);
  const built = way === 'bundler' && !isFolder ? (sources[ending] ?? []) : [];
  const endings = left[way];
  const candidates = [
    ...exact,
    ...built.map((one) => clean.slice(0, -ending.length) + one),
    ...(isFolder ? [] : endings.map((one) => clean + one)),
    ...endings.map((one) => posix.join(clean, `index${one}`)),
  ];
  return candidates.find((one) => files.has(one));
}

function styleOf({ files }: Repository, path: string): string | undefined {
  const partial = posix.join(posix.dirname(path), `_${posix.basename(path)}`);
  return [path, `${path}.css`, `${path}.scss`, `${partial}.scss`, `${path}/_index.scss`].find((one) => files.has(one));
}

function bare(repository: Repository, way: ModuleWay, from: string, text: string): string | undefined {
  if (text.startsWith('#')) {
    const own = nearestFile(repository, from, 'package.json');
    const found = own && byPattern(json(repository, own).imports ?? {}, text);
    return found ? sourceFile(repository, way, posix.join(posix.dirname(own!), found)) : undefined;
  }
  return (way === 'bundler' ? byPaths(repository, from, text) : undefined) ?? byPackage(repository, way, from, text);
}

type Json = {
  name?: string;
  imports?: Table;
  exports?: Table | string;
  main?: string;
  type?: string;
  dependencies?: Record<string, string>;
  extends?: string;
  compilerOptions?: { paths?: Record<string, string[]>; baseUrl?: string; rootDir?: string };
};
type Table = Record<string, string | Record<string, string>>;
const json = ({ read }: Repository, path: string): Json => JSON.parse(read(path)) as Json;

/** Whether Node reads a script at a path as a module, by its ending or by the package.json above it. */
export function isModule(repository: Repository, path: string): boolean {
  if (/\.[cm][jt]s$/.test(path)) return /\.m[jt]s$/.test(path);
  const manifest = nearestFile(repository, path, 'package.json');
  return manifest !== undefined && json(repository, manifest).type === 'module';
}

function nearestFile({ files }: Repository, from: string, name: string): string | undefined {
  for (let folder = posix.dirname(from); ; folder = posix.dirname(folder)) {
    if (files.has(posix.join(folder, name))) return posix.join(folder, name);
    if (folder === '.') return undefined;
  }
}

/** The target that a table of `exports` or `imports` gives a name, the longest pattern first. */
function byPattern(table: Table, name: string): string | undefined {
  for (const [pattern, value] of Object.entries(table).toSorted(([a], [b]) => b.length - a.length)) {
    const [before = '', after] = pattern.split('*');
    const target = typeof value === 'string' ? value : (value.import ?? value.default ?? '');
    if (after === undefined && pattern === name) return target;
    if (after === undefined || !name.startsWith(before) || !name.endsWith(after)) continue;
    return target.replace('*', () => name.slice(before.length, name.length - after.length));
  }
  return undefined;
}

/** The file, or the source that it is built from. */
function sourceFile(repository: Repository, way: ModuleWay, path: string): string | undefined {
  if (repository.files.has(path)) return path;
  const [, folder = '', inside] = /^(.*?\/)?dist\/(.*)\.js$/.exec(path) ?? [];
  const config = posix.join(folder, 'tsconfig.json');
  const root = repository.files.has(config) ? json(repository, config).compilerOptions?.rootDir : undefined;
  const source = posix.join(folder, root ?? 'src', `${inside}.ts`);
  return (
    moduleOf(repository, way === 'esm' ? 'esm' : 'bundler', path, false) ??
    (repository.files.has(source) ? source : undefined)
  );
}

function byPaths(repository: Repository, from: string, text: string): string | undefined {
  const config = nearestFile(repository, from, 'tsconfig.json');
  if (config === undefined) return undefined;
  const own = json(repository, config);
  const parent = own.extends === undefined ? undefined : resolved(repository, 'stem', config, own.extends);
  const file = own.compilerOptions?.paths || own.compilerOptions?.baseUrl || !parent ? config : parent;
  const { paths = {}, baseUrl } = json(repository, file).compilerOptions ?? {};
  const base = posix.join(posix.dirname(file), baseUrl ?? '.');
  for (const [pattern, targets] of Object.entries(paths)) {
    for (const target of targets) {
      const found = byPattern({ [pattern]: target }, text);
      const path = found && moduleOf(repository, 'bundler', posix.join(base, found), false);
      if (path) return path;
    }
  }
  return baseUrl === undefined ? undefined : moduleOf(repository, 'bundler', posix.join(base, text), false);
}

function byPackage(repository: Repository, way: ModuleWay, from: string, text: string): string | undefined {
  for (const manifest of repository.files) {
    if (posix.basename(manifest) !== 'package.json') continue;
    const { name, exports = {}, main } = json(repository, manifest);
    if (name === undefined || (text !== name && !text.startsWith(`${name}/`))) continue;
    const table = typeof exports === 'string' ? { '.': exports } : exports;
    const entry = byPattern(table, `.${text.slice(name.length)}`) ?? (text === name ? main : undefined);
    return entry && lists(repository, from, name)
      ? sourceFile(repository, way, posix.join(posix.dirname(manifest), entry))
      : undefined;
  }
  return undefined;
}

/** Whether a package above a file is the one of the name, or lists it. */
function lists(repository: Repository, from: string, name: string): boolean {
  const own = nearestFile(repository, from, 'package.json');
  if (own === undefined) return false;
  const manifest = json(repository, own);
  return manifest.name === name || Object.hasOwn(manifest.dependencies ?? {}, name);
}
