import { homedir } from 'node:os';
import { dirname, isAbsolute, join, normalize } from 'node:path/posix';
import { holdsPackages } from '../../security/paths/system-folders.ts';
import { parseLine } from '../../security/shell/parse.ts';
import { isInside, realPath } from '../../tools/files/workspace-path.ts';

/**
 * The names of the folder that an agent works in, all absolute. Models name files by absolute paths: those of the folder
 * as `pwd` prints it, those that a person gave, with links on the way, and, in a work tree, those of the person's own
 * checkout. Every path is brought to one form before anything judges it.
 */
export type OwnPaths = {
  /** The work tree's top, links resolved. */
  top: string;
  /** The person's checkout when the agent works in a work tree of it; otherwise the top itself. */
  checkout: string;
  home: string;
};

/** The names of a folder; `workspace` is the work tree, `checkout` the top of the person's repository or folder. */
export function ownPathsOf(workspace: string, checkout: string): OwnPaths {
  return { top: realPath(workspace), checkout: realPath(checkout), home: homedir() };
}

/**
 * A path of a tool's argument, relative to the work tree's top where it lies inside; `..` inside is taken out, a line
 * number behind it (`a.ts:3`) stays. A path that leads elsewhere is returned absolute, or as it was.
 */
export function ownPath(path: string, own: OwnPaths): string {
  const whole = absolute(path, own);
  if (whole === null) {
    const plain = normalize(path || '.');
    return plain.startsWith('..') || plain.startsWith('-') ? path : keepEnd(path, plain);
  }
  const inside = belowOwn(whole, own);
  return inside === null ? whole : keepEnd(path, inside);
}

/** A `/` at the end says that a folder is meant. */
function keepEnd(path: string, plain: string): string {
  const bare = plain.replace(/(?<=.)\/+$/, '');
  return path.length > 1 && path.endsWith('/') && bare !== '.' ? `${bare}/` : bare;
}

function absolute(path: string, { home }: OwnPaths): string | null {
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
  return isAbsolute(path) ? path : null;
}

/** The part of an absolute path below the work tree's top or the checkout, without `..`; null: it leads elsewhere. */
function belowOwn(path: string, own: OwnPaths): string | null {
  const start = startOf(path, own);
  if (start === null) return null;
  const rest = normalize(path.slice(start.length).replace(/^\/+/, '') || '.');
  return rest === '..' || rest.startsWith('../') ? null : rest;
}

/** The beginning of a path that is the top or the checkout, by its words or by where links on the way lead. */
function startOf(path: string, { top, checkout }: OwnPaths): string | null {
  for (const folder of [top, checkout]) if (isInside(path, folder)) return folder;
  for (let start = path; start !== dirname(start); start = dirname(start)) {
    // Up from a link one comes to where it led, not to where it lies.
    if (start.split('/').includes('..')) continue;
    const real = realPath(start);
    if (real === top || real === checkout) return start;
  }
  return null;
}

/** Arguments that hold a path, a list of paths or globs, in any tool. */
const pathArguments = new Set(['path', 'paths', 'from', 'to', 'at', 'directory', 'scope', 'file', 'files']);

/** `./errors` in `from` and `to` may be an import as the code writes it: without its dot it would be a package. */
function ownValue(value: string, own: OwnPaths, name: string): string {
  const plain = ownPath(value, own);
  const isSpecifier = (name === 'from' || name === 'to') && value.startsWith('./') && /^[^./]/.test(plain);
  return isSpecifier ? `./${plain}` : plain;
}

/** A tool's arguments with every path in its own form. */
export function ownArguments<Value>(value: Value, own: OwnPaths, name = ''): Value {
  if (typeof value === 'string') return (pathArguments.has(name) ? ownValue(value, own, name) : value) as Value;
  if (Array.isArray(value)) return value.map((one) => ownArguments(one, own, name)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, ownArguments(one, own, key)])) as Value;
}

/**
 * A call's arguments with every path, and every path in its shell line, in its own form; `note` tells the agent that the
 * person's checkout stands for its work tree here, or is empty.
 */
export function ownCall<Value>(parsed: Value, own: OwnPaths): { value: Value; note: string } {
  const value = ownArguments(parsed, own);
  const said = JSON.stringify(parsed) ?? '';
  const { command } = value as { command?: unknown };
  const line = typeof command === 'string' ? ownLine(command, own) : undefined;
  const names = said.split(own.checkout).slice(1);
  const isMapped = own.top !== own.checkout && names.some((after) => !/^[\w.-]/.test(after));
  return {
    value: line === undefined ? value : { ...value, command: line },
    note: isMapped ? `(${own.checkout} is the person's checkout: here it means your work tree, ${own.top})\n` : '',
  };
}

/** A path in a shell line: it begins where a word, a value or a part of a list does. */
const inLine = /(?<=^|[\s'"=:;|&<>(`,{])(?:~(?=\/)|\/)[^\s'"`;|&<>(){}$*?[\]\\:,]*/g;

/**
 * A shell line in which the checkout's paths, those from `~` and those through links to the folder are written as paths of
 * the work tree. Text that goes into files (here documents) stays as it is.
 */
export function ownLine(line: string, own: OwnPaths): string {
  const replaced = (path: string): string => {
    const whole = absolute(path, own) ?? path;
    const start = startOf(whole, own);
    // Commands have a home of their own; the person's packages are where they are.
    if (start === null) return holdsPackages(path) ? whole : path;
    if (start === own.top) return path;
    return `${own.top}${whole.slice(start.length)}`;
  };
  let [text, at] = ['', 0];
  for (const { pos, end } of line.includes('<<') ? bodiesIn(parseLine(line)) : []) {
    text += line.slice(at, pos).replaceAll(inLine, replaced) + line.slice(pos, end);
    at = end;
  }
  return text + line.slice(at).replaceAll(inLine, replaced);
}

type Span = { pos: number; end: number };

/** Where the texts of here documents stand in a line, in their order. */
function bodiesIn(node: unknown): Span[] {
  if (typeof node !== 'object' || node === null) return [];
  if ((node as { type?: string }).type === 'HereDocBody') return [node as Span];
  return Object.values(node)
    .flatMap(bodiesIn)
    .sort((a, b) => a.pos - b.pos);
}
