import { posix } from 'node:path';
import { type MoveCase, type Part, type Reference, textOf } from './move-model.ts';
import { isModule, type Repository, resolved } from './move-resolver.ts';

export type Judged = {
  wrong: string[];
  /** Lines that are told although they lead where they should, or could have been changed. */
  needless: string[];
  /** Whether a place could not be decided, so that to tell it was right. */
  isOpen: boolean;
};

/** Compares the repository after a move with the known answer. `unplaced`: the lines that the tool told. */
export function judge(one: MoveCase, after: Repository, unplaced: readonly string[]): Judged {
  const told = new Map(unplaced.map((line) => [/^(.*?:\d+):\d+/.exec(line)?.[1] ?? line, line]));
  const bench: Bench = { one, after, told, right: new Set(), wrong: [], needless: [], isOpen: false };
  const wanted = Object.keys(one.files).map((path) => one.moved.get(path) ?? path);
  bench.wrong.push(...wanted.filter((path) => !after.files.has(path)).map((path) => `${path} is not there`));
  bench.wrong.push(...[...after.files].filter((path) => !wanted.includes(path)).map((path) => `${path} is new`));
  const named = [...one.moved.keys()].find((path) => one.folder === undefined && byName.test(path));
  if (named !== undefined) open(bench, `${named}:1`, `${named} is found by its name`);
  if (bench.wrong.length > 0 || named !== undefined) return bench;
  for (const [path, list] of Object.entries(one.files)) judgeFile(bench, path, list);
  for (const [path, target] of Object.entries(one.links)) {
    if (placeOf(one, target) !== target) open(bench, `${path}:1`, `the link ${path} leads nowhere`);
  }
  for (const [path, place] of one.moved) judgeSurroundings(bench, path, place);
  for (const [key, line] of told) if (!bench.right.has(key)) bench.needless.push(line);
  return bench;
}

/** Lines that may be told are `right`. */
type Bench = Judged & { one: MoveCase; after: Repository; told: ReadonlyMap<string, string>; right: Set<string> };

/** A place that cannot be decided: it has to be told. */
function open(bench: Bench, key: string, fault: string): void {
  if (!bench.told.has(key)) bench.wrong.push(`${fault}, and is not told`);
  bench.right.add(key);
  bench.isOpen = true;
}

function judgeFile(bench: Bench, path: string, list: readonly Part[]): void {
  const place = bench.one.moved.get(path) ?? path;
  const text = bench.after.read(place);
  const leads = new Map<Reference, string>();
  let at = 0;
  let line = 1;
  for (const [index, part] of list.entries()) {
    if (typeof part === 'string') {
      if (!text.startsWith(part, at)) {
        bench.wrong.push(`${place}:${line} changed: ${JSON.stringify(text.slice(at, at + 40))}`);
        return;
      }
      at += part.length;
      line += part.split('\n').length - 1;
      continue;
    }
    const next = list[index + 1];
    const end = typeof next === 'string' ? text.indexOf(next, at) : text.length;
    const now = text.slice(at, Math.max(at, end));
    at += now.length;
    leads.set(part, now);
    if (part.need !== 'list') judgeReference(bench, { path, place, key: `${path}:${line}` }, part, now);
  }
  const lost = notListed(bench.one, path, place, leads);
  if (lost === undefined) return;
  const keys = [...bench.told].filter(([key, said]) => key.startsWith(`${path}:`) && said.includes(' takes '));
  for (const key of keys.length > 0 ? keys.map(([one]) => one) : [path]) open(bench, key, `${path} loses ${lost}`);
}

function judgeReference(
  bench: Bench,
  { path, place, key }: { path: string; place: string; key: string },
  part: Reference,
  now: string,
): void {
  const fault = faultOf(bench.one, bench.after, place, part, now);
  const said = bench.told.get(key);
  if (fault === undefined) {
    if (said !== undefined && mayBeTold(bench.one, path, part)) open(bench, key, '');
  } else if (part.need !== 'follow') open(bench, key, `${key} ${fault}`);
  else {
    if (said === undefined) bench.wrong.push(`${key} ${fault}`);
    else bench.needless.push(said);
    bench.right.add(key);
  }
}

