import { posix } from 'node:path';
import { parentsOf } from '../path-names.ts';

/** Where Python finds modules in a workspace: dotted names and the files or folders that they mean. */
export type PythonModules = {
  /** Files and folders of Python code. */
  files: ReadonlySet<string>;
  folders: ReadonlySet<string>;
  /** Folders that are on Python's path for every file, in the order in which they are looked at. */
  roots: readonly string[];
};

/** A module or package: its path is the file, or the folder of a package without `__init__.py`. */
export type Meant = { path: string; root: string };

const projects = /(?:^|\/)(?:pyproject\.toml|setup\.(?:py|cfg)|tox\.ini|pytest\.ini|requirements\.txt)$/;
const underProject = ['src', 'lib', 'python', 'tests', 'test'];

export function pythonModules(all: readonly string[]): PythonModules {
  const files = new Set(all.filter((path) => /\.pyi?$/.test(path)));
  const folders = new Set([...files].flatMap(parentsOf));
  const isPackage = (folder: string) => files.has(posix.join(folder, '__init__.py'));
  const found = new Set(['']);
  for (const path of all.filter((one) => projects.test(one))) {
    const folder = inTree(posix.dirname(path));
    for (const one of ['', ...underProject]) found.add(inTree(posix.join(folder, one)));
  }
  for (const one of underProject) found.add(one);
  // The folder around an outermost package.
  for (const folder of folders) {
    const isOutermost = !parentsOf(`${folder}/`).slice(0, -1).some(isPackage);
    if (isPackage(folder) && isOutermost) found.add(inTree(posix.dirname(folder)));
  }
  const roots = [...found].filter((root) => root === '' || (folders.has(root) && !isPackage(root)));
  return { files, folders, roots };
}

export const inTree = (path: string): string => (path === '.' ? '' : path);

/** The folders on Python's path for one file: the common ones, and those that it starts from as a script or a test. */
export function rootsFor({ roots, files }: PythonModules, importer: string): string[] {
  let base = inTree(posix.dirname(importer));
  const own = base;
  while (base !== '' && files.has(posix.join(base, '__init__.py'))) base = inTree(posix.dirname(base));
  return [...new Set([base, ...roots, own])];
}

/** All that a dotted name may mean in a file; the likeliest first. */
export function modulesNamed(modules: PythonModules, importer: string, name: string): Meant[] {
  const found = rootsFor(modules, importer).flatMap((root) => {
    const path = at(modules, posix.join(root, name.replaceAll('.', '/')));
    return path === undefined ? [] : [{ path, root }];
  });
  // A package without `__init__.py` gives way to a module.
  const whole = found.filter(({ path }) => modules.files.has(path));
  return (whole.length > 0 ? whole : found).filter(
    (one, index, list) => list.findIndex((other) => other.path === one.path) === index,
  );
}

/** The module or package at a path without ending. */
export function at({ files, folders }: PythonModules, stem: string): string | undefined {
  const tried = [`${stem}/__init__.py`, `${stem}.py`, `${stem}/__init__.pyi`, `${stem}.pyi`].map((path) =>
    path.replace(/^\//, ''),
  );
  return tried.find((path) => files.has(path)) ?? (folders.has(stem) ? stem : undefined);
}

/** The longest beginning of a dotted text that names a module. */
export function moduleAt(
  modules: PythonModules,
  importer: string,
  text: string,
): (Meant & { name: string }) | undefined {
  const parts = text.split('.');
  for (let length = parts.length; length > 0; length--) {
    const name = parts.slice(0, length).join('.');
    const [found] = modulesNamed(modules, importer, name);
    if (found !== undefined) return { ...found, name };
  }
  return undefined;
}

/** The dotted name of a file or folder below a root; undefined: not below it, or no name Python has. */
export function dottedName(path: string, root: string): string | undefined {
  const inside = root === '' ? path : path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined;
  const stem = inside?.replace(/(?:(?:^|\/)__init__)?\.pyi?$/, '');
  if (stem === undefined || stem === '') return undefined;
  const parts = stem.split('/');
  return parts.every((part) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(part)) ? parts.join('.') : undefined;
}
