import { builtOfTarget, isTakenName } from '../code/built-imports.ts';
import type { CodePosition } from '../code/code-questions.ts';
import type { CodeSession } from '../code/code-session.ts';
import { commonJsExportValue, declarationsIn, isCommonJsExport } from '../code/declarations.ts';
import { type DocName, docName } from '../code/doc-names.ts';
import { scriptsIn } from '../code/script-blocks.ts';
import {
  enclosing,
  identifiers,
  isInComment,
  isUnparsed,
  kindOf,
  type Node,
  startOf,
  wordOffsets,
} from '../code/syntax.ts';
import { areInText } from '../code/words-in-text.ts';
import { isBuilt, isMarkup } from '../files/source-files.ts';
import type { TextFile } from '../files/text-file.ts';
import { describedElsewhere } from './described.ts';
import { fewAtOnce } from './few-at-once.ts';
import { implementedHere } from './implementing-scripts.ts';
import { importDoubt, importOf } from './import-doubts.ts';
import { constructorOfThis, isOwnName, mockedModule } from './name-syntax.ts';
import {
  both,
  isRequireBinding,
  isSpecifier,
  keyOf,
  local,
  type Occurrence,
  type Open,
  outer,
  type RenamedSymbol,
  type Targets,
} from './rename-targets.ts';
import { placeInTemplates } from './template-names.ts';

/**
 * Placement: decides for every occurrence of a name what it means.
 *
 * The server's own rename comes first. Every occurrence that it left out is asked for its declaration: a renamed place
 * makes it a target as well (an alias, a default import, CommonJS), another place makes it another symbol. This repeats
 * until nothing is added, because a new target may be the declaration of others. An occurrence without an answer is
 * judged by its syntax, and stays `unplaced` where the syntax cannot decide.
 */
/** A word without a node that may be code: in a comment that the compiler reads, or where the parser gave up. */
type Aside = CodePosition & { doc: DocName | undefined; declared: CodePosition[] };
type Sorted = { placed: Occurrence[]; open: Open[]; asides: Aside[] };

export async function placeAll(session: CodeSession, symbol: RenamedSymbol, targets: Targets): Promise<Occurrence[]> {
  const sorted: Sorted = { placed: [], open: [], asides: [] };
  const { placed, open, asides } = sorted;
  const paths = await session.files.containing(symbol.name);
  for (const path of paths) sort(session, path, symbol, targets, sorted);
  await fewAtOnce([...open, ...asides], async (occurrence) => {
    occurrence.declared = await session.definitions(occurrence);
  });
  follow(session, symbol, sorted, targets);
  const templates = placeInTemplates(session, symbol, targets, paths.filter(isMarkup));
  if (symbol.isMember) await findShared(session, symbol, open, targets, placed);
  for (const occurrence of open) {
    if (targets.get(occurrence)) placed.push({ ...bare(occurrence), placement: 'target' });
    else placed.push({ ...bare(occurrence), ...judge(session, occurrence, symbol, targets) });
  }
  for (const aside of asides) placed.push({ ...bare(aside), ...judgeAside(aside, targets) });
  placed.push(...templates);
  return placed.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.offset - b.offset));
}

/** Unrelated members of one name are asked for shared uses up to this many: 20 ms each, in a large project. */
const unrelatedMembersMax = 100;
const memberParents = new Set([
  ...['method_definition', 'method_signature', 'abstract_method_signature', 'property_signature'],
  ...['public_field_definition', 'field_definition'],
]);

/** Uses of a target on a value that may also be of another type, whose member of that name keeps it. */
async function findShared(
  session: CodeSession,
  symbol: RenamedSymbol,
  open: readonly Open[],
  targets: Targets,
  placed: readonly Occurrence[],
): Promise<void> {
  const unrelated = open.filter((one) => memberParents.has(kindOf(one.node.parent())) && !targets.get(one));
  const shared = new Set<string>();
  await fewAtOnce(unrelated.slice(0, unrelatedMembersMax), async (member) => {
    for (const edit of await session.rename(member, `${symbol.name}_`)) if (targets.get(edit)) shared.add(keyOf(edit));
  });
  for (const use of placed) {
    if (use.placement !== 'target' || !shared.has(keyOf(use))) continue;
    use.placement = 'unplaced';
    use.reason = `the value may also be of another type, whose ${symbol.name} is not renamed`;
  }
}

