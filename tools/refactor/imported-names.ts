import type { Specifier } from '../code/import-specifiers.ts';
import { scriptsIn } from '../code/script-blocks.ts';
import { enclosing, endOf, isSame, isTyped, kindOf, type Node, startOf, stringValue, tree } from '../code/syntax.ts';
import type { TextEdit, TextFile } from '../files/text-file.ts';

/**
 * Edits that give imported names their new ones at an import. The local name never changes, so nothing else in the file
 * has to: `{ old }` becomes `{ new as old }`, `const { old } = require(…)` becomes `{ new: old }`.
 *
 * Through a namespace (`import * as m`, `const m = require(…)`) the uses `m.old` change. `blocked`: uses of a namespace
 * that cannot be followed.
 */
export type NameEdits = { edits: TextEdit[]; blocked: { offset: number; reason: string }[] };

export function renameImported(file: TextFile, specifier: Specifier, rename: Record<string, string>): NameEdits {
  const result: NameEdits = { edits: [], blocked: [] };
  if (Object.keys(rename).length === 0) return result;
  if (!specifier.node) fromComment(file, specifier, rename, result);
  if (!specifier.node) return result;
  const statement = enclosing(specifier.node, ['import_statement', 'export_statement', 'arguments']);
  if (!statement) return result;
  if (kindOf(statement) === 'arguments') fromCall(file, statement.parent()!, rename, result);
  else fromStatement(file, statement, rename, result);
  return result;
}

function fromStatement(file: TextFile, statement: Node, rename: Record<string, string>, result: NameEdits): void {
  const names = statement.findAll({ rule: { any: [{ kind: 'import_specifier' }, { kind: 'export_specifier' }] } });
  for (const item of names) {
    const name = item.field('name');
    const renamed = name ? own(rename, name.text()) : undefined;
    if (!name || renamed === undefined) continue;
    const text = item.field('alias') ? renamed : `${renamed} as ${name.text()}`;
    result.edits.push({ start: startOf(name), end: endOf(name), text });
  }
  const spaceName = statement.find({ rule: { kind: 'identifier', inside: { kind: 'namespace_import' } } });
  const required = isTyped(file)
    ? statement.find({ rule: { kind: 'identifier', inside: { kind: 'import_require_clause' } } })
    : null;
  for (const space of [spaceName, required]) if (space) throughNamespace(file, space, rename, result);
  const whole = statement.find({ rule: { kind: 'identifier', inside: { kind: 'import_clause' } } });
  if (whole) throughDefault(file, whole.text(), rename, result);
  const isStar = kindOf(statement) === 'export_statement' && /^export\s*\*/.test(statement.text());
  if (isStar)
    result.blocked.push({ offset: startOf(statement), reason: 'hands everything on: its importers use the old names' });
}

/** The default of a package often is all of it; then the name behind its dot is one that changes. */
function throughDefault(file: TextFile, name: string, rename: Record<string, string>, result: NameEdits): void {
  for (const property of propertiesOf(file, name)) {
    if (own(rename, nameOf(property)) === undefined) continue;
    result.blocked.push({ offset: startOf(property), reason: 'the default export may have this name, too' });
  }
}

