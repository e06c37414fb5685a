import type { CodeSession, PlaceEdit } from './code-session.ts';
import { isCommonJsExport } from './declarations.ts';
import { enclosing, identifiers, isSame, kindOf, type Node } from './syntax.ts';

/**
 * A JavaScript module and the `.d.ts` written beside it export the same things, but to the server they are strangers:
 * it reads one of them. A rename that touches an export of one has to touch the export of that name in the other.
 */
export async function withTwins(
  session: CodeSession,
  name: string,
  to: string,
  edits: PlaceEdit[],
): Promise<PlaceEdit[]> {
  const all = [...edits];
  const done = new Set(all.map(({ path }) => path));
  for (const path of done) {
    for (const twin of twinsOf(path).filter((one) => session.files.list.includes(one) && !done.has(one))) {
      const file = session.files.read(twin);
      const exported = file && [...identifiers(file, name)].find(([, node]) => isExported(node));
      if (!exported || !exportsName(session, path, name)) continue;
      const place = { path: twin, offset: exported[0] };
      // From a re-export alone the server does not go back to what is exported.
      const places = [place, ...(await session.definitions(place))];
      const found = (await Promise.all(places.map((one) => session.rename(one, to)))).flat();
      all.push(...found, { ...place, end: place.offset + name.length, text: to });
      for (const edit of found) done.add(edit.path);
      done.add(twin);
    }
  }
  return all;
}

/** The modules that a declaration file describes, and the other way round. */
function twinsOf(path: string): string[] {
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
