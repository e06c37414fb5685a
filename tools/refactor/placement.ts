import { builtOfTarget, importedFrom, isTakenName } from '../code/built-imports.ts';
import type { CodePosition, CodeSession } from '../code/code-session.ts';
import { commonJsExportValue, declarationsIn, isCommonJsExport } from '../code/declarations.ts';
import {
  enclosing,
  identifiers,
  isSame,
  kindOf,
  type Node,
  startOf,
  stringValue,
  wordOffsets,
} from '../code/syntax.ts';
import { areInText } from '../code/words-in-text.ts';
import { isBuilt, isMarkup } from '../files/source-files.ts';
import { both, isRequireBinding, isSpecifier, keyOf, local, outer, type Targets } from './rename-targets.ts';

/**
 * Placement: decides for every occurrence of a name what it means.
 *
 * The server's own rename comes first. Every occurrence that it left out is asked for its declaration: a renamed place
 * makes it a target as well (an alias, a default import, CommonJS), another place makes it another symbol. This repeats
 * until nothing is added, because a new target may be the declaration of others. An occurrence without an answer is
 * judged by its syntax, and stays `unplaced` where the syntax cannot decide.
 */
export type Occurrence = CodePosition & { placement: 'target' | 'other_symbol' | 'text' | 'unplaced'; reason?: string };
export type RenamedSymbol = {
  name: string;
  isMember: boolean;
  isVisibleOutside: boolean;
  /** The class, interface or object that has the member. */
  container?: string | undefined;
};

type Open = CodePosition & { node: Node; declared: CodePosition[] };

/** Enough to keep the server busy. With 64 at once its checkers got into each other's way: half as fast, at times 20×. */
const questionsAtOnce = 4;

export async function placeAll(session: CodeSession, symbol: RenamedSymbol, targets: Targets): Promise<Occurrence[]> {
  const placed: Occurrence[] = [];
  const open: Open[] = [];
  for (const path of await session.files.containing(symbol.name)) sort(session, path, symbol, targets, placed, open);
  await fewAtOnce(open, async (occurrence) => {
    occurrence.declared = await session.definitions(occurrence);
  });
  follow(session, symbol, open, targets);
  if (symbol.isMember) await findShared(session, symbol, open, targets, placed);
  for (const occurrence of open) {
    if (targets.get(occurrence)) placed.push({ ...bare(occurrence), placement: 'target' });
    else placed.push({ ...bare(occurrence), ...judge(session, occurrence, symbol, targets) });
  }
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
  placed: Occurrence[],
  open: Open[],
): void {
  const file = session.files.read(path);
  if (file === undefined) {
    placed.push({ path, offset: 0, placement: 'unplaced', reason: 'the file is too large or not UTF-8 text' });
    return;
  }
  const offsets = wordOffsets(file.text, symbol.name);
  if (isMarkup(path)) {
    const verdict = symbol.isVisibleOutside
      ? ({ placement: 'unplaced', reason: 'scripts inside this kind of file are not read' } as const)
      : ({ placement: 'other_symbol' } as const);
    for (const offset of offsets) placed.push({ path, offset, ...verdict });
    return;
  }
  // A name that is renamed as a whole needs no node: its kind matters only where one half of it may stay.
  const unsure = offsets.filter((offset) => targets.get({ path, offset })?.halves !== both);
  const nodes = areInText(file, unsure) ? undefined : identifiers(file, symbol.name);
  for (const offset of offsets) {
    const node = nodes?.get(offset);
    const target = targets.get({ path, offset });
    if (target) {
      target.node ??= node;
      // The server keeps a public name here that every importer is about to lose.
      if (isSpecifier(node) && target.halves === outer) target.halves = both;
    }
    if (target && !(isSpecifier(node) && target.halves !== both)) placed.push({ path, offset, placement: 'target' });
    else if (node) open.push({ path, offset, node, declared: [] });
    else placed.push({ path, offset, placement: file.text[offset - 1] === '#' ? 'other_symbol' : 'text' });
  }
}