/** `@import { old } from 'm'` and `import('m').old` in a comment, which the compiler reads as code. */
function fromComment(
  { text }: TextFile,
  { start, end }: Specifier,
  rename: Record<string, string>,
  result: NameEdits,
): void {
  const [, dot = '', name = ''] = /^['"]\s*\)(\s*\.\s*)([\w$]+)/.exec(text.slice(end, end + 200)) ?? [];
  const renamed = own(rename, name);
  if (renamed !== undefined) {
    const at = text.indexOf(dot + name, end) + dot.length;
    result.edits.push({ start: at, end: at + name.length, text: renamed });
  }
  const line = text.slice(text.lastIndexOf('@', start - 1), start);
  const list = /^@import\s*[^{}]*\{([^{}]*)\}\s*from\s*['"]$/.exec(line)?.[1];
  if (list === undefined) return;
  const from = start - line.length + line.indexOf('{') + 1;
  for (const item of list.matchAll(/([\w$]+)(\s+as\s+[\w$]+)?/g)) {
    const [whole, old = '', alias] = item;
    const fresh = own(rename, old);
    if (fresh === undefined) continue;
    const at = from + item.index;
    const edit = alias === undefined ? `${fresh} as ${old}` : fresh + alias;
    result.edits.push({ start: at, end: at + whole.length, text: edit });
  }
}

/** `require(…)`, `import(…)` and mocks, by the use of their value. */
function fromCall(file: TextFile, call: Node, rename: Record<string, string>, result: NameEdits): void {
  const callee = call.field('function')?.text() ?? '';
  if (/mock|module$/i.test(callee) && callee.includes('.')) mockFactory(call, rename, result);
  let value = call;
  while (['await_expression', 'parenthesized_expression', 'as_expression'].includes(kindOf(value.parent()))) {
    value = value.parent()!;
  }
  const user = value.parent();
  if (kindOf(user) === 'member_expression') renameProperty(user!, rename, result);
  if (kindOf(user) === 'subscript_expression') replaceName(user!.field('index'), rename, result);
  if (user?.field('property')?.text() === 'then') whenLoaded(file, user, rename, result);
  if (kindOf(user) !== 'variable_declarator' || !isSame(user!.field('value'), value)) return;
  const name = user!.field('name');
  if (kindOf(name) === 'object_pattern') pattern(name!, rename, result);
  else if (name) throughNamespace(file, name, rename, result);
}

/** `import('m').then((all) => all.old)`. */
function whenLoaded(file: TextFile, then: Node, rename: Record<string, string>, result: NameEdits): void {
  const taker = then
    .parent()
    ?.field('arguments')
    ?.children()
    .find((child) => child.isNamed());
  const only =
    taker?.field('parameter') ??
    taker
      ?.field('parameters')
      ?.children()
      .find((child) => child.isNamed());
  const name = only?.field('pattern') ?? only;
  if (kindOf(name) === 'object_pattern') pattern(name!, rename, result);
  else if (kindOf(name) === 'identifier') throughNamespace(file, name!, rename, result);
}

function pattern(object: Node, rename: Record<string, string>, result: NameEdits): void {
  for (const item of object.children()) {
    const shorthand = kindOf(item) === 'object_assignment_pattern' ? item.field('left') : item;
    if (kindOf(shorthand) === 'shorthand_property_identifier_pattern') {
      const renamed = own(rename, shorthand!.text());
      if (renamed === undefined) continue;
      result.edits.push({ start: startOf(shorthand!), end: startOf(shorthand!), text: `${renamed}: ` });
    } else if (kindOf(item) === 'pair_pattern') replaceName(item.field('key'), rename, result);
  }
}

/** The keys of the object that a mock puts in place of the module. */
function mockFactory(call: Node, rename: Record<string, string>, result: NameEdits): void {
  const factory = call
    .field('arguments')
    ?.children()
    .filter((child) => child.isNamed())[1];
  const object = factory?.find({ rule: { kind: 'object' } });
  for (const item of object?.children() ?? []) {
    if (kindOf(item) === 'pair') replaceName(item.field('key'), rename, result);
    else if (kindOf(item) === 'method_definition') replaceName(item.field('name'), rename, result);
    else if (kindOf(item) === 'shorthand_property_identifier') {
      const renamed = own(rename, item.text());
      if (renamed !== undefined) result.edits.push({ start: startOf(item), end: startOf(item), text: `${renamed}: ` });
    }
  }
}

function throughNamespace(file: TextFile, space: Node, rename: Record<string, string>, result: NameEdits): void {
  const name = space.text();
  besideScripts(file, name, rename, result);
  const declaredAgain = declarations(file, name) > 1;
  for (const property of propertiesOf(file, name)) {
    if (own(rename, nameOf(property)) === undefined) continue;
    const reason = 'the name before the dot is declared more than once in this file';
    if (declaredAgain) result.blocked.push({ offset: startOf(property), reason });
    else replaceName(property, rename, result);
  }
  for (const use of handingOn(file, name)) {
    result.blocked.push({
      offset: startOf(use),
      reason: 'hands on the whole module, which may be asked for the old name',
    });
  }
  const destructured = { rule: { kind: 'variable_declarator', has: { field: 'value', regex: `^${escaped(name)}$` } } };
  for (const declarator of tree(file).findAll(destructured)) {
    const object = declarator.field('name');
    if (kindOf(object) === 'object_pattern') pattern(object!, rename, result);
  }
}

/** The names behind a dot or in brackets after the name of a module: `all.get`, `all['get']`, `all.Type`. */
function propertiesOf(file: TextFile, name: string): Node[] {
  const object = { field: 'object', kind: 'identifier', regex: `^${escaped(name)}$` };
  const typed = { kind: 'nested_type_identifier', has: { field: 'module', regex: `^${escaped(name)}$` } };
  const rule = {
    any: [
      { kind: 'member_expression', has: object },
      { kind: 'subscript_expression', has: object },
      ...(isTyped(file)
        ? [typed, { kind: 'nested_identifier', has: { field: 'object', regex: `^${escaped(name)}$` } }]
        : []),
    ],
  };
  return tree(file)
    .findAll({ rule })
    .flatMap((use) => use.field('property') ?? use.field('name') ?? use.field('index') ?? []);
}

/** Uses of a module as a whole: another file, or a function, may take any name from it. */
function handingOn(file: TextFile, name: string): Node[] {
  const kinds = ['arguments', 'spread_element', 'export_specifier', 'pair', 'array', 'export_statement'];
  const inside = { any: kinds.map((kind) => ({ kind })) };
  const rules = ['identifier', 'shorthand_property_identifier'].map((kind) => ({ kind, regex: `^${escaped(name)}$` }));
  return [...tree(file).findAll({ rule: { ...rules[0], inside } }), ...tree(file).findAll({ rule: rules[1]! })].filter(
    (node) => !isSame(node.parent()?.field('key'), node),
  );
}

/** Uses in the part of a file around its scripts, such as a template: they are not parsed. */
function besideScripts(file: TextFile, space: string, rename: Record<string, string>, result: NameEdits): void {
  const scripts = scriptsIn(file);
  if (scripts === undefined) return;
  for (const match of file.text.matchAll(new RegExp(`(?<![\\w$.])${escaped(space)}\\s*\\??\\.\\s*([\\w$]+)`, 'g'))) {
    const offset = match.index + match[0].length - match[1]!.length;
    const isInScript = scripts.blocks.some(({ start, end }) => start <= offset && offset < end);
    if (isInScript || own(rename, match[1]!) === undefined) continue;
    result.blocked.push({ offset, reason: 'the part of this file around its scripts is not changed' });
  }
}

/** How often a name is declared in a file: as a variable, parameter, function, class or import. */
function declarations(file: TextFile, name: string): number {
  const parents = [
    'variable_declarator',
    'function_declaration',
    'class_declaration',
    'formal_parameters',
    'namespace_import',
  ];
  const typed = ['required_parameter', 'optional_parameter', 'import_require_clause'];
  const kinds = isTyped(file) ? [...parents, ...typed] : parents;
  const rule = { kind: 'identifier', regex: `^${escaped(name)}$`, inside: { any: kinds.map((kind) => ({ kind })) } };
  return tree(file)
    .findAll({ rule })
    .filter((node) => !isSame(node.parent()?.field('value'), node)).length;
}

function renameProperty(member: Node, rename: Record<string, string>, result: NameEdits): void {
  replaceName(member.field('property'), rename, result);
}

function replaceName(name: Node | null | undefined, rename: Record<string, string>, result: NameEdits): void {
  const renamed = name ? own(rename, nameOf(name)) : undefined;
  if (!name || renamed === undefined) return;
  const quotes = kindOf(name) === 'string' ? 1 : 0;
  result.edits.push({ start: startOf(name) + quotes, end: endOf(name) - quotes, text: renamed });
}

/** A name, also one in quotes. */
const nameOf = (node: Node): string => stringValue(node) ?? node.text();

const own = (rename: Record<string, string>, name: string): string | undefined =>
  Object.hasOwn(rename, name) ? rename[name] : undefined;
const escaped = (name: string): string => name.replace(/[$]/g, '\\$');
