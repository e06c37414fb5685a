import { posix } from 'node:path';
import type { Site } from '../../ipc/plan.ts';
import { type CodeSession, codeSession } from '../code/code-session.ts';
import { namesOfModules } from '../code/nested-twins.ts';
import { publicPackages } from '../code/public-entry.ts';
import {
  describeGroup,
  type FoundSymbols,
  findSymbol,
  nearNames,
  type SymbolGroup,
  sameNames,
  symbolAt,
  symbolName,
} from '../code/symbol-search.ts';
import { identifiers, kindOf } from '../code/syntax.ts';
import type { RenameSymbolArguments } from '../contracts/rename-symbol.ts';
import type { Prepare, Prepared, ToolContext } from '../contracts/tool.ts';
import { isBuilt, isCode, isMarkup } from '../files/source-files.ts';
import { fileChange } from '../files/text-file.ts';
import { isMethodAt, scriptsDescribedBy } from './implementing-scripts.ts';
import { renameInOtherLanguage } from './languages/rename.ts';
import { placeLiterals } from './literal-names.ts';
import { concluded, counted, declined, inScope, siteAt } from './mechanical-result.ts';
import { editsOf, inDocuments, withKind } from './name-texts.ts';
import { placeAll } from './placement.ts';
import { errorReason, proven } from './rename-proof.ts';
import type { Occurrence, RenamedSymbol } from './rename-targets.ts';
import { both, outer, Targets } from './rename-targets.ts';

/** Renames a symbol of TypeScript or JavaScript code, with every occurrence of the name accounted for. */
export const prepare: Prepare<RenameSymbolArguments> = async (asked, context) => {
  // `Class#method` is how documents write a method. A private name becomes another private name.
  const isMethod = !asked.to.startsWith('#') && /[\w$]#/.test(asked.symbol);
  const parsed = isMethod ? { ...asked, symbol: asked.symbol.replace('#', '.') } : asked;
  const symbol = symbolName(parsed.symbol);
  const to = symbolName(parsed.to).name;
  const place = /^[^:]*/.exec(parsed.at ?? '')?.[0] ?? '';
  const isElsewhere = place !== '' && !isCode(place) && !isMarkup(place);
  // Words that are reserved in another language are told there.
  const refusal = badName(symbol.name, to, symbol.container !== undefined || isElsewhere);
  if (refusal !== undefined) return declined('refused', refusal);
  const names = { from: symbol.name, to };
  if (isElsewhere) {
    return (await renameInOtherLanguage(context, parsed, names)) ?? notFound(context, parsed);
  }
  const session = await codeSession(context, 'whole', symbol.name);
  const groups: SymbolGroup[] = [];
  for (const asked of [parsed, ...(parsed.also ?? []).map((one) => furtherOf(parsed, one))]) {
    const found = await chosen(session, asked, to);
    const [group] = found.groups;
    if (group === undefined) {
      const other = asked === parsed ? await renameInOtherLanguage(context, parsed, names) : undefined;
      return other ?? notFound(context, asked, session);
    }
    if (found.groups.length + found.more > 1) return ambiguous(session, asked, found);
    groups.push(group);
  }
  return rename(context, session, together(groups), names, parsed);
};

/** A further declaration: a place, or a name with its container. */
function furtherOf(parsed: RenameSymbolArguments, also: string): RenameSymbolArguments {
  const isPlace = /[/:]/.test(also) || isCode(also) || isMarkup(also);
  return isPlace
    ? { ...parsed, symbol: symbolName(parsed.symbol).name, at: also }
    : { ...parsed, symbol: also, at: undefined };
}

/** Several declarations that are renamed as one. */
const together = (groups: readonly SymbolGroup[]): SymbolGroup => ({
  declarations: groups.flatMap(({ declarations }) => declarations),
  edits: groups.flatMap(({ edits }) => edits),
});

