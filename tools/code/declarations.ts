import type { TextFile } from '../files/text-file.ts';
import { docName } from './doc-names.ts';
import {
  enclosing,
  identifiers,
  isSame,
  kindOf,
  type Node,
  startOf,
  stringValue,
  tree,
  wordOffsets,
} from './syntax.ts';

/**
 * Declarations of a name, found in the syntax alone. `module`: at the top of a file (or exported the CommonJS way);
 * `member`: of a class, interface, enum, object or namespace, named by `container`; `local`: all others.
 */
export type Declaration = {
  path: string;
  offset: number;
  kind: string;
  level: 'module' | 'member' | 'local';
  container: string | undefined;
};

const nameKinds: Record<string, string> = {
  function_declaration: 'function',
  generator_function_declaration: 'function',
  function_signature: 'function',
  class_declaration: 'class',
  abstract_class_declaration: 'class',
  interface_declaration: 'interface',
  type_alias_declaration: 'type',
  enum_declaration: 'enum',
  internal_module: 'namespace',
  module: 'namespace',
  variable_declarator: 'variable',
  function_expression: 'function',
  class: 'class',
};
const memberKinds: Record<string, string> = {
  method_definition: 'method',
  method_signature: 'method',
  abstract_method_signature: 'method',
  public_field_definition: 'property',
  field_definition: 'property',
  property_signature: 'property',
  enum_body: 'enum member',
  enum_assignment: 'enum member',
};
const parameterParents = new Set(['required_parameter', 'optional_parameter', 'formal_parameters', 'rest_pattern']);
const containerKinds = [
  'class_declaration',
  'abstract_class_declaration',
  'class',
  'interface_declaration',
  'type_alias_declaration',
  'enum_declaration',
  'variable_declarator',
];

export function declarationsIn(file: TextFile, name: string): Declaration[] {
  const inCode = [...identifiers(file, name).values(), ...quotedKeys(file, name)].flatMap((node) => {
    const declaration = declarationAt(file.path, node);
    return declaration === undefined ? [] : [declaration];
  });
  if (!/@(?:typedef|callback)\b/.test(file.text)) return inCode;
  const inComments = wordOffsets(file.text, name).filter((offset) => docName(file, offset)?.use === 'declaration');
  const type = { path: file.path, kind: 'type', level: 'module' as const, container: undefined };
  return [...inCode, ...inComments.map((offset): Declaration => ({ ...type, offset }))];
}

/** Strings that are the name of a member: `enum E { 'name' = 1 }`, `{ 'name': 1 }`. */
function quotedKeys(file: TextFile, name: string): Node[] {
  if (!file.text.includes(`'${name}'`) && !file.text.includes(`"${name}"`)) return [];
  const regex = `^['"]${name.replace(/[$]/g, '\\$')}['"]$`;
  return tree(file).findAll({ rule: { kind: 'string', regex } });
}

function declarationAt(path: string, node: Node): Declaration | undefined {
  const parent = node.parent();
  const kind = kindOf(parent);
  const made = (what: string, level: Declaration['level'], container?: string): Declaration => ({
    path,
    offset: startOf(node) + (kindOf(node) === 'string' ? 1 : 0),
    kind: what,
    level,
    container,
  });
  if (parent === null) return undefined;
  if (kind === 'variable_declarator' && isRequire(parent.field('value'))) return undefined;
  if (nameKinds[kind] && isSame(parent.field('name'), node)) return named(parent, nameKinds[kind], made);
  if (memberKinds[kind] && isMemberName(parent, node)) {
    if (kindOf(parent.parent()) === 'object') return objectMember(parent, made);
    return made(memberKinds[kind], 'member', containerName(parent));
  }
  if (kind === 'pair' && isSame(parent.field('key'), node)) {
    const value = parent.field('value');
    return kindOf(value) === 'identifier' && value?.text() === node.text() ? undefined : objectMember(parent, made);
  }
  if (parameterParents.has(kind)) {
    const isProperty = parent
      .children()
      .some((child) => ['accessibility_modifier', 'readonly'].includes(kindOf(child)));
    return isProperty ? made('property', 'member', className(parent)) : made('parameter', 'local');
  }
  const pattern = exportedPattern(node);
  if (pattern) return named(pattern, 'variable', made);
  if (kind === 'type_parameter') return made('type parameter', 'local');
  if (kind === 'member_expression') return assigned(parent, node, made);
  return undefined;
}

/** The declaration of `export const { name, a: [name] } = …` that the name belongs to. */
function exportedPattern(node: Node): Node | undefined {
  const parent = node.parent()!;
  if (kindOf(parent) === 'pair_pattern' && isSame(parent.field('key'), node)) return undefined;
  if (/_assignment_pattern$|^assignment_pattern$/.test(kindOf(parent)) && isSame(parent.field('right'), node))
    return undefined;
  let at: Node | null = parent;
  while (/_pattern$/.test(kindOf(at))) at = at!.parent();
  const isPattern = kindOf(at) === 'variable_declarator' && !isSame(at, parent) && !isRequire(at!.field('value'));
  return isPattern && kindOf(at!.parent()?.parent()) === 'export_statement' ? at! : undefined;
}

