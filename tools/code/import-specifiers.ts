import type { TextFile } from '../files/text-file.ts';
import { comments, endOf, isTyped, kindOf, type Node, startOf, tree } from './syntax.ts';

/**
 * The places of a file where a module is named: imports, re-exports, `require`, dynamic and type imports, module
 * augmentations, mocks, `new URL(…, import.meta.url)`, and the imports and references inside comments.
 */
export type Specifier = {
  /** As written, without quotes. */
  text: string;
  /** Offsets of the text between the quotes. */
  start: number;
  end: number;
  /** The string node; undefined inside a comment. */
  node: Node | undefined;
  /** Whether it is the path of a file or folder beside this file, and not the name of a module. */
  isPath: boolean;
};

const statements = ['import_statement', 'export_statement', 'import_require_clause', 'module'];
const typedOnly = ['import_require_clause', 'module'];
/** Above the first argument of a call, also of one that the grammar takes for comparisons. */
const aroundArguments = ['arguments', 'parenthesized_expression', 'sequence_expression'];
const inComment = /(?:\bimport\(\s*|<reference\s+path=|@import\s+[^'"\n]*from\s+)(['"])([^'"\n]+)\1/g;

export function importSpecifiers(file: TextFile): Specifier[] {
  const root = tree(file);
  const kinds = isTyped(file) ? statements : statements.filter((kind) => !typedOnly.includes(kind));
  const rule = {
    any: [...stringsInside(['string'], kinds), ...stringsInside(['string', 'template_string'], aroundArguments)],
  };
  const result: Specifier[] = [];
  for (const node of root.findAll({ rule })) {
    const parent = node.parent();
    const isStatement = kinds.includes(kindOf(parent)) && kindOf(node) === 'string';
    const call = isStatement || !isWhole(node) ? undefined : callAround(file, node);
    if (!isStatement && !namesModule(call)) continue;
    const [start, end] = [startOf(node) + 1, endOf(node) - 1];
    result.push({ text: file.text.slice(start, end), start, end, node, isPath: call?.isNew ?? false });
  }
  if (!/import\(|<reference|@import/.test(file.text)) return result;
  for (const comment of root.findAll({ rule: { kind: 'comment' } })) {
    for (const match of comment.text().matchAll(inComment)) {
      const text = match[2]!;
      const start = startOf(comment) + match.index + match[0].length - text.length - 1;
      const isPath = match[0].startsWith('<reference');
      result.push({ text, start, end: start + text.length, node: undefined, isPath });
    }
  }
  return result;
}

/** Rules for strings directly below one of the kinds. */
export function stringsInside(strings: readonly string[], kinds: readonly string[]) {
  return strings.flatMap((string) => kinds.map((kind) => ({ kind: string, inside: { kind } })));
}

/** Whether a string is known as a whole: no template with a `${}`. */
export function isWhole(node: Node): boolean {
  if (kindOf(node) === 'string') return true;
  return kindOf(node) === 'template_string' && !node.children().some((one) => kindOf(one) === 'template_substitution');
}

/** A call before its first argument, as text without comments, type arguments and blanks; undefined: it is none. */
export type CallAround = { callee: string; isNew: boolean; behind: string };

/** Texts of this length are looked at around an argument, in characters: a type argument may be long. */
const aroundMax = 1_000;

/**
 * The call whose first argument is the node. Read from the text and not from the tree, because the grammar takes
 * `f<typeof import('a')>('a')` for comparisons.
 */
export function callAround(file: TextFile, node: Node): CallAround | undefined {
  if (!aroundArguments.includes(kindOf(node.parent()))) return undefined;
  const start = startOf(node);
  const before = codeBetween(file, Math.max(0, start - aroundMax), start).trimEnd();
  if (!before.endsWith('(')) return undefined;
  const [, called = ''] = /((?:new\s+)?[\w$.?]+)$/.exec(withoutTypes(before.slice(0, -1).trimEnd())) ?? [];
  const callee = called.replace(/^new\s+/, '').replaceAll('?.', '.');
  return { callee, isNew: /^new\s/.test(called), behind: file.text.slice(endOf(node), endOf(node) + aroundMax) };
}

/** The text between two offsets without comments; a string may look like the beginning of one. */
function codeBetween(file: TextFile, start: number, end: number): string {
  let code = '';
  let from = start;
  for (const comment of comments(file)) {
    if (comment.end <= from || comment.start >= end) continue;
    code += `${file.text.slice(from, Math.max(from, comment.start))} `;
    from = comment.end;
  }
  return code + file.text.slice(from, end);
}

/** The code without the type arguments at its end. */
function withoutTypes(code: string): string {
  if (!code.endsWith('>')) return code;
  let depth = 0;
  for (let at = code.length - 1; at >= 0; at -= 1) {
    if (code[at] === '>' && code[at - 1] !== '=') depth += 1;
    if (code[at] === '<') depth -= 1;
    if (depth === 0) return code.slice(0, at).trimEnd();
  }
  return code;
}

const importCalls = new Set([
  'import',
  'import.defer',
  'import.source',
  'require',
  'require.resolve',
  'import.meta.resolve',
]);
const mockCalls =
  /^(?:(?:jest|vi|vitest|mock|td|mockery)\.(?:\w*[mM]ock\w*|requireActual|importActual|module|replace|replaceEsm|register\w*)|proxyquire|esmock(?:\.\w+)?|quibble(?:\.\w+)?|rewire|rewiremock|importActual|importOriginal|importMock|requireActual|requireMock)$/;

function namesModule(call: CallAround | undefined): boolean {
  if (call === undefined) return false;
  if (call.isNew) return call.callee === 'URL' && /^\s*,\s*import\.meta\.url\s*,?\s*\)/.test(call.behind);
  return importCalls.has(call.callee) || mockCalls.test(call.callee);
}
