import { distance } from 'fastest-levenshtein';
import type { ToolContext } from '../contracts/tool.ts';
import { isCode, isCopy, matchesInCode } from '../files/source-files.ts';
import { offsetAt, placeText } from '../files/text-file.ts';
import type { PlaceEdit } from './code-questions.ts';
import type { CodeSession } from './code-session.ts';
import { isExported, withTwins } from './declaration-twins.ts';
import { type Declaration, declarationsIn } from './declarations.ts';
import { identifiers, isDotUse, wordOffsets } from './syntax.ts';
import { declarationsAt } from './unparsed-declarations.ts';

/**
 * Which symbol a person means: declarations of the name, brought together where they are one symbol (overloads, merged
 * interfaces, a source and its hand-written `.d.ts`).
 */
export type SymbolGroup = { declarations: Declaration[]; edits: PlaceEdit[] };
export type SymbolName = { name: string; container: string | undefined };
/** The groups, most used first, and the number of declarations that were not asked for their group. */
export type FoundSymbols = { groups: SymbolGroup[]; more: number };

/** More same-named declarations than this are not asked one by one: the name is ambiguous anyway. */
const declarationsMax = 60;

/** `Class.method` → its parts; a longer path counts by its last two. `Class.#x` is a private name. */
export function symbolName(symbol: string): SymbolName {
  const parts = symbol.trim().replace('.prototype.', '.').replace('#', '.#').replace('..', '.').split('.');
  return { name: parts.at(-1) ?? '', container: parts.at(-2) };
}

/**
 * The groups of the highest level that has any: of a file's top first, then members, then what is local. With `at`, a
 * file's path, only those that are declared in that file.
 */
export async function findSymbol(
  session: CodeSession,
  symbol: SymbolName,
  { to, at }: { to: string; at?: string | undefined },
): Promise<FoundSymbols> {
  const all = await session.files.containing(symbol.name);
  const paths = all.filter((path) => isCode(path) || session.scripts.has(path));
  for (const sift of symbol.container === undefined ? [likelyTop(symbol.name), /^/] : [/^/]) {
    const declared: Declaration[] = [];
    for (const path of paths) {
      const text = session.files.read(path)?.text ?? '';
      if (!(path === at || sift.test(text)) || !mayDeclare(text, symbol)) continue;
      declared.push(...(await declarationsAt(session, path, symbol.name)));
    }
    const fitting = declared.filter(
      ({ container, kind }) =>
        kind !== 'parameter' && (symbol.container === undefined || container === symbol.container),
    );
    for (const level of ['module', 'member', 'local'] as const) {
      if (level !== 'module' && sift.source !== '^') continue;
      const found = fitting.filter((declaration) => declaration.level === level);
      const wanted = found.filter(({ path }) => at === undefined || path === at);
      if (wanted.length === 0) continue;
      const written = wanted.filter(({ path }) => (isCode(path) && !isCopy(path)) || path === at);
      const first = written.length > 0 ? written : wanted;
      return grouped(session, symbol.name, { first, others: found.filter((one) => !wanted.includes(one)) }, to);
    }
  }
  return { groups: [], more: 0 };
}

/** Declarations of the bare name, for one that was looked for as a member of something else. */
export async function sameNames(session: CodeSession, { name }: SymbolName): Promise<string[]> {
  const paths = (await session.files.containing(name)).filter((path) => isCode(path) && !isCopy(path));
  const all = paths.flatMap((path) => {
    const file = session.files.read(path);
    return file ? declarationsIn(file, name) : [];
  });
  return all.filter(({ level }) => level !== 'local').map((one) => describe(session, one, name));
}

/** Text that a declaration at the top of a file may begin with: saves parsing the files that only use the name. */
function likelyTop(name: string): RegExp {
  const escaped = name.replace(/[$]/g, '\\$');
  const keyword = '\\b(?:function|class|interface|type|enum|namespace|module|const|let|var)\\b[\\s*]*';
  const others = 'module\\.exports|@typedef|@callback|\\bexport\\s+(?:const|let|var)\\s*[{[]';
  return new RegExp(`(?:${keyword}|,\\s*|\\bexports\\.)${escaped}(?![\\w$])|${others}`);
}

/** As exact as it can be without parsing: most files that name a member only use it. */
function mayDeclare(text: string, { name, container }: SymbolName): boolean {
  if (container !== undefined && !text.includes(container)) return false;
  return wordOffsets(text, name).some((offset) => !isDotUse(text, offset, name));
}