/** The first look at a file: targets and texts are placed, the rest stays open. */
function sort(
  session: CodeSession,
  path: string,
  symbol: RenamedSymbol,
  targets: Targets,
  { placed, open, asides }: Sorted,
): void {
  const file = session.files.read(path);
  if (file === undefined) {
    placed.push({ path, offset: 0, placement: 'unplaced', reason: 'the file is too large or not UTF-8 text' });
    return;
  }
  const scripts = scriptsIn(file);
  const offsets = wordOffsets(scripts?.text ?? file.text, symbol.name);
  // A name that is renamed as a whole needs no node: its kind matters only where one half of it may stay.
  const unsure = offsets.filter((offset) => scripts || targets.get({ path, offset })?.halves !== both);
  const inText = scripts === undefined && areInText(file, unsure);
  const nodes = inText ? undefined : identifiers(file, symbol.name);
  for (const offset of offsets) {
    const node = nodes?.get(offset);
    const target = targets.get({ path, offset });
    if (target) {
      target.node ??= node;
      // The server keeps a public name here that every importer is about to lose.
      if (isSpecifier(node) && target.halves === outer) target.halves = both;
      // An object takes a variable's value by its name: the server answers the property's half where an element uses it.
      const isValue = !symbol.isMember && kindOf(node) === 'shorthand_property_identifier';
      if (isValue && target.halves === outer) target.halves = local;
    }
    const doc = node ? undefined : docName(file, offset);
    const isLost = !node && !inText && doc === undefined && isUnparsed(file) && !isInComment(file, offset);
    // A template may need the local name of what its script imports: that is decided at the end.
    if (target && !scripts && !(isSpecifier(node) && target.halves !== both))
      placed.push({ path, offset, placement: 'target' });
    else if (node) open.push({ path, offset, node, declared: [] });
    else if (doc !== undefined || isLost || target) asides.push({ path, offset, doc, declared: [] });
    else placed.push({ path, offset, placement: file.text[offset - 1] === '#' ? 'other_symbol' : 'text' });
  }
}

function judgeAside({ path, offset, doc, declared }: Aside, targets: Targets): Omit<Occurrence, keyof CodePosition> {
  if (targets.get({ path, offset })) return { placement: 'target' };
  if (declared.length > 0 || doc?.use === 'declaration') return { placement: 'other_symbol' };
  if (doc !== undefined) return { placement: 'text' };
  return { placement: 'unplaced', reason: 'the file could not be parsed here' };
}

/** Adds the occurrences declared at a target until there are no new ones. */
function follow(session: CodeSession, symbol: RenamedSymbol, { open, asides }: Sorted, targets: Targets): void {
  for (const target of targets.all()) {
    const shorthand = kindOf(target.node) === 'shorthand_property_identifier';
    if (shorthand && isCommonJsExport(target.node!.parent()!)) target.halves = both;
    if (target.node && isRequireBinding(target.node)) target.halves = both;
  }
  for (const { place } of targets.all()) {
    // `exports.x = class x {}` is one thing to a reader: its name inside is renamed with it.
    const inner = innerName(session, place, symbol.name);
    if (inner !== undefined) targets.add({ path: place.path, offset: inner }, both);
  }
  for (const { path, offset, node, declared } of open) {
    if (declared.length === 0 && symbol.isMember && constructorOfThis(node) === symbol.container) {
      if (declaresContainer(session, path, symbol, targets)) targets.add({ path, offset }, both, node);
    }
  }
  const mocks = new Map(open.map((occurrence) => [keyOf(occurrence), mockedModule(occurrence.node)]));
  for (let news = true; news; ) {
    news = false;
    for (const occurrence of open) {
      if (targets.get(occurrence)?.halves === both) continue;
      const halves =
        followed(session, occurrence, targets, mocks.get(keyOf(occurrence))) ||
        (symbol.isMember ? 0 : takenFromBuilt(session, occurrence, symbol, targets));
      if (halves !== 0 && targets.add(occurrence, halves, occurrence.node)) news = true;
    }
    for (const aside of asides) {
      if (!targets.get(aside) && isAsideOf(session, symbol, aside, targets)) news = targets.add(aside, both) || news;
    }
  }
}

/** The offset of the name that a class or function has where it is written, when it is exported by the same name. */
function innerName(session: CodeSession, { path, offset }: CodePosition, name: string): number | undefined {
  const file = session.files.read(path);
  const node = file && /\.[cm]?jsx?$/.test(path) ? identifiers(file, name).get(offset) : undefined;
  const value = node && commonJsExportValue(node);
  const inner = ['class', 'function_expression'].includes(kindOf(value)) ? value?.field('name') : undefined;
  return inner?.text() === name ? startOf(inner) : undefined;
}

