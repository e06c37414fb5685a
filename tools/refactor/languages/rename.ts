import { symbolName } from '../../code/symbol-search.ts';
import type { RenameSymbolArguments } from '../../contracts/rename-symbol.ts';
import type { Prepared, ToolContext } from '../../contracts/tool.ts';
import { filesContaining, filesMatching } from '../../files/source-files.ts';
import { fileChange, placeText, type TextEdit } from '../../files/text-file.ts';
import { concluded, counted, declined, inScope, siteAt } from '../mechanical-result.ts';
import type { Occurrence } from '../rename-targets.ts';
import { type Declared, declaredAt, declaredNames } from './declared-names.ts';
import { globsOf, languageOf, together } from './languages.ts';
import { namesElsewhere } from './names-elsewhere.ts';
import { placed, type Renaming } from './placing.ts';
import { pythonModules } from './python-modules.ts';
import { overrides } from './python-overrides.ts';
import { type Proof, proof } from './rename-proof.ts';
import { type ServerProblem, type ServerSession, serverSession } from './server-session.ts';

/**
 * Renames in languages other than TypeScript and JavaScript, by their servers. Every occurrence of the name in files of the
 * language is placed; then the renamed texts are shown to the server, and a new error or another meaning of a name stops it.
 */
type Names = { from: string; to: string };

/** undefined: the name belongs to no other language here. */
export async function renameInOtherLanguage(
  context: ToolContext,
  parsed: RenameSymbolArguments,
  names: Names,
): Promise<Prepared | undefined> {
  const [at] = (parsed.at ?? '').split(':');
  const language = at ? languageOf(at) : undefined;
  const globs = language === undefined ? globsOf() : globsOf(together(language));
  const paths = await filesContaining(context, names.from, [...globs, ...notInstalled]);
  const found = new Map(paths.map((path) => [together(languageOf(path) ?? '')[0]!, path]));
  const [first] = found.keys();
  if (first === undefined) return undefined;
  if (found.size > 1) {
    const which = [...found.keys()].join(', ');
    const how = `Say which with at, as in: rename ${names.from} in ${found.get(first)} to ${names.to}.`;
    return declined('refused', `${names.from} stands in files of several languages (${which}). ${how}`);
  }
  const refusal = badIn(first, names.to);
  if (refusal !== undefined) return declined('refused', refusal);
  // Files that have the new name may come to mean another thing by it.
  const others = await filesContaining(context, names.to, [...globs, ...notInstalled]);
  const session = await serverSession(context, languageOf(paths[0]!)!, [...new Set([...paths, ...others])]);
  if ('missing' in session) {
    return declined(
      'refused',
      `${names.from} stands in ${counted(paths.length, 'file')} of ${first}, but ${session.missing}`,
    );
  }
  try {
    return await renameWith(context, session, parsed, names);
  } finally {
    session.close();
  }
}

const notInstalled = ['!**/node_modules/**', '!**/.venv/**', '!**/venv/**', '!**/site-packages/**'];
const keywords: Record<string, string> = {
  python:
    'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield',
  go: 'break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var',
  rust: 'as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type unsafe use where while',
};

function badIn(language: string, to: string): string | undefined {
  if (!keywords[language]?.split(' ').includes(to)) return undefined;
  return `'${to}' is a reserved word of ${language}. Choose another name.`;
}