/** The symbol at a place; without a column the first declaration on the line, else the symbol of the first word. */
export async function symbolAt(
  session: CodeSession,
  { name }: SymbolName,
  at: { path: string; line: number; column: number | undefined },
  to: string,
): Promise<FoundSymbols> {
  const file = session.files.read(at.path);
  const none = { groups: [], more: 0 };
  if (file === undefined) return none;
  const from = offsetAt(file, { line: at.line - 1, character: 0 });
  const until = offsetAt(file, { line: at.line, character: 0 });
  const onLine = wordOffsets(file.text, name).filter((offset) => offset >= from && offset < until);
  const wanted = at.column === undefined ? undefined : from + at.column - 1;
  const exact = onLine.find((offset) => wanted !== undefined && offset <= wanted && wanted <= offset + name.length);
  const declared = (await declarationsAt(session, at.path, name)).filter(({ offset }) => onLine.includes(offset));
  const offset = exact ?? declared[0]?.offset ?? onLine[0];
  if (offset === undefined) return none;
  const known = declared.find((declaration) => declaration.offset === offset);
  if (known) return grouped(session, name, { first: [known] }, to);
  const [place] = await session.definitions({ path: at.path, offset });
  const target = place && session.files.read(place.path);
  if (!place || !target) return none;
  const there = (await declarationsAt(session, place.path, name)).find(
    (declaration) => declaration.offset === place.offset,
  );
  const made: Declaration = { ...place, kind: 'variable', level: 'local', container: undefined };
  return grouped(session, name, { first: [there ?? made] }, to);
}

/** Groups of the first declarations; the others only join a group that they belong to. */
async function grouped(
  session: CodeSession,
  name: string,
  { first, others = [] }: { first: Declaration[]; others?: Declaration[] },
  to: string,
): Promise<FoundSymbols> {
  const groups: SymbolGroup[] = [];
  const joined = (declaration: Declaration): boolean => {
    const inEdits = ({ edits }: SymbolGroup) =>
      edits.some(({ path, offset }) => path === declaration.path && Math.abs(offset - declaration.offset) <= 1);
    const known = groups.find(inEdits);
    known?.declarations.push(declaration);
    return known !== undefined;
  };
  for (const declaration of first.slice(0, declarationsMax)) {
    if (joined(declaration)) continue;
    const edits = await withTwins(session, declaration, { name, to }, await session.rename(declaration, to));
    groups.push({ declarations: [declaration], edits });
  }
  for (const declaration of others) joined(declaration);
  const more = first.slice(declarationsMax).filter((declaration) => !joined(declaration)).length;
  const rank = new Map(groups.map((group) => [group, (isPublic(session, name, group) ? 1e9 : 0) + group.edits.length]));
  return { groups: groups.toSorted((a, b) => rank.get(b)! - rank.get(a)!), more };
}

/** Whether other files can name the symbol: an export is among its places. */
function isPublic(session: CodeSession, name: string, { edits }: SymbolGroup): boolean {
  return edits.some(({ path, offset }) => {
    const file = session.files.read(path);
    const node = file && identifiers(file, name).get(offset);
    return node !== undefined && isExported(node);
  });
}

/** One line for a group: where, what, and how much it is used. */
export function describeGroup(session: CodeSession, name: string, group: SymbolGroup): string {
  const count = group.edits.length;
  const used = `${isPublic(session, name, group) ? 'exported, ' : ''}${count} ${count === 1 ? 'place' : 'places'}`;
  return `${describe(session, group.declarations[0]!, name)} (${used})`;
}

/** `path:line:column kind name`. */
export function describe(session: CodeSession, declaration: Declaration, name: string): string {
  const file = session.files.read(declaration.path);
  const place = file ? placeText(file, declaration.offset) : declaration.path;
  const full = declaration.container === undefined ? name : `${declaration.container}.${name}`;
  return `${place} ${declaration.kind} ${full}`;
}

/** Declared names that are near in spelling, nearest first: `path:line:column kind name`. */
export async function nearNames(context: ToolContext, name: string): Promise<string[]> {
  const keywords = 'function\\*?|class|interface|type|enum|namespace|const|let|var';
  const words = await matchesInCode(context, `\\b((?:${keywords})\\s+[\\w$]+)`);
  const members = await matchesInCode(
    context,
    '\\b((?:(?:async|static|public|private|protected)\\s+)*[\\w$]+)\\s*\\([^)]*\\)[^;]*\\{',
  );
  // With two of three letters changed, a name is no longer similar.
  const distanceMax = Math.max(name.length < 5 ? 1 : 2, Math.floor(name.length / 3));
  return [...words, ...members]
    .map(({ at, text }) => {
      const found = text.split(/\s+/).at(-1) ?? '';
      const kind = text.includes(' ') && words.length > 0 ? text.split(/\s+/)[0] : 'method';
      const [path = '', line = '', column = '1'] = at.split(':');
      const place = `${path}:${line}:${Number(column) + text.length - found.length}`;
      return {
        place,
        found,
        line: `${place} ${kind} ${found}`,
        distance: distance(found.toLowerCase(), name.toLowerCase()),
      };
    })
    .filter(({ distance, found }) => distance <= distanceMax && found !== name)
    .filter(({ place }, index, all) => all.findIndex((other) => other.place === place) === index)
    .sort((a, b) => a.distance - b.distance)
    .map(({ line }) => line);
}