async function rename(
  context: ToolContext,
  session: CodeSession,
  group: SymbolGroup,
  { from, to }: { from: string; to: string },
  { scope, dry_run, text, take_unplaced }: RenameSymbolArguments,
): Promise<Prepared> {
  const isMember = group.declarations.every(({ level }) => level === 'member');
  const isVisibleOutside = group.declarations.some(({ level }) => level !== 'local');
  const container = group.declarations[0]?.container;
  const scripts = group.declarations.map(({ path }) => path).filter((path) => /\.[cm]?jsx?$/.test(path));
  const handedOn = scripts.length > 0 ? namesOfModules(session, scripts) : new Set<string>();
  const { workspace } = context;
  const described = {
    scripts: isMember ? scriptsDescribedBy(session, workspace, group.declarations) : new Set<string>(),
    isMethod: group.declarations.every((one) => isMethodAt(session, from, one)),
  };
  const symbol: RenamedSymbol = { name: from, isMember, isVisibleOutside, container, handedOn, described };
  const targets = new Targets(from, to);
  const listed = new Set([...session.files.list, ...session.scripts]);
  for (const edit of group.edits) if (listed.has(edit.path)) targets.addEdit(edit);
  for (const declaration of group.declarations) targets.add(declaration, 3);
  const found = await placeAll(session, symbol, targets);
  const documents = isVisibleOutside ? await inDocuments(context, session, from, text === true) : [];
  const planned = { workspace, symbol, to, declarations: group.declarations };
  const unsure = await placeLiterals(session, symbol, targets, found);
  const taking = { session, name: from, targets };
  let proof = await proven(session, planned, targets, text ? taken('text', found, taking) : found, unsure);
  if (take_unplaced && proof.taken.length === 0) {
    const more = taken('unplaced', proof.placed, taking);
    proof = await proven(session, planned, targets, more, []);
  }
  const { edits, unread } = proof;
  const placed = proof.placed.map((one) => withKind(session, from, one));
  for (const one of documents) placed.push(text ? { ...one, placement: 'target' } : one);
  if (text) for (const [path, list] of editsOf(documents, from, to)) edits.set(path, list);
  if (proof.taken.length > 0) {
    const [first] = proof.taken;
    const why = `${to} is already in use where ${from} would become it: ${first}. Choose another name.`;
    return declined('clash', why, proof.taken);
  }
  const within = [...edits].filter(([path]) => inScope(path, scope));
  const changes = within.map(([path, list]) => fileChange(session.files.read(path)!, list));
  const sites = placed.map((occurrence) => toSite(session, occurrence, !dry_run && inScope(occurrence.path, scope)));
  const places = targets.all().map(({ place }) => place);
  const outside = isMember ? [] : publicPackages(session, workspace, from, places);
  const told = unread === 0 ? '' : ` ${counted(unread, 'file')} more were not compared for new type errors.`;
  return concluded(sites, summary(sites, from, to, outside) + told, dry_run ? undefined : changes);
}

/** A member's shorthand `{ x }` keeps its variable: `{ y: x }`. */
function halvesAt(session: CodeSession, name: string, { path, offset }: Occurrence): number {
  const file = session.files.read(path);
  const isParsed = file !== undefined && isCode(path);
  return isParsed && /^shorthand_/.test(kindOf(identifiers(file, name).get(offset))) ? outer : both;
}

type Taking = { session: CodeSession; name: string; targets: Targets };

/** The occurrences, those of one placement made targets because the person asked for them. */
function taken(
  placement: 'text' | 'unplaced',
  found: readonly Occurrence[],
  { session, name, targets }: Taking,
): Occurrence[] {
  return found.flatMap((one): Occurrence[] => {
    if (one.placement !== placement) return [one];
    const isName = session.files.read(one.path)?.text.startsWith(name, one.offset) ?? false;
    // An error beside the name is found again if it is still there.
    if (!isName) return one.reason?.startsWith(errorReason) ? [] : [one];
    targets.add(one, halvesAt(session, name, one));
    return [{ path: one.path, offset: one.offset, placement: 'target' }];
  });
}

function toSite(session: CodeSession, { path, offset, placement, reason }: Occurrence, changed: boolean): Site {
  const file = session.files.read(path);
  if (file) return siteAt(file, offset, placement, changed, reason);
  return { path, line: 1, column: 1, placement, status: 'todo', ...(reason === undefined ? {} : { reason }) };
}