async function renameWith(
  context: ToolContext,
  session: ServerSession,
  parsed: RenameSymbolArguments,
  { from, to }: Names,
): Promise<Prepared> {
  const all = await declarations(session, parsed);
  const [declared] = all;
  const found = all.map(({ places, kind }) => describe(session, places, kind, from));
  if (declared === undefined) {
    return declined('not_found', `${session.serverName} knows no ${parsed.symbol}. Say where with at: path:line.`);
  }
  if (all.length > 1) {
    const how = `Say which, as in: rename ${from} in ${found[0]!.split(' ')[0]} to ${to}.`;
    return declined('ambiguous', `${parsed.symbol} is declared in ${all.length} places. ${how}`, found);
  }
  const python = session.language === 'python';
  const family =
    python && declared.level === 'member'
      ? await overrides(session, declared.places, { from, to })
      : { declarations: declared.places, taken: [], outside: [] };
  if (family.taken.length > 0) return clash(from, to, family.taken);
  const modules = pythonModules(python ? await filesMatching(context, globsOf(['python'])) : []);
  const fields = python && declared.level === 'member' && !(await hasInit(session, declared));
  const renaming: Renaming = { from, to, level: declared.level, declarations: family.declarations, modules, fields };
  const edits = new Map<string, TextEdit[]>();
  const occurrences = await placed(session, renaming, edits);
  if (edits.size === 0) return declined('refused', await refusalOf(session, renaming));
  for (const { at, library } of family.outside) {
    const reason = `overrides ${from} of ${library}, which keeps its name`;
    set(occurrences, { ...at, placement: 'unplaced', reason });
  }
  if (parsed.text) take(session, occurrences, edits, 'text', { from, to });
  if (parsed.take_unplaced) take(session, occurrences, edits, 'unplaced', { from, to });
  const compared = await comparedFiles(context, session, renaming, edits);
  const proven = await followingErrors(session, occurrences, edits, compared.paths, renaming);
  if (proven.taken.length > 0) return clash(from, to, proven.taken);
  withProblems(session, occurrences, proven);
  return conclusion(context, session, parsed, renaming, { occurrences, edits, unread: compared.unread });
}

/**
 * The proof. A string or an undecided place that a new error points at follows when the errors become fewer by it:
 * `cast("Shop", x)`, a keyword that a class has inherited.
 */
async function followingErrors(
  session: ServerSession,
  occurrences: Map<string, Occurrence>,
  edits: Map<string, TextEdit[]>,
  paths: readonly string[],
  { from, to, declarations: places }: Renaming,
): Promise<Proof> {
  const first = await proof(session, edits, paths, to, places);
  const isPointedAt = (place: Occurrence) =>
    first.news.some(({ path, offset, end }) => {
      const isWithin = offset <= place.offset && place.offset <= end;
      return path === place.path && (place.placement === 'text' ? isWithin : offset === place.offset);
    });
  const open = [...occurrences.values()].filter(({ placement }) => placement === 'text' || placement === 'unplaced');
  const pointed = open.filter(isPointedAt);
  if (first.taken.length > 0 || pointed.length === 0) return first;
  const more = new Map([...edits].map(([path, list]) => [path, [...list]]));
  const taken = new Map(pointed.map((one) => [keyAt(one), one]));
  take(session, taken, more, 'text', { from, to });
  take(session, taken, more, 'unplaced', { from, to });
  const next = await proof(session, more, paths, to, places);
  if (next.taken.length > 0 || next.news.length >= first.news.length) return first;
  for (const [path, list] of more) edits.set(path, list);
  for (const one of taken.values()) set(occurrences, one);
  return next;
}

async function declarations(session: ServerSession, { symbol, at }: RenameSymbolArguments): Promise<Declared[]> {
  const { name, container } = symbolName(symbol);
  const [, path = '', line, column] = /^(.*?)(?::(\d+))?(?::(\d+))?$/.exec(at ?? '') ?? [];
  if (line === undefined) return declaredNames(session, name, { container, path: path === '' ? undefined : path });
  return declaredAt(session, name, path, { line: Number(line), column: column ? Number(column) : undefined });
}

/** Whether the class of a member has an `__init__` of its own. */
async function hasInit(session: ServerSession, { places, owners }: Declared): Promise<boolean> {
  const inits = await declaredNames(session, '__init__', { container: owners.at(-1), path: places[0]?.path });
  return inits.length > 0;
}

function describe(session: ServerSession, places: Declared['places'], kind: string, name: string): string {
  const [place] = places;
  const file = place && session.read(place.path);
  return `${file ? placeText(file, place.offset) : (place?.path ?? '')} ${kind} ${name}`;
}

function clash(from: string, to: string, taken: readonly string[]): Prepared {
  const why = `${to} is already in use where ${from} would become it: ${taken[0]}. Choose another name.`;
  return declined('clash', why, taken);
}

/** The server's own words for its "no". */
async function refusalOf(session: ServerSession, { from, to, declarations }: Renaming): Promise<string> {
  const [place] = declarations;
  const why = place === undefined ? '' : await session.whyNot(place, to);
  return `${session.serverName} will not rename ${from} there${why === '' ? '' : `: ${why}`}. Say another place with at.`;
}

const keyAt = ({ path, offset }: { path: string; offset: number }) => `${path}\0${offset}`;

function set(occurrences: Map<string, Occurrence>, one: Occurrence): void {
  occurrences.set(keyAt(one), one);
}