/** The halves of an occurrence that turn out to be renamed; 0: none. */
function followed(session: CodeSession, { path, node, declared }: Open, targets: Targets, mocked?: string): number {
  const isObjectShorthand = kindOf(node) === 'shorthand_property_identifier';
  // Of a call, the server also names the function that is called in the end, after what the name itself stands for.
  const [place] = declared;
  if (place && targets.declares(place) && !isItself(place, path, node)) {
    if (isObjectShorthand) return isCommonJsExport(node.parent()!) ? both : local;
    return both;
  }
  const value = commonJsExportValue(node);
  if (value && kindOf(value) === 'identifier' && targets.get({ path, offset: startOf(value) })) return both;
  if (isRequireBinding(node) && !isObjectShorthand) {
    const property = enclosing(node, ['variable_declarator'])?.field('value')?.field('property');
    if (property && targets.get({ path, offset: startOf(property) })) return both;
  }
  if (mocked !== undefined && exportsTarget(session, path, mocked, targets)) return isObjectShorthand ? outer : both;
  return 0;
}

/** Whether a word in a comment, or in a part that was not parsed, is a use of a renamed name. */
function isAsideOf(session: CodeSession, symbol: RenamedSymbol, aside: Aside, targets: Targets): boolean {
  const { path, doc, declared } = aside;
  const [place] = declared;
  if (place) return targets.declares(place) && keyOf(place) !== keyOf(aside);
  if (doc === undefined || symbol.isMember) return false;
  if (doc.module !== undefined) return exportsTarget(session, path, doc.module, targets);
  // Classes that CommonJS exports are no types to the server: the comment means what the file calls so.
  const file = session.files.read(path);
  if (doc.use === 'declaration' || !file || declaresType(file, symbol.name)) return false;
  const nodes = identifiers(file, symbol.name);
  const bindings = targets.all().filter((target) => target.place.path === path && (target.halves & local) !== 0);
  return bindings.some((target) => {
    const node = nodes.get(target.place.offset);
    if (node === undefined) return docName(file, target.place.offset)?.use === 'import';
    const kind = kindOf(node);
    return kind === 'identifier' || kind === 'type_identifier' || kind === 'shorthand_property_identifier_pattern';
  });
}

/** Whether a comment of the file declares a type of the name. */
const declaresType = (file: TextFile, name: string): boolean =>
  wordOffsets(file.text, name).some((offset) => docName(file, offset)?.use === 'declaration');

/** A name taken from a built module is a target when the source exports one: all of it, as the build will. */
function takenFromBuilt(session: CodeSession, open: Open, { name }: RenamedSymbol, targets: Targets): number {
  const { path, node, declared } = open;
  const specifier = declared.every((place) => isItself(place, path, node)) ? importOf(session, open) : undefined;
  const file = session.files.read(path);
  if (specifier === undefined || !file || !isTakenName(file, node)) return 0;
  return builtOfTarget(session, { path, specifier, name }, targets) === true ? both : 0;
}

/** Whether a target in the same file is a member of the symbol's container. */
function declaresContainer(session: CodeSession, path: string, symbol: RenamedSymbol, targets: Targets): boolean {
  const file = session.files.read(path);
  if (file === undefined) return false;
  const declared = declarationsIn(file, symbol.name).filter(({ container }) => container === symbol.container);
  return declared.some((place) => targets.get(place) !== undefined);
}

const isItself = (place: CodePosition, path: string, node: Node): boolean =>
  place.path === path && place.offset === startOf(node);

function exportsTarget(session: CodeSession, path: string, specifier: string, targets: Targets): boolean {
  const module = session.resolveImport(path, specifier);
  return module !== undefined && targets.all().some(({ place }) => place.path === module);
}

/** The verdict on an occurrence that is no target. */
function judge(
  session: CodeSession,
  open: Open,
  symbol: RenamedSymbol,
  targets: Targets,
): Omit<Occurrence, keyof CodePosition> {
  const { path, node, declared } = open;
  const other = { placement: 'other_symbol' } as const;
  // A committed build is a copy: it follows when it is built anew.
  if (isBuilt(path)) return other;
  const doubt = symbol.isMember ? undefined : importDoubt(session, open, symbol, targets);
  if (doubt !== undefined) return { placement: 'unplaced', reason: doubt };
  const described = describedElsewhere(session, open, symbol, targets);
  if (described !== undefined) return { placement: 'unplaced', reason: described };
  const implemented = implementedHere(session, symbol, open);
  if (implemented !== undefined) return { placement: 'unplaced', reason: implemented };
  if (declared.length > 0 || isOwnName(node)) return other;
  const parent = node.parent();
  if (kindOf(parent) === 'member_expression') {
    if (symbol.isMember) return { placement: 'unplaced', reason: 'the type of the value before the dot is not known' };
    return other;
  }
  if (symbol.isMember) return other;
  return { placement: 'unplaced', reason: 'nothing in the workspace declares it here' };
}

const bare = ({ path, offset }: CodePosition): CodePosition => ({ path, offset });
