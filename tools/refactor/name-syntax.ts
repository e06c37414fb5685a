import { enclosing, isSame, kindOf, type Node, startOf, stringValue } from '../code/syntax.ts';

/** Meanings of a name that its syntax alone gives. */
/**
 * The name that `this` stands for in `this.x`, when classes are written as functions: `function A() { this.x }`,
 * `A.prototype.m = function () { this.x }`, `a.m = function () { this.x }`. TypeScript's server knows these no longer.
 */
export function constructorOfThis(node: Node): string | undefined {
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

const mockCall = /^(?:jest|vi|vitest|mock|td)\.(?:mock|doMock|unstable_mockModule|setMock|module|replace)$/;

/** The module of a mock (`jest.mock('./m', () => ({ … }))`) whose replaced export the identifier names. */
export function mockedModule(node: Node): string | undefined {
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

/** Keys of objects, labels and the like: names that declare themselves even when the server says nothing. */
export function isOwnName(node: Node): boolean {
  const parent = node.parent();
  if (kindOf(node) === 'statement_identifier') return true;
  if (kindOf(parent) === 'pair' || kindOf(parent) === 'pair_pattern') return isSame(parent!.field('key'), node);
  return ['method_definition', 'jsx_attribute', 'property_signature', 'method_signature'].includes(kindOf(parent));
}