/** Makes all places of one kind targets, because the person asked for it. */
function take(
  session: ServerSession,
  occurrences: Map<string, Occurrence>,
  edits: Map<string, TextEdit[]>,
  placement: 'text' | 'unplaced',
  { from, to }: Names,
): void {
  for (const { path, offset, placement: now } of [...occurrences.values()]) {
    if (now !== placement || !session.read(path)?.text.startsWith(from, offset)) continue;
    const list = edits.get(path) ?? [];
    if (!list.some(({ start }) => start === offset)) list.push({ start: offset, end: offset + from.length, text: to });
    edits.set(path, list);
    set(occurrences, { path, offset, placement: 'target' });
  }
}

/** More files are not compared. */
const comparedMax = 600;

/** Files that change, that have one of the names, or that import a module in which the name is declared. */
async function comparedFiles(
  context: ToolContext,
  session: ServerSession,
  { level, declarations: places }: Renaming,
  edits: ReadonlyMap<string, unknown>,
): Promise<{ paths: string[]; unread: number }> {
  const all = new Set([...edits.keys(), ...session.files.keys()].filter((path) => session.files.has(path)));
  if (level !== 'local') {
    const globs = [...globsOf(together(session.language)), ...notInstalled];
    const stems = new Set(places.map(({ path }) => stemOf(path)));
    for (const stem of stems) for (const path of await filesContaining(context, stem, globs)) all.add(path);
  }
  const paths = [...all].slice(0, comparedMax);
  session.open(paths);
  return { paths: paths.filter((path) => session.files.has(path)), unread: all.size - paths.length };
}

/** The word by which a file is imported: its name, or its folder's where that is the module. */
function stemOf(path: string): string {
  const [name = '', above] = path.split('/').toReversed();
  const stem = name.replace(/\.\w+$/, '');
  return above !== undefined && (/^(?:__init__|mod|lib|main|index)$/.test(stem) || name.endsWith('.go')) ? above : stem;
}

const messageMax = 160;

/** New errors, and files without any answer, make places undecided. */
function withProblems(session: ServerSession, occurrences: Map<string, Occurrence>, { news, silent }: Proof): void {
  for (const { path, offset, message } of news satisfies ServerProblem[]) {
    const [line = ''] = message.split('\n');
    const said = line.length > messageMax ? `${line.slice(0, messageMax)}…` : line;
    set(occurrences, {
      ...{ path, offset, placement: 'unplaced' },
      reason: `after the rename ${session.serverName} says: ${said}`,
    });
  }
  for (const path of silent) {
    const reason = `${session.serverName} says nothing about errors here, so the rename is not proved`;
    set(occurrences, { path, offset: 0, placement: 'unplaced', reason });
  }
}

type Outcome = { occurrences: Map<string, Occurrence>; edits: Map<string, TextEdit[]>; unread: number };

async function conclusion(
  context: ToolContext,
  session: ServerSession,
  { scope, dry_run, symbol }: RenameSymbolArguments,
  renaming: Renaming,
  { occurrences, edits, unread }: Outcome,
): Promise<Prepared> {
  const { from, to } = renaming;
  const inOrder = [...occurrences.values()].toSorted((a, b) =>
    a.path === b.path ? a.offset - b.offset : a.path < b.path ? -1 : 1,
  );
  const sites = inOrder.map(({ path, offset, placement, reason }) =>
    siteAt(session.read(path)!, offset, placement, !dry_run && inScope(path, scope), reason),
  );
  if (renaming.level !== 'local') sites.push(...(await namesElsewhere(context, session, renaming)));
  const changes = [...edits]
    .filter(([path]) => inScope(path, scope))
    .map(([path, list]) => fileChange(session.read(path)!, list));
  const count = [...edits.values()].reduce((sum, list) => sum + list.length, 0);
  const texts = sites.filter(({ placement }) => placement === 'text').length;
  const left = texts === 0 ? '' : ` ${texts} in strings, comments or documents ${texts === 1 ? 'stays' : 'stay'}.`;
  const told = unread === 0 ? '' : ` ${counted(unread, 'file')} more were not compared for new errors.`;
  const name = symbol.includes('.') ? symbol : from;
  const message = `${name} → ${to}: ${counted(count, 'place')} in ${counted(edits.size, 'file')}.${left}${told}`;
  return concluded(sites, message, dry_run ? undefined : changes);
}
