import type { TextFile } from '../files/text-file.ts';

/**
 * Names in `/** … *\/` comments that TypeScript reads as code: types between braces, `@import`, `@link`, what a class
 * extends, and the names that `@typedef` and `@callback` declare.
 */
export type DocName = {
  use: 'type' | 'link' | 'import' | 'declaration';
  /** The module of `import('m').name` and `@import { name } from 'm'`. */
  module?: string | undefined;
};

const clauses = /^(?:extends|augments|implements)$/;
const declaring = /^(?:typedef|callback)$/;

/** How the compiler reads the word at an offset; undefined: it is no code of a comment. */
export function docName({ path, text }: TextFile, offset: number): DocName | undefined {
  const start = text.lastIndexOf('/**', offset);
  const end = start === -1 ? -1 : text.indexOf('*/', start + 3);
  if (end < offset) return undefined;
  const before = text.slice(start, offset);
  const tags = [...before.matchAll(/(?<=[\s*{])@(\w+)\s*/g)];
  const tag = tags.at(-1);
  if (tag === undefined) return undefined;
  const [, name = ''] = tag;
  const rest = before.slice(tag.index + tag[0].length);
  if (/^link(?:code|plain)?$/.test(name)) return rest === '' ? { use: 'link' } : undefined;
  // In TypeScript's own files the types stand in the code, and those in comments are for people.
  if (/\.[cm]?tsx?$/.test(path)) return undefined;
  if (name === 'import') return imported(rest, text.slice(offset, end));
  const depth = bracesOpen(rest);
  if (depth > 0) return /['"]$/.test(rest) ? undefined : { use: 'type', module: moduleBefore(rest) };
  if (name === 'template' && /\[[^\]]*=[^\]]*$/.test(rest)) return { use: 'type', module: moduleBefore(rest) };
  if (clauses.test(name) && rest === '') return { use: 'type' };
  const isName = /^(?:\{[\s\S]*\}\s*)?$/.test(rest) && depth === 0;
  return declaring.test(name) && isName ? { use: 'declaration' } : undefined;
}

const moduleBefore = (text: string): string | undefined => /import\(\s*['"]([^'"]+)['"]\s*\)\s*\.\s*$/.exec(text)?.[1];

function imported(before: string, from: string): DocName | undefined {
  if (/\bfrom\s*['"]/.test(before)) return undefined;
  const isRenamed = /^[\w$]+\s+as\b/.test(from);
  return { use: isRenamed ? 'type' : 'import', module: /\bfrom\s*['"]([^'"]+)['"]/.exec(from)?.[1] };
}

/** How many braces of the type behind a tag are still open at the end; 0 too when the type has ended before. */
function bracesOpen(text: string): number {
  if (!text.startsWith('{')) return 0;
  let depth = 0;
  for (const sign of text) {
    if (sign === '{') depth += 1;
    else if (sign === '}') depth -= 1;
    if (depth === 0) return 0;
  }
  return depth;
}