/** A name that comes from `require` is declared in the required module, not here. */
const isRequire = (value: Node | null): boolean => /^(?:await\s+import|require)\s*\(/.test(value?.text() ?? '');

type Make = (what: string, level: Declaration['level'], container?: string) => Declaration;

function named(parent: Node, what: string, made: Make): Declaration {
  const expression = ['function_expression', 'class'].includes(kindOf(parent));
  if (expression) return made(what, isCommonJsExport(parent) ? 'module' : 'local');
  const variable = kindOf(parent) === 'variable_declarator' ? parent.parent()?.child(0)?.text() : undefined;
  let at = (kindOf(parent) === 'variable_declarator' ? parent.parent() : parent)?.parent() ?? null;
  while (['export_statement', 'ambient_declaration', 'expression_statement'].includes(kindOf(at))) at = at!.parent();
  const kind = variable ?? what;
  if (kindOf(at) === 'program') return made(kind, 'module');
  const space = kindOf(at) === 'statement_block' ? at!.parent() : undefined;
  if (kindOf(space) === 'ambient_declaration') return made(kind, 'module');
  if (!['internal_module', 'module'].includes(kindOf(space))) return made(kind, 'local');
  const spaceName = space!.field('name');
  return kindOf(spaceName) === 'string' ? made(kind, 'module') : made(kind, 'member', spaceName?.text());
}

/** A property of an object: an export when the object is what the module exports. */
function objectMember(member: Node, made: Make): Declaration {
  const object = member.parent();
  if (object && isCommonJsExport(object)) return made('export', 'module');
  return made('property', 'member', object ? containerName(object) : undefined);
}

/** `exports.x = …`, `Class.prototype.x = …`, `thing.x = …`. */
function assigned(member: Node, node: Node, made: Make): Declaration | undefined {
  const assignment = member.parent();
  if (kindOf(assignment) !== 'assignment_expression' || !isSame(assignment!.field('left'), member)) return undefined;
  if (!isSame(member.field('property'), node)) return undefined;
  const value = assignedValue(assignment!);
  const object = member.field('object')?.text() ?? '';
  if (object === 'exports' || object === 'module.exports') {
    return kindOf(value) === 'identifier' && value?.text() === node.text() ? undefined : made('export', 'module');
  }
  if (object === 'this') return made('property', 'member', className(member));
  const container = lastPart(object);
  return container === undefined ? undefined : made('property', 'member', container);
}

/** The value at the end of `a = b = value`. */
function assignedValue(assignment: Node): Node | null {
  const value = assignment.field('right');
  return kindOf(value) === 'assignment_expression' ? assignedValue(value!) : value;
}

function isMemberName(parent: Node, node: Node): boolean {
  if (kindOf(parent) === 'enum_body') return true;
  return isSame(parent.field('name'), node) || isSame(parent.field('property'), node);
}

/** The class that a parameter or a `this` belongs to. */
function className(node: Node): string | undefined {
  const container = enclosing(node, containerKinds);
  return container && (container.field('name')?.text() ?? containerName(container));
}

/** Names of what has members: the first of these above a member, unless a function lies in between. */
const ownerFields: Record<string, string> = {
  ...Object.fromEntries(containerKinds.map((kind) => [kind, 'name'])),
  ...{ pair: 'key', property_signature: 'name', public_field_definition: 'name', field_definition: 'property' },
};
const boundaries = new Set(['formal_parameters', 'method_definition', 'method_signature']);

/**
 * The class, interface, object, or function that returns the object, that has the member; undefined: it has no name.
 * An object inside a method is no part of the class.
 */
function containerName(member: Node): string | undefined {
  for (let below = member, at = member.parent(); at; below = at, at = at.parent()) {
    const kind = kindOf(at);
    const isInside = kind === 'statement_block' && kindOf(below) !== 'return_statement';
    if (isInside || boundaries.has(kind)) return undefined;
    if (kind === 'function_declaration') return at.field('name')?.text();
    if (kind === 'assignment_expression') return lastPart(at.field('left')?.text() ?? '');
    const name = ownerFields[kind] === undefined ? null : at.field(ownerFields[kind]!);
    if (name) return stringValue(name) ?? name.text();
  }
  return undefined;
}

/** `Class.prototype` → Class, `module.exports.thing` → thing; undefined: no names with dots between. */
function lastPart(object: string): string | undefined {
  return /^[\w$.]+$/.test(object)
    ? object
        .replace(/\.prototype$/, '')
        .split('.')
        .at(-1)
    : undefined;
}

/** Whether the expression is the right side of `module.exports = …` (also through `exports = module.exports = …`). */
export function isCommonJsExport(expression: Node): boolean {
  const assignment = expression.parent();
  if (kindOf(assignment) !== 'assignment_expression') return false;
  const left = assignment!.field('left')?.text();
  if (left === 'module.exports') return true;
  return left === 'exports' && isCommonJsExport(assignment!);
}

/** The value beside a CommonJS export's name: `exports.x = <value>`, `module.exports = { x: <value> }`. */
export function commonJsExportValue(node: Node): Node | undefined {
  const parent = node.parent();
  if (kindOf(parent) === 'pair' && isSame(parent!.field('key'), node)) {
    const object = parent!.parent();
    return object && isCommonJsExport(object) ? (parent!.field('value') ?? undefined) : undefined;
  }
  if (kindOf(parent) !== 'member_expression' || !isSame(parent!.field('property'), node)) return undefined;
  const object = parent!.field('object')?.text();
  const assignment = parent!.parent();
  if (object !== 'exports' && object !== 'module.exports') return undefined;
  if (kindOf(assignment) !== 'assignment_expression' || !isSame(assignment!.field('left'), parent!)) return undefined;
  return assignedValue(assignment!) ?? undefined;
}