/** Adds the occurrences declared at a target until there are no new ones. */
function follow(session: CodeSession, symbol: RenamedSymbol, open: readonly Open[], targets: Targets): void {
  for (const target of targets.all()) {
    const shorthand = kindOf(target.node) === 'shorthand_property_identifier';
    if (shorthand && isCommonJsExport(target.node!.parent()!)) target.halves = both;
    if (target.node && isRequireBinding(target.node)) target.halves = both;
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
  }
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

/** A name taken from a built module is a target when the source exports one: all of it, as the build will. */
function takenFromBuilt(session: CodeSession, open: Open, { name }: RenamedSymbol, targets: Targets): number {
  const { path, node, declared } = open;
  const specifier = declared.every((place) => isItself(place, path, node)) ? importOf(session, open) : undefined;
  const file = session.files.read(path);
  if (specifier === undefined || !file || !isTakenName(file, node)) return 0;
  return builtOfTarget(session, { path, specifier, name }, targets) === true ? both : 0;
}

/**
 * The name that `this` stands for in `this.x`, when classes are written as functions: `function A() { this.x }`,
 * `A.prototype.m = function () { this.x }`, `a.m = function () { this.x }`. TypeScript's server knows these no longer.
 */
function constructorOfThis(node: Node): string | undefined {
  const member = node.parent();
  if (kindOf(member) !== 'member_expression' || member?.field('object')?.text() !== 'this') return undefined;
  const owner = enclosing(node, ['function_declaration', 'function_expression', 'class_body', 'method_definition']);
  if (kindOf(owner) === 'function_declaration') return owner?.field('name')?.text();
  const user = owner?.parent();
  if (kindOf(owner) !== 'function_expression') return undefined;
  if (kindOf(user) === 'variable_declarator') return user?.field('name')?.text();
  const left = kindOf(user) === 'assignment_expression' ? user?.field('left')?.text() : undefined;
  return /^([\w$]+)(?:\.prototype)?\.[\w$]+$/.exec(left ?? '')?.[1];
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

const mockCall = /^(?:jest|vi|vitest|mock|td)\.(?:mock|doMock|unstable_mockModule|setMock|module|replace)$/;

/** The module of a mock (`jest.mock('./m', () => ({ … }))`) whose replaced export the identifier names. */
function mockedModule(node: Node): string | undefined {
  const parent = node.parent();
  const isKey =
    kindOf(node) === 'shorthand_property_identifier' ||
    (kindOf(parent) === 'pair' && isSame(parent!.field('key'), node)) ||
    (kindOf(parent) === 'method_definition' && isSame(parent!.field('name'), node));
  const object = isKey ? enclosing(node, ['object']) : undefined;
  const call = object ? enclosing(object, ['call_expression']) : undefined;
  if (!call || !mockCall.test(call.field('function')?.text() ?? '')) return undefined;
  const depth = object!.ancestors().filter((above) => kindOf(above) === 'object' && startOf(above) > startOf(call));
  return depth.length > 0 ? undefined : stringValue(call.field('arguments')?.child(1));
}

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
  const unresolved = symbol.isMember ? undefined : unresolvedImport(session, open, symbol, targets);
  if (unresolved !== undefined) {
    return { placement: 'unplaced', reason: `the import of '${unresolved}' leads to no file of the workspace` };
  }
  if (declared.length > 0 || isOwnName(node)) return other;
  const parent = node.parent();
  if (kindOf(parent) === 'member_expression') {
    if (symbol.isMember) return { placement: 'unplaced', reason: 'the type of the value before the dot is not known' };
    return other;
  }
  if (symbol.isMember) return other;
  return { placement: 'unplaced', reason: 'nothing in the workspace declares it here' };
}

/** Keys of objects, labels and the like: names that declare themselves even when the server says nothing. */
function isOwnName(node: Node): boolean {
  const parent = node.parent();
  if (kindOf(node) === 'statement_identifier') return true;
  if (kindOf(parent) === 'pair' || kindOf(parent) === 'pair_pattern') return isSame(parent!.field('key'), node);
  return ['method_definition', 'jsx_attribute', 'property_signature', 'method_signature'].includes(kindOf(parent));
}

/** The specifier of a local import that could not be resolved: the imported name might be the symbol. */
function unresolvedImport(
  session: CodeSession,
  open: Open,
  { name }: RenamedSymbol,
  targets: Targets,
): string | undefined {
  const { path } = open;
  const specifier = importOf(session, open);
  if (specifier === undefined) return undefined;
  const module = session.resolveImport(path, specifier);
  // A script that hands on built code exports the same names: they are unknown until the code is built.
  if (module !== undefined) return isFront(session, module) ? specifier : undefined;
  if (!specifier.startsWith('.') && !specifier.startsWith('/')) return undefined;
  return builtOfTarget(session, { path, specifier, name }, targets) === false ? undefined : specifier;
}

/** The module that a name comes from as far as its own file says; undefined: it is declared elsewhere, or not imported. */
function importOf(session: CodeSession, { path, node, declared }: Open): string | undefined {
  const file = session.files.read(path);
  if (file === undefined || declared.some((place) => place.path !== path)) return undefined;
  const at = declared.length === 0 ? node : (identifiers(file, node.text()).get(declared[0]!.offset) ?? node);
  return importedFrom(file, at);
}

/** Whether a module hands on, as a whole, another that is no file of the workspace: `module.exports = require('./dist/…')`. */
function isFront(session: CodeSession, path: string): boolean {
  const text = session.files.read(path)?.text ?? '';
  const handedOn = /(?:\bmodule\.exports\s*=\s*require\(\s*|\bexport\s*\*\s*from\s*)(['"])(\.[^'"]*)\1/g;
  return [...text.matchAll(handedOn)].some(
    ([, , specifier = '']) => session.resolveImport(path, specifier) === undefined,
  );
}

/** Acts on all items, a limited number at once. After a failure no further one is begun. */
export async function fewAtOnce<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    try {
      while (next < items.length) await act(items[next++]!);
    } catch (error) {
      next = items.length;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: questionsAtOnce }, work));
}

const bare = ({ path, offset }: CodePosition): CodePosition => ({ path, offset });