function summary(sites: readonly Site[], from: string, to: string, packages: readonly string[]): string {
  const targets = sites.filter(({ placement }) => placement === 'target');
  const files = new Set(targets.map(({ path }) => path)).size;
  const other = sites.filter(({ placement }) => placement === 'other_symbol');
  const others = other.length;
  const built = other.filter(({ path }) => isBuilt(path)).length;
  const texts = sites.filter(({ placement }) => placement === 'text').length;
  const told = packages.length === 0 ? '' : ` The entry of ${packages.join(', ')} exports it: its users must follow.`;
  const left = `${others} of another symbol${built === 0 ? '' : ` (${built} in built files)`} and ${texts} in strings, comments or documents ${others + texts === 1 ? 'stays' : 'stay'}`;
  return `${from} → ${to}: ${counted(targets.length, 'place')} in ${counted(files, 'file')}; ${left}.${told}`;
}

async function chosen(session: CodeSession, { symbol, at }: RenameSymbolArguments, to: string): Promise<FoundSymbols> {
  const name = symbolName(symbol);
  const [, named = '', line, column] = /^(.*?)(?::(\d+))?(?::(\d+))?$/.exec(at ?? '') ?? [];
  const path = posix.normalize(named);
  if (at !== undefined && line !== undefined) {
    const place = { path, line: Number(line), column: column === undefined ? undefined : Number(column) };
    return symbolAt(session, name, place, to);
  }
  return findSymbol(session, name, { to, at: at && path });
}

async function notFound(
  context: ToolContext,
  { symbol, at, to }: RenameSymbolArguments,
  session?: CodeSession,
): Promise<Prepared> {
  const same = session && symbolName(symbol).container ? await sameNames(session, symbolName(symbol)) : [];
  const [place] = same[0]?.split(' ') ?? [];
  if (place !== undefined) {
    const { name, container } = symbolName(symbol);
    const how = `Say which ${name} is meant, as in: rename ${name} in ${place} to ${to}.`;
    const wrong = at === undefined ? `Nothing named ${container} declares ${name}` : `No ${symbol} was found at ${at}`;
    return declined('not_found', `${wrong}. ${how}`, same);
  }
  const near = await nearNames(context, symbolName(symbol).name);
  const meant = near[0] === undefined ? 'Check the spelling.' : `Did you mean ${near[0].split(' ').at(-1)}?`;
  const where = at === undefined ? 'in the TypeScript and JavaScript files' : `at ${at}`;
  return declined('not_found', `No declaration of ${symbol} was found ${where}. ${meant}`, near);
}

function ambiguous(
  session: CodeSession,
  { symbol, to }: RenameSymbolArguments,
  { groups, more }: FoundSymbols,
): Prepared {
  const { name } = symbolName(symbol);
  const candidates = groups.map((group) => describeGroup(session, name, group));
  const place = candidates[0]!.split(' ')[0];
  const how = `Say which, as in: rename ${symbol} in ${place} to ${to} (at: "${place}").`;
  const asked = groups.reduce((sum, { declarations }) => sum + declarations.length, 0);
  const where = more === 0 ? `${groups.length} unrelated places` : `${asked + more} places, mostly unrelated`;
  return declined('ambiguous', `${symbol} is declared in ${where}. ${how}`, candidates);
}

const reserved = new Set(
  (
    'await break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return ' +
    'static super switch this throw true try typeof undefined var void while with yield arguments eval'
  ).split(' '),
);

function badName(from: string, to: string, isMember: boolean): string | undefined {
  const identifier = /^#?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
  if (!identifier.test(from)) return `'${from}' is not an identifier. Name the symbol as it stands in the code.`;
  if (!identifier.test(to)) return `'${to}' is not a valid identifier. Choose a name of letters, digits, _ and $.`;
  if (reserved.has(to) && !isMember) return `'${to}' is a reserved word. Choose another name.`;
  if (from.startsWith('#') !== to.startsWith('#')) return 'A private name (#) can only become a private name.';
  return from === to ? `The symbol is already called ${to}.` : undefined;
}
