import type { Span } from './text-kinds.ts';

/** A word or dotted name of an import statement, by offsets. */
export type ImportedName = { name: string; start: number; end: number; alias: string | undefined; aliasEnd: number };
/**
 * `import a.b, c as d`: each name is a module. `from ..a import b, c as d`: `module` is `..a`, each name an attribute or a
 * module inside; a star is a name as well.
 */
export type ImportStatement = {
  start: number;
  end: number;
  /** Whether nothing but blanks stand before it on its line. */
  isFirst: boolean;
  indent: string;
  module: { text: string; dots: number; name: string; start: number; end: number } | undefined;
  names: ImportedName[];
};

/** The text with comments, strings and line continuations blanked; offsets stay. */
export function codeOnly(text: string, spans: readonly Span[]): string {
  let result = '';
  let from = 0;
  for (const { start, end } of spans) {
    result += text.slice(from, start) + text.slice(start, end).replace(/[^\n]/g, ' ');
    from = end;
  }
  return (result + text.slice(from)).replace(/\\\r?\n/g, (found) => ' '.repeat(found.length));
}

const statement =
  /(?<=^|[;:])([ \t]*)(?:(import)[ \t]+(?=[\p{L}_])|from[ \t]*((\.*(?:[ \t]*\.)*)[ \t]*([\p{L}_][\p{L}\p{N}_]*(?:[ \t]*\.[ \t]*[\p{L}_][\p{L}\p{N}_]*)*)?)[ \t]+import\b|from[ \t]*((\.+))[ \t]*import\b)/gmu;
const part =
  /([\p{L}_][\p{L}\p{N}_]*(?:[ \t]*\.[ \t]*[\p{L}_][\p{L}\p{N}_]*)*|\*)(?:\s+as\s+([\p{L}_][\p{L}\p{N}_]*))?/gu;

/** The import statements of a text whose comments and strings are blanked. */
export function importStatements(code: string): ImportStatement[] {
  const found: ImportStatement[] = [];
  for (const match of code.matchAll(statement)) {
    const [whole, blanks = '', plain, text = match[6], dots = match[7] ?? '', name = ''] = match;
    const start = match.index + blanks.length;
    const behind = match.index + whole.length;
    const isOpen = plain === undefined && /^\s*\(/.test(code.slice(behind));
    const end = isOpen ? endOf(code, code.indexOf(')', behind)) : endOf(code, behind);
    const list = code.slice(behind, end);
    const names = [...list.matchAll(part)].map((one): ImportedName => {
      const at = behind + one.index;
      const [all, written = '', alias] = one;
      return {
        name: written.replace(/\s/g, ''),
        start: at,
        end: at + written.length,
        alias,
        aliasEnd: at + all.length,
      };
    });
    const line = code.lastIndexOf('\n', start - 1) + 1;
    const before = code.slice(line, start);
    const moduleStart = text === undefined ? 0 : code.indexOf(text, start + 'from'.length);
    const module =
      plain !== undefined || text === undefined
        ? undefined
        : {
            ...{ text: text.trim(), dots: dots.replace(/\s/g, '').length, name: name.replace(/\s/g, '') },
            ...{ start: moduleStart, end: moduleStart + text.trimEnd().length },
          };
    found.push({ start, end, isFirst: /^\s*$/.test(before), indent: /^\s*/.exec(before)![0], module, names });
  }
  return found;
}

/** The end of a statement that goes on at an offset: of its line, or before a `;`. */
function endOf(code: string, from: number): number {
  if (from < 0) return code.length;
  const end = code.slice(from).search(/[;\n]/);
  return (end < 0 ? code.length : from + end) - (code[from + end - 1] === '\r' ? 1 : 0);
}

/** Dotted names in code that begin with a word: `a.b.c` at its offset, whole. */
export function dottedUses(code: string, head: string): { text: string; start: number }[] {
  const use = new RegExp(`(?<![\\p{L}\\p{N}_.])${head}(?:[ \\t]*\\.[ \\t]*[\\p{L}_][\\p{L}\\p{N}_]*)+`, 'gu');
  return [...code.matchAll(use)].map(({ 0: text, index }) => ({ text, start: index }));
}
