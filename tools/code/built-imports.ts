import type { TextFile } from '../files/text-file.ts';
import type { Targets } from '../refactor/rename-targets.ts';
import type { CodeSession } from './code-session.ts';
import { isExported } from './declaration-twins.ts';
import { reaches } from './public-entry.ts';
import { enclosing, endOf, identifiers, isSame, kindOf, type Node, stringValue } from './syntax.ts';

/**
 * Imports that lead to no file: a clean work tree lacks the built file, or there is none at all. The language server
 * knows only the words of such an import, so the names that come from it are placed here.
 */
const importingKinds = ['import_statement', 'export_statement', 'variable_declarator'];

/**
 * The module that a name is taken from by an import, a require, a dot or brackets after a whole module (`import * as m`,
 * `const m = require(…)`); undefined: by none of them.
 */
export function importedFrom(file: TextFile, node: Node): string | undefined {
  const member = node.parent();
  const isDot = kindOf(member) === 'member_expression' && isSame(member!.field('property'), node);
  if (isDot || (kindOf(member) === 'subscript_expression' && isSame(member!.field('index'), node))) {
    const object = member!.field('object');
    return kindOf(object) === 'identifier' ? wholeModule(file, object!.text()) : requiredBy(object ?? null);
  }
  const statement = enclosing(node, importingKinds);
  if (!statement || endOf(node) > endOf(statement)) return undefined;
  return stringValue(statement.field('source')) ?? requiredBy(statement.field('value'));
}

/** The module that a variable of the file holds as a whole. */
function wholeModule(file: TextFile, variable: string): string | undefined {
  for (const node of identifiers(file, variable).values()) {
    const parent = node.parent();
    const isWhole = ['namespace_import', 'import_clause'].includes(kindOf(parent));
    const isVariable = kindOf(parent) === 'variable_declarator' && isSame(parent!.field('name'), node);
    const statement = isWhole || isVariable ? enclosing(node, importingKinds) : undefined;
    const found = statement && (stringValue(statement.field('source')) ?? requiredBy(statement.field('value')));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The module of `require('m')` and `await import('m')`. */
function requiredBy(value: Node | null): string | undefined {
  const call = kindOf(value) === 'await_expression' ? value?.child(1) : value;
  if (kindOf(call) !== 'call_expression' || !/^(?:require|import)$/.test(call!.field('function')?.text() ?? '')) {
    return undefined;
  }
  return stringValue(call!.field('arguments')?.child(1));
}

/** Whether the name is one of those that an import takes, and not the word for the module, its default or in that. */
export function isTakenName(file: TextFile, node: Node): boolean {
  const parent = node.parent();
  if (kindOf(parent) === 'member_expression') {
    const object = identifiers(file, parent!.field('object')?.text() ?? '').values();
    return ![...object].some((one) => kindOf(one.parent()) === 'import_clause');
  }
  const isDefault = ['namespace_import', 'import_clause'].includes(kindOf(parent));
  return !isDefault && !(kindOf(parent) === 'variable_declarator' && isSame(parent!.field('name'), node));
}

/**
 * Whether the source of a module that the language server does not find exports a target: of a built one, or of a package of
 * the workspace; undefined: no source of it is known.
 */
export function builtOfTarget(
  session: CodeSession,
  { path, specifier, name }: { path: string; specifier: string; name: string },
  targets: Targets,
): boolean | undefined {
  // The name of a package of the workspace leads the server nowhere while it is not linked, or its entry not built.
  const source = session.builtFrom(path, specifier) ?? session.resolveImport(path, specifier);
  if (source === undefined) return undefined;
  const exporting = targets.all().filter(({ place }) => {
    const file = session.files.read(place.path);
    const node = file && identifiers(file, name).get(place.offset);
    return node !== undefined && isExported(node);
  });
  const paths = new Set(exporting.map(({ place }) => place.path));
  return reaches(session, source, (one) => paths.has(one));
}
