import type { TextFile } from '../files/text-file.ts';
import { endOf, isTyped, kindOf, type Node, startOf, tree } from './syntax.ts';

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
};

const importCalls = new Set(['import', 'require', 'require.resolve', 'import.meta.resolve', 'module.createRequire']);
const mockCalls =
  /^(?:jest|vi|vitest|mock|td|proxyquire)\.(?:\w*[mM]ock\w*|requireActual|requireMock|importActual|importMock|module|replace)$/;
const stringRule = {
  any: ['import_statement', 'export_statement', 'arguments', 'import_require_clause', 'module'].map((kind) => ({
    kind: 'string',
    inside: { kind },
  })),
};
const scriptRule = {
  any: ['import_statement', 'export_statement', 'arguments'].map((kind) => ({ kind: 'string', inside: { kind } })),
};
const inComment = /(?:\bimport\(\s*|<reference\s+path=|@import\s+[^'"\n]*from\s+)(['"])([^'"\n]+)\1/g;

export function importSpecifiers(file: TextFile): Specifier[] {
  const root = tree(file);
  const rule = isTyped(file) ? stringRule : scriptRule;
  const result: Specifier[] = [];
  for (const node of root.findAll({ rule })) {
    if (!namesModule(node)) continue;
    const [start, end] = [startOf(node) + 1, endOf(node) - 1];
    result.push({ text: file.text.slice(start, end), start, end, node });
  }
  if (!/import\(|<reference|@import/.test(file.text)) return result;
  for (const comment of root.findAll({ rule: { kind: 'comment' } })) {
    for (const match of comment.text().matchAll(inComment)) {
      const text = match[2]!;
      const start = startOf(comment) + match.index + match[0].length - text.length - 1;
      result.push({ text, start, end: start + text.length, node: undefined });
    }
  }
  return result;
}

function namesModule(node: Node): boolean {
  const parent = node.parent();
  if (kindOf(parent) !== 'arguments') return true;
  const call = parent!.parent();
  const first = parent!.children().find((child) => child.isNamed());
  if (!first || first.id() !== node.id()) return false;
  if (kindOf(call) === 'new_expression') {
    return call!.field('constructor')?.text() === 'URL' && parent!.text().includes('import.meta.url');
  }
  const callee = call?.field('function')?.text() ?? '';
  return importCalls.has(callee) || mockCalls.test(callee.replace(/<[^>]*>$/, ''));
}
