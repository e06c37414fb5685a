import { posix } from 'node:path';
import { type Chance, chances } from './chance.ts';
import { moreFamilies } from './more-pieces.ts';
import type { Family, Piece } from './piece.ts';
import { families } from './pieces.ts';
import { typeFamilies } from './type-pieces.ts';
import { valueFamilies } from './value-pieces.ts';

/** A repository with a known answer, made of pieces by a seed. */
export type Case = {
  title: string;
  files: Record<string, string>;
  goal: { symbol: string; to: string; at: string };
  /** The files with marks, by path. */
  marked: Record<string, string>;
  mayPark: boolean;
};

const layouts = [
  { main: 'src/core', users: ['src', 'src/app', 'test'] },
  { main: 'lib', users: ['lib/deep/er', 'test', '.'] },
  { main: 'packages/core/src', users: ['packages/app/src', 'packages/core/src', 'packages/core/test'] },
];
const fresh = ['renamed', 'Fresh', 'next2', '$new', 'other_name'];

export function caseOf(seed: number): Case {
  const chance = chances(seed);
  const family = chance.pick([...families, ...moreFamilies, ...typeFamilies, ...valueFamilies]);
  const layout = chance.pick(layouts);
  const name = chance.pick(family.names);
  const to = (name.startsWith('#') ? '#' : '') + chance.pick(family.fresh ?? fresh);
  const declared = chance.pick(family.declared);
  const uses = Array.from({ length: 1 + chance.below(5) }, () => chance.pick(family.uses));
  const anywhere = posix.join(layout.main, chance.pick(['model', 'index', 'a.b']) + declared.ending);
  const at = family.fixed?.at ?? anywhere;
  const around = family.fixed ? chance.pick(family.fixed.sets) : {};
  const marked: Record<string, string> = { ...around, [at]: declared.text };
  uses.forEach((use, index) => {
    const folder = chance.pick(layout.users);
    add(marked, use, posix.join(folder, `use${index}`), at, family, layout.main, chance);
  });
  const files = Object.fromEntries(Object.entries(marked).map(([path, text]) => [path, unmarked(text, name, name)]));
  const pieces = [declared, ...uses].map((one) => one.name).join(', ');
  return {
    title: `${family.name} ${name} → ${to} in ${layout.main}: ${pieces}`,
    files: { ...settings(family), ...files },
    goal: { symbol: family.symbol.replace('T', () => name), to, at },
    marked,
    mayPark: uses.some(({ parks }) => parks),
  };
}

function add(
  marked: Record<string, string>,
  use: Piece,
  stem: string,
  module: string,
  family: Family,
  main: string,
  chance: Chance,
): void {
  const path = stem + use.ending;
  const home = posix.relative(posix.dirname(path), '.') || '.';
  const text = use.text.replaceAll("'pump-here'", `'${home}'`);
  marked[path] = text.replaceAll("'M'", () => `'${specifier(path, module, family, main, chance)}'`);
  for (const [index, next] of (use.users ?? []).entries())
    add(marked, next, `${stem}-${index}`, path, family, '', chance);
}

/** How a file names another: relative, with or without an ending, or by the package of a monorepo. */
function specifier(from: string, module: string, family: Family, main: string, chance: Chance): string {
  const relative = posix.relative(posix.dirname(from), module);
  const path = relative.startsWith('.') ? relative : `./${relative}`;
  const isOutside = main === 'packages/core/src' && !from.startsWith('packages/core/');
  const isEntry = posix.basename(module) === 'index.ts' && posix.dirname(module) === 'packages/core/src';
  if (isOutside && isEntry && !family.isScript) return '@shop/core';
  const bare = path.replace(/\.[jt]sx?$/, '');
  return chance.pick([bare, `${bare}.js`]);
}

function settings(family: Family): Record<string, string> {
  const compilerOptions = { strict: true, noEmit: true, module: 'preserve', target: 'es2022', types: [] };
  const manifest = { name: 'shop', private: true, workspaces: ['packages/*'] };
  const core = { name: '@shop/core', version: '1.0.0', main: './dist/index.js', types: './dist/index.d.ts' };
  return {
    'package.json': JSON.stringify(
      family.isScript ? { ...manifest, type: 'commonjs' } : { ...manifest, type: 'module' },
    ),
    'packages/core/package.json': JSON.stringify(core),
    ...(family.isScript ? {} : { 'tsconfig.json': JSON.stringify({ compilerOptions }) }),
  };
}

const mark = /«([^»]*)»/g;

/** The text without marks: every mark is the old name before the rename; after it, what the mark says. */
export function unmarked(text: string, name: string, to: string): string {
  if (name === to) return text.replace(mark, () => name);
  return text.replace(mark, (_, said: string) =>
    said
      .replace('T', () => '\0')
      .replace('O', () => name)
      .replace('\0', () => to),
  );
}

/**
 * Whether a text is the marked one after a rename. Marks that may stay as they were are those on `left` lines, from 1.
 * undefined: it is; else what is wrong.
 */
export function difference(
  marked: string,
  text: string,
  { name, to, left }: { name: string; to: string; left: ReadonlySet<number> },
): string | undefined {
  let at = 0;
  let from = 0;
  let line = 1;
  for (const { index, 0: whole } of marked.matchAll(mark)) {
    const fixed = marked.slice(from, index);
    if (!text.startsWith(fixed, at)) return `text around line ${line} changed`;
    at += fixed.length;
    line += fixed.split('\n').length - 1;
    from = index + whole.length;
    const after = whole
      .slice(1, -1)
      .split('?')
      .map((said) => unmarked(`«${said}»`, name, to));
    const isWhole = (one: string) => text.startsWith(one, at) && !/[\w$]/.test(text[at + one.length] ?? '');
    // `fresh: old` begins as `fresh` does.
    const found = after.toSorted((a, b) => b.length - a.length).find(isWhole);
    if (found !== undefined) at += found.length;
    else if (left.has(line) && text.startsWith(name, at)) at += name.length;
    else return `line ${line}: ${text.slice(at, at + 40).split('\n')[0]} should begin with ${after.join(' or ')}`;
  }
  return text.slice(at) === marked.slice(from) ? undefined : 'the end of the text changed';
}