/** Files that belong to a moved one, and the package that says how it is read. */
function judgeSurroundings(bench: Bench, path: string, place: string): void {
  const { one, after } = bench;
  if (!/\.[cm]?[jt]sx?$/.test(path)) return;
  for (const beside of companionsOf(one, path)) {
    const name = beside.replace(stemOf(path), stemOf(place));
    const wanted = posix.join(posix.dirname(place), posix.relative(posix.dirname(path), name));
    if (placeOf(one, beside) !== wanted) open(bench, `${beside}:1`, `${beside} stays behind ${path}`);
  }
  if (isModule(before(one), path) === isModule(readable(after), place)) return;
  open(bench, `${path}:1`, `${path} becomes another kind of module`);
}

/**
 * Whether a reference that leads where it should may be told all the same: a build, another package or the text that is put in
 * at run time decides.
 */
function mayBeTold(one: MoveCase, path: string, { target, text, need, way }: Reference): boolean {
  if (need !== 'tell') return false;
  if (way !== 'glob') {
    const isLeft = [...one.moved].some(([from, to]) => isBelow(from, target) && !isBelow(to, target));
    return isLeft || placeOf(one, target) !== target;
  }
  const folder = posix.join(posix.dirname(path), text.replace(/[^/]*$/, ''));
  const isOpen =
    text.includes('${') && [...one.moved.keys()].some((moved) => moved.startsWith(folder.replace(/^\.\//, '')));
  return isOpen || target.split('\0').some((taken) => placeOf(one, taken) !== taken);
}

/** Files that programs find by their name. */
const byName = /(?:^|\/)(?:package\.json|tsconfig\.json|\.lintstagedrc\.json)$/;

function placeOf({ moved, folder }: MoveCase, path: string): string {
  if (folder === undefined || (path !== folder.from && !path.startsWith(`${folder.from}/`)))
    return moved.get(path) ?? path;
  return folder.to + path.slice(folder.from.length);
}

/** The fault of a reference after the move; undefined: there is none. */
function faultOf(
  one: MoveCase,
  after: Repository,
  place: string,
  { target, text, way, need }: Reference,
  now: string,
): string | undefined {
  if (need === 'text') return now === text ? undefined : `'${text}' became '${now}'`;
  const wanted = placeOf(one, target);
  if (way === 'glob') {
    // Files that come into the folder are taken, too.
    const taken = resolved(after, way, place, now)?.split('\0') ?? [];
    const lost = target.split('\0').find((path) => !taken.includes(placeOf(one, path)));
    return lost && `'${now}' does not take ${placeOf(one, lost)} (was '${text}')`;
  }
  if (now === text && wanted === target && isEmptied(one, target)) return undefined;
  const led = resolved(readable(after), way, place, now);
  return led === wanted ? undefined : `'${now}' leads to ${led ?? 'nothing'}, not to ${wanted} (was '${text}')`;
}

/** A moved file that the lists of a configuration took before, and do not any longer. */
function notListed(
  one: MoveCase,
  path: string,
  place: string,
  leads: ReadonlyMap<Reference, string>,
): string | undefined {
  const lists = [...leads].filter(([{ need }]) => need === 'list');
  const kind = posix.basename(path) === 'package.json' ? /./ : /\.[cm]?tsx?$/;
  const lost = [...one.moved].find(([before, to]) => {
    const isTaken = lists.some(([{ target }]) => isBelow(before, target));
    return isTaken && kind.test(before) && !lists.some(([, now]) => isBelow(to, posix.join(posix.dirname(place), now)));
  });
  return lost?.[1];
}

/** Whether everything in a folder moved away, while the folder itself was not moved. */
const isEmptied = (one: MoveCase, folder: string): boolean =>
  [...one.moved.keys()].some((path) => isBelow(path, folder)) &&
  Object.keys(one.files).every((path) => !isBelow(path, folder) || one.moved.has(path));

const stemOf = (path: string): string => posix.basename(path).replace(/\.\w+$/, '');
/** Files that a test runner finds by the place of another. */
const companionsOf = ({ files }: MoveCase, path: string): string[] =>
  [`__snapshots__/${posix.basename(path)}.snap`, `__mocks__/${stemOf(path)}.ts`, `__mocks__/${stemOf(path)}.js`]
    .map((one) => posix.join(posix.dirname(path), one))
    .filter((one) => one in files);

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);
const before = ({ files }: MoveCase): Repository =>
  readable({ files: new Set(Object.keys(files)), read: (path) => textOf(files[path]!) });
const readable = ({ files, read }: Repository): Repository => ({ files, read: (path) => withoutComments(read(path)) });
const withoutComments = (text: string): string => text.replace(/^\s*\/\/.*$/gm, '').replace(/,(?=\s*[}\]])/g, '');
