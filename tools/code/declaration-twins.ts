import { isRequireBinding, keyOf } from '../refactor/rename-targets.ts';
import type { CodePosition, PlaceEdit } from './code-questions.ts';
import type { CodeSession } from './code-session.ts';
import { type Declaration, declarationsIn, isCommonJsExport } from './declarations.ts';
import { isTypes, nestedTwins } from './nested-twins.ts';
import { enclosing, identifiers, isSame, kindOf, type Node } from './syntax.ts';

/**
 * A JavaScript module and the `.d.ts` that a person wrote for it, beside it or named by package.json, export the same
 * things, but the server sees no link between them: it reads only one. A rename of an export in one has to rename the
 * export of that name in the other; a rename of a member of an exported class, the same member in the other.
 */
export async function withTwins(
  session: CodeSession,
  declaration: Declaration,
  { name, to }: { name: string; to: string },
  edits: PlaceEdit[],
): Promise<PlaceEdit[]> {
  const members = declaration.level === 'member' ? await twinMembers(session, declaration, name) : [];
  const ofMembers = await Promise.all(members.map((one) => session.rename(one, to)));
  const all = [...edits, ...ofMembers.flat()];
  if (declaration.level !== 'module') return all;
  const nested = await nestedTwins(session, declaration, name, facesOf(session));
  for (const place of nested) all.push(...(await session.rename(place, to)));
  const done = new Set(all.map(({ path }) => path));
  for (const path of await facesThatExport(session, declaration, name)) done.add(path);
  for (const path of done) {
    for (const twin of twinsOf(session, path).filter((one) => session.files.list.includes(one) && !done.has(one))) {
      const file = session.files.read(twin);
      const exported = file && [...identifiers(file, name)].find(([, node]) => isExported(node));
      if (!exported || !exportsName(session, path, name)) continue;
      const place = { path: twin, offset: exported[0] };
      // From a re-export alone the server does not find the exported declaration.
      const places = await declaringPlaces(session, [place]);
      const found = (await Promise.all(places.map((one) => session.rename(one, to)))).flat();
      all.push(...found, { ...place, end: place.offset + name.length, text: to });
      for (const edit of found) done.add(edit.path);
      done.add(twin);
    }
  }
  return all;
}

/** Files that describe one module: what package.json names, and a script with the `.d.ts` beside it. */
function facesOf(session: CodeSession): string[][] {
  const files = new Set(session.files.list);
  const pairs = session.files.list
    .filter(isTypes)
    .map((path) => [path, ...besides(path).filter((one) => files.has(one))]);
  return [...session.packages.flatMap(({ faces }) => faces), ...pairs.filter(({ length }) => length > 1)];
}

/** The modules that a declaration file describes, and the other way round. */
function twinsOf(session: CodeSession, path: string): string[] {
  const named = session.packages.flatMap(({ faces }) => faces).filter((face) => face.includes(path));
  return [...new Set([...besides(path), ...named.flat()])].filter((one) => one !== path);
}

/** Members of the name, of what the other face of a package exports under the name of the member's class. */
async function twinMembers(session: CodeSession, member: Declaration, name: string): Promise<Declaration[]> {
  const { container } = member;
  if (container === undefined) return [];
  const found: Declaration[] = [];
  for (const face of session.packages.flatMap(({ faces }) => faces)) {
    const places = (await Promise.all(face.map((path) => exportedPlaces(session, path, container)))).flat();
    const paths = new Set(places.map(({ path }) => path));
    if (!paths.has(member.path)) continue;
    for (const path of paths) {
      const file = path === member.path ? undefined : session.files.read(path);
      if (file) found.push(...declarationsIn(file, name).filter((one) => one.container === container));
    }
  }
  return found;
}

/** The faces of packages that export a declaration of a module under its own name. */
async function facesThatExport(session: CodeSession, declaration: Declaration, name: string): Promise<string[]> {
  const all = new Set(session.packages.flatMap(({ faces }) => faces).flat());
  const found: string[] = [];
  for (const path of all) {
    const places = await exportedPlaces(session, path, name);
    if (places.some((place) => keyOf(place) === keyOf(declaration))) found.push(path);
  }
  return found;
}

async function exportedPlaces(session: CodeSession, path: string, name: string): Promise<CodePosition[]> {
  const file = session.files.read(path);
  const exported = file ? [...identifiers(file, name)].filter(([, node]) => isExported(node)) : [];
  return declaringPlaces(
    session,
    exported.map(([offset]) => ({ path, offset })),
  );
}

/** From an export over a variable with what was required, and the export that it comes from, to the declaration. */
const hopsMax = 6;

/** The places and where they are declared, also through variables that hold what `require` brings. */
async function declaringPlaces(session: CodeSession, places: readonly CodePosition[]): Promise<CodePosition[]> {
  const known = new Map(places.map((place) => [keyOf(place), place]));
  let last = [...known.values()];
  for (let hops = 0; hops < hopsMax && last.length > 0; hops++) {
    const declared = (await Promise.all(last.map((place) => session.definitions(place)))).flat();
    last = declared.filter((place) => place.offset >= 0 && !known.has(keyOf(place)));
    for (const place of last) known.set(keyOf(place), place);
    last = last.filter((place) => handsOn(session, place));
  }
  return [...known.values()];
}

/** A variable that holds what was required, or the export of a variable by its own name: declared elsewhere. */
function handsOn(session: CodeSession, { path, offset }: CodePosition): boolean {
  const file = session.files.read(path);
  const word = file && /^[\w$]+/.exec(file.text.slice(offset))?.[0];
  const node = word && identifiers(file, word).get(offset);
  if (!node) return false;
  const isExport = kindOf(node) === 'shorthand_property_identifier' && isCommonJsExport(node.parent()!);
  return isExport || isRequireBinding(node);
}

function besides(path: string): string[] {
  const typed = /^(.*)\.d\.([cm]?)ts$/.exec(path);
  if (typed) return typed[2] === '' ? [`${typed[1]}.js`, `${typed[1]}.jsx`] : [`${typed[1]}.${typed[2]}js`];
  const script = /^(.*)\.([cm]?)jsx?$/.exec(path);
  return script ? [`${script[1]}.d.${script[2]}ts`] : [];
}

function exportsName(session: CodeSession, path: string, name: string): boolean {
  const file = session.files.read(path);
  return file !== undefined && [...identifiers(file, name).values()].some(isExported);
}

/** A name that other modules see: declared in an `export`, listed by one, or put on CommonJS's exports. */
export function isExported(node: Node): boolean {
  const parent = node.parent();
  if (kindOf(parent) === 'export_specifier') return !parent!.field('alias') || isSame(parent!.field('alias'), node);
  if (kindOf(parent) === 'member_expression')
    return /^(?:module\.)?exports$/.test(parent!.field('object')?.text() ?? '');
  if (kindOf(node) === 'shorthand_property_identifier' && isCommonJsExport(parent!)) return true;
  const statement = enclosing(node, [
    'export_statement',
    'statement_block',
    'class_body',
    'arguments',
    'formal_parameters',
  ]);
  if (kindOf(statement) !== 'export_statement') return false;
  const isPattern = kindOf(node) === 'shorthand_property_identifier_pattern';
  return isPattern || isSame(parent!.field('name'), node);
}
