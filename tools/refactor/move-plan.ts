import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { distance } from 'fastest-levenshtein';
import { matchesGlob } from '../../ipc/glob.ts';
import type { MoveModuleArguments } from '../contracts/move-module.ts';
import type { Prepared, ToolContext } from '../contracts/tool.ts';
import { isCode } from '../files/source-files.ts';
import { counted, declined } from './mechanical-result.ts';
import { isTwin, twinMoves } from './move-twins.ts';
import { linksAround } from './symbolic-links.ts';

/** The files that move, and where anything inside a moved folder will be. */
export type Move = {
  /** Old path → new path of every file that moves. */
  files: ReadonlyMap<string, string>;
  /** A folder that moves with everything in it; undefined: single files move. */
  folder: { from: string; to: string } | undefined;
  /** Where a path of the workspace is afterwards; it need not exist. */
  placeOf(path: string): string;
  /** Whether the path moves: a moved file, or a path inside a moved folder. */
  has(path: string): boolean;
};

const codeEnding = /(?:\.d)?\.[cm]?[tj]sx?$/;

/** The moves, or the reason why there are none. `all`: the files of the workspace. */
export function planMove(
  context: ToolContext,
  all: readonly string[],
  { from, to }: MoveModuleArguments,
): Move | Prepared {
  const source = sourceOf(all, from);
  if ('text' in source) return source;
  const { name, paths, isFolder, isContents } = source;
  const target = isContents ? cleanPath(to) : destination(context, name, to, isFolder);
  if (target.startsWith('../') || target === '..' || target.startsWith('/')) {
    return declined('refused', `${to} lies outside the workspace. Name a path inside it.`);
  }
  if (target === name) return declined('nothing', `${from} is there already.`);
  if (isFolder && target.startsWith(`${name}/`)) return declined('refused', `${from} cannot be moved into itself.`);
  const files = new Map(
    paths.map((path) => [
      path,
      isFolder ? posix.join(target, path.slice(name.length + 1)) : target + path.slice(name.length),
    ]),
  );
  if (!isFolder) for (const [twin, place] of twinMoves(all, name, target)) files.set(twin, place);
  return (
    impossible(context, all, files, isFolder ? name : undefined) ??
    moveOf(files, isFolder ? { from: name, to: target } : undefined)
  );
}

type Source = { name: string; paths: string[]; isFolder: boolean; isContents: boolean };

/** The file or folder that a person means: `a/` is a folder, `a/*` everything in it, `a` may be `a.ts`. */
function sourceOf(all: readonly string[], from: string): Source | Prepared {
  const name = cleanPath(from.replace(/\/\*{1,2}$/, ''));
  const isContents = name !== cleanPath(from) && /\/\*{1,2}$/.test(from);
  if (!isContents && /[*?{]/.test(from) && !all.includes(name)) return severalNamed(all, from);
  const inside = name === '.' ? [] : all.filter((path) => path.startsWith(`${name}/`));
  const wantsFolder = isContents || from.endsWith('/');
  const stems = all.filter((path) => path.replace(codeEnding, '') === name && isCode(path) && !isTwin(all, path));
  const files = all.includes(name) ? [name] : stems;
  const folder = { name, paths: inside, isFolder: true, isContents };
  if (wantsFolder ? inside.length > 0 : inside.length > 0 && files.length === 0) return folder;
  if (wantsFolder || files.length === 0) return notThere(all, from, name);
  if (files.length > 1 || inside.length > 0) {
    const meant = [...files, ...(inside.length > 0 ? [`${name}/`] : [])];
    return declined(
      'ambiguous',
      `${from} may mean ${meant.join(' or ')}. Say which.`,
      meant.map((path) => `${path}:1:1 file`),
    );
  }
  return { name: files[0]!, paths: files, isFolder: false, isContents: false };
}

function severalNamed(all: readonly string[], from: string): Prepared {
  const count = all.filter((path) => matchesGlob(path, from)).length;
  const advice = 'Name one file, one folder, or everything in a folder, as in src/a/*.';
  return declined(
    'refused',
    `${from} names ${counted(count, 'file')} by a pattern, and only whole modules can be moved. ${advice}`,
  );
}

function notThere(all: readonly string[], from: string, name: string): Prepared {
  const base = posix.basename(name);
  const like = all.filter((path) => distance(posix.basename(path), base) <= Math.max(2, base.length / 4));
  // The end of a path identifies a file better than its beginning: a folder above may be renamed or left out.
  const near = like.toSorted((a, b) => sharedEnd(b, name) - sharedEnd(a, name));
  const hint = near[0] === undefined ? 'Check the path.' : `Did you mean ${near[0]}?`;
  return declined('not_found', `There is no file or folder ${from}. ${hint}`, near);
}

/** How many letters two paths have in common at their ends. */
function sharedEnd(a: string, b: string): number {
  let count = 0;
  while (count < Math.min(a.length, b.length) && a.at(-1 - count) === b.at(-1 - count)) count++;
  return count;
}

function destination({ workspace }: ToolContext, name: string, to: string, isFolder: boolean): string {
  const wanted = cleanPath(to);
  const folder = statSync(join(workspace, wanted), { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (folder || to.endsWith('/')) return posix.join(wanted, posix.basename(name));
  if (isFolder || /\.[cm]?[tj]sx?$|\.\w+$/.test(posix.basename(wanted)) || posix.extname(name) === '') return wanted;
  return wanted + name.slice(name.search(/(?:\.d)?\.\w+$/));
}

function impossible(
  context: ToolContext,
  all: readonly string[],
  files: ReadonlyMap<string, string>,
  folder: string | undefined,
): Prepared | undefined {
  const here = (path: string) => join(context.workspace, path);
  const taken = [...files.values()].find((path) => existsSync(here(path)) && !files.has(path));
  if (taken !== undefined)
    return declined('clash', `${taken} exists already. Choose another path.`, [`${taken}:1:1 file`]);
  const blocked = [...files.values()]
    .flatMap((path) => parentsOf(path))
    .find((path) => all.includes(path) && !files.has(path));
  if (blocked !== undefined)
    return declined('clash', `${blocked} is a file, so nothing can be moved into it.`, [`${blocked}:1:1 file`]);
  const large = [...files.keys()].find((path) => statSync(here(path)).size > context.limits.fileBytesMax);
  if (large !== undefined) return declined('refused', `${large} is too large to be moved by this tool.`);
  const link =
    folder === undefined ? undefined : linksAround(context.workspace).find(({ path }) => path.startsWith(`${folder}/`));
  if (link === undefined) return undefined;
  return declined(
    'refused',
    `${link.path} is a symbolic link, which this tool does not move. Move ${folder} by hand (git mv).`,
  );
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

function moveOf(files: ReadonlyMap<string, string>, folder: Move['folder']): Move {
  const inFolder = (path: string) =>
    folder !== undefined && (path === folder.from || path.startsWith(`${folder.from}/`));
  return {
    files,
    folder,
    has: (path) => files.has(path) || inFolder(path),
    placeOf(path) {
      const file = files.get(path);
      if (file !== undefined || folder === undefined || !inFolder(path)) return file ?? path;
      return posix.join(folder.to, path.slice(folder.from.length));
    },
  };
}

export const cleanPath = (path: string): string => posix.normalize(path).replace(/(?<=.)\/$/, '');

/** A path from one folder to a target, as an import writes it. */
export function relativePath(folder: string, target: string): string {
  const path = posix.relative(folder, target) || '.';
  return path.startsWith('.') ? path : `./${path}`;
}
