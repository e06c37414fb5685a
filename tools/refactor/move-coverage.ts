import { posix } from 'node:path';
import { matchesGlob } from '../../ipc/glob.ts';
import type { Site } from '../../ipc/plan.ts';
import type { JsonString } from '../code/json-strings.ts';
import { buildFolders } from '../code/workspace-packages.ts';
import { editedText, type TextEdit, type TextFile } from '../files/text-file.ts';
import { siteAt } from './mechanical-result.ts';
import type { Move } from './move-plan.ts';

/** Lists of files in configuration that cover a file where it lies now, and not where it will be. */
type List = { key: string; takes: RegExp };
const lists: Record<string, List[]> = {
  'package.json': [
    { key: 'files', takes: /./ },
    { key: 'workspaces', takes: /(?:^|\/)package\.json$/ },
  ],
  tsconfig: [{ key: 'include', takes: /\.[cm]?tsx?$/ }],
};

/** `edits`: the changes that the file gets anyway. */
export function gaps(
  file: TextFile,
  all: readonly string[],
  strings: readonly JsonString[],
  edits: readonly TextEdit[],
  move: Move,
): Site[] {
  const name = posix.basename(file.path);
  const folder = posix.dirname(file.path);
  const after = posix.dirname(move.placeOf(file.path));
  const found: Site[] = [];
  for (const { key, takes } of lists[name] ?? (/^[tj]sconfig/.test(name) ? lists.tsconfig! : [])) {
    const values = strings.filter((one) => !one.isKey && one.keys[0] === key);
    if (values.length === 0) continue;
    const newValues = values.map((one) => changedValue(one, edits));
    const isTaken = (list: readonly string[], base: string, path: string) =>
      list.some((glob) => covers(base, glob, path));
    const lost = [...move.files].find(([path, place]) => {
      if (!takes.test(path)) return false;
      const [before, now] = key === 'workspaces' ? [posix.dirname(path), posix.dirname(place)] : [path, place];
      const old = values.map((one) => one.value);
      return isTaken(old, folder, before) && !isTaken(newValues, after, now);
    });
    if (lost !== undefined) {
      found.push(siteAt(file, values[0]!.start, 'unplaced', false, `'${key}' takes ${lost[0]}, but not ${lost[1]}`));
    }
  }
  found.push(...virtualFolders(file, strings, edits, move));
  return name === 'package.json' ? [...found, ...publicNames(file, all, strings, edits, move)] : found;
}

/** `rootDirs` puts several folders into one: an import may lead to a file by its place in it. */
function virtualFolders(
  file: TextFile,
  strings: readonly JsonString[],
  edits: readonly TextEdit[],
  move: Move,
): Site[] {
  const roots = strings.filter((one) => !one.isKey && one.keys[0] === 'compilerOptions' && one.keys[1] === 'rootDirs');
  const placeIn = (folder: string, values: readonly string[], path: string) => {
    const root = values.map((value) => posix.join(folder, value)).find((one) => path.startsWith(`${one}/`));
    return root === undefined ? undefined : posix.relative(root, path);
  };
  const now = roots.map((one) => changedValue(one, edits));
  const [from, to] = [posix.dirname(file.path), posix.dirname(move.placeOf(file.path))];
  const lost = [...move.files].find(([path, place]) => {
    const before = placeIn(
      from,
      roots.map(({ value }) => value),
      path,
    );
    return before !== undefined && before !== placeIn(to, now, place);
  });
  if (lost === undefined) return [];
  return [siteAt(file, roots[0]!.start, 'unplaced', false, `imports may lead to ${lost[0]} by 'rootDirs'`)];
}

function changedValue({ start, end, value }: JsonString, edits: readonly TextEdit[]): string {
  const edit = edits.find((one) => one.start === start && one.end === end);
  return edit === undefined ? value : editedText(value, [{ start: 0, end: value.length, text: edit.text }]);
}

/** Whether an entry of a list, written in a folder, takes a path. */
export function covers(folder: string, glob: string, path: string): boolean {
  if (glob.startsWith('!')) return false;
  const pattern = posix.join(folder, glob).replace(/\/$/, '');
  if (pattern.startsWith('..')) return false;
  if (pattern === '.' || path === pattern) return true;
  return path.startsWith(`${pattern}/`) || matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`);
}

/** Patterns of `exports` by which a file has a public name, which the move changes. */
function publicNames(
  file: TextFile,
  all: readonly string[],
  strings: readonly JsonString[],
  edits: readonly TextEdit[],
  move: Move,
): Site[] {
  const folder = posix.dirname(file.path);
  if (move.has(file.path)) return [];
  return strings.flatMap((one) => {
    const isPattern = !one.isKey && one.keys[0] === 'exports' && one.value.includes('*');
    if (!isPattern || edits.some((edit) => edit.start === one.start)) return [];
    const stem = one.value.replace(/^\.\//, '').replace(/(?:\.d)?\.[cm]?[jt]sx?$/, '');
    // A folder that is here is no folder that a build makes.
    const top = posix.join(folder, stem.split('/')[0] ?? '');
    const isHere = all.some((one) => one.startsWith(`${top}/`));
    const stems = isHere ? [stem] : [stem, stem.replace(buildFolders, 'src/'), stem.replace(buildFolders, '')];
    const patterns = stems.map((text) => posix.join(folder, text).split('*').map(escaped).join('.+'));
    const expression = new RegExp(`^(?:${patterns.join('|')})$`);
    const path = [...move.files.keys()].find((moved) => expression.test(moved.replace(/(?:\.d)?\.[cm]?[jt]sx?$/, '')));
    if (path === undefined) return [];
    const reason = `'exports' gives ${path} a public name (${one.keys[1] ?? '*'}), which changes`;
    return [siteAt(file, one.start, 'unplaced', false, reason)];
  });
}

/** Lines of a `.gitattributes` by whose filter (git LFS, git-crypt) a file is kept at one of its two places alone. */
export function filterGaps(file: TextFile, move: Move): Site[] {
  const folder = posix.dirname(file.path);
  return [...file.text.matchAll(/^[ \t]*(?!#)("[^"\n]+"|\S+)[ \t][^\n]*\bfilter=(\S+)/gm)].flatMap((match) => {
    const pattern = match[1]!.replace(/^"|"$/g, '');
    const takes = (path: string) => isTakenBy(pattern, folder, path);
    const gap = [...move.files].find(([path, place]) => takes(path) !== takes(place));
    if (gap === undefined) return [];
    const [kept, other] = takes(gap[0]) ? gap : gap.toReversed();
    const reason = `keeps ${kept} by the filter '${match[2]}', but not ${other}: its content would not fit`;
    return [siteAt(file, match.index, 'unplaced', false, reason)];
  });
}

/** As gitattributes(5) and gitignore(5) match a path: a pattern without a slash means a name in any folder. */
function isTakenBy(pattern: string, folder: string, path: string): boolean {
  if (folder !== '.' && !path.startsWith(`${folder}/`)) return false;
  const inside = folder === '.' ? path : path.slice(folder.length + 1);
  if (!pattern.replace(/^\/|\/$/g, '').includes('/') && !pattern.startsWith('/')) {
    return matchesGlob(posix.basename(inside), pattern);
  }
  return matchesGlob(inside, pattern.replace(/^\//, ''));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
