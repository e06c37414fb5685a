import { posix } from 'node:path';
import { type Chance, chances } from './chance.ts';
import { type Piece, piece } from './piece.ts';

/**
 * Imports of a module in every form. `M` is the specifier. Between « and » stands the name `get` as the form takes it: I in a
 * list of imports or exports, D in a pattern, P behind a dot or as a key, O where it is another thing.
 */
const uses: Piece[] = [
  piece('a named import', "import { «I», other } from 'M';\nexport const a = get(1) + other;\n"),
  piece('an import by another name', "import { «A» as own } from 'M';\nexport const a = own(1);\n"),
  piece('a namespace', "import * as all from 'M';\nexport const a = all.«P»(1) + all['«P»'](2) + all.other;\n"),
  piece('a side effect', "import 'M';\nexport const get = 1;\n"),
  piece('a default import', "import whole, { «I» } from 'M';\nexport const a = [whole, get];\n"),
  piece('a type import', "import type { «I» } from 'M';\nexport type A = typeof get;\n"),
  piece('an inline type', "import { type «I» } from 'M';\nexport type A = typeof get;\n"),
  piece('a type of an import', "export type A = typeof import('M').«P»;\nexport type B = import('M').Other;\n"),
  piece('a re-export', "export { «I» } from 'M';\nexport { other as second } from 'M';\n"),
  piece('a re-export by another name', "export { «A» as taken } from 'M';\n"),
  piece('a star', "export * from 'M';\nexport * as all from 'M';\n", { parks: true }),
  piece('a module that is handed on', "import * as all from 'M';\nexport { all };\nexport const kept = { ...all };\n", {
    parks: true,
  }),
  piece('a default as a whole', "import whole from 'M';\nwhole.get(1);\n", { parks: true }),
  piece(
    'a loaded module',
    "export const a = import('M').then((all) => all.«P»(1));\nimport('M').then(({ «D» }) => get(2));\n",
  ),
  piece(
    'a mock with a factory',
    "declare const vi: { mock(name: string, make: () => object): void };\nvi.mock('M', () => ({ «P»: () => 1, other: 2 }));\n",
  ),
  piece('an element of a require', "const get = require('M')['«P»'];\nget(1);\n", { ending: '.cjs' }),
  piece(
    'an alias of a member',
    "import * as all from 'M';\nimport own = all.«P»;\nown(1);\nexport type A = ReturnType<typeof all.«P»>;\n",
  ),
  piece('a dynamic import', "const { «D» } = await import('M');\nexport const a = get(1);\n"),
  piece('a member of a dynamic import', "export const a = (await import('M')).«P»(1);\n"),
  piece('a lazy import', "export const load = () => import(/* chunk */ 'M');\n"),
  piece('comments', "import {\n  // the get of M\n  «I», // get\n} from 'M'; // M\nexport const a = get(1);\n"),
  piece('a mock', "declare const vi: { mock(name: string): void };\nvi.mock('M');\n"),
  piece('a shadow', "import { «I» } from 'M';\nexport const f = (get: number) => get;\nget(1);\n"),
  piece('an object', "import { «I» } from 'M';\nexport const kept = { get };\nkept.get(1);\n"),
  piece('a string', "export const name = 'M is a module';\n// import { get } from 'M-other'\n"),
  piece('other modules', "import { get } from 'M-other';\nimport { get as two } from 'M.other';\nget(two);\n"),
  piece(
    'a Vue component',
    '<script setup lang="ts">\nimport { «I» } from \'M\'\nconst a = get(1)\n</script>\n<template><p>{{ get(a) }}</p></template>\n',
    { ending: '.vue' },
  ),
  piece('a Svelte page', "<script>\n  import { «I» } from 'M';\n</script>\n<p>{get(1)}</p>\n", { ending: '.svelte' }),
  piece('an Astro page', "---\nimport { «I» } from 'M';\n---\n<p>{get(1)}</p>\n", { ending: '.astro' }),
  piece('a page of MDX', "import { «I» } from 'M'\n\nText of M.\n", { ending: '.mdx' }),
  piece('a require', "const all = require('M');\nall.«P»(1);\nconst { «D» } = require('M');\nget(2);\n", {
    ending: '.cjs',
  }),
  piece('a member of a require', "const get = require('M').«P»;\nget(1);\nrequire.resolve('M');\n", { ending: '.cjs' }),
  piece('a required import', "import all = require('M');\nall.«P»(1);\n"),
  piece('types in comments', "/** @type {import('M').«P»} */\nlet a;\n/** @import { «I» } from 'M' */\n", {
    ending: '.js',
  }),
];

export type ImportCase = {
  title: string;
  files: Record<string, string>;
  wanted: Record<string, string>;
  goal: { from: string; to: string; rename: Record<string, string> };
  mayPark: boolean;
};

type Modules = {
  name: string;
  from: string;
  to: string;
  specifier(path: string, chance: Chance): [old: string, now: string];
};

/** A specifier of a file from another, with or without its ending. */
function written(from: string, to: string, ending: string): string {
  const path = posix.relative(posix.dirname(from), to).replace(/\.ts$/, ending);
  return path.startsWith('.') ? path : `./${path}`;
}

const modules: Modules[] = [
  { name: 'a package', from: 'lodash', to: 'lodash-es', specifier: () => ['lodash', 'lodash-es'] },
  { name: 'a scoped package', from: '@old/kit', to: '@new/kit', specifier: () => ['@old/kit', '@new/kit'] },
  { name: 'a sub-path', from: 'kit/get', to: 'kit2/get', specifier: () => ['kit/get', 'kit2/get'] },
  { name: 'all sub-paths', from: 'kit/*', to: 'kit-es/*', specifier: () => ['kit/a/b', 'kit-es/a/b'] },
  { name: 'a module of Node', from: 'fs', to: 'node:fs', specifier: () => ['fs', 'node:fs'] },
  {
    name: 'a package to a file',
    from: 'old-kit',
    to: 'src/kit.ts',
    specifier: (path) => ['old-kit', written(path, 'src/kit.ts', '')],
  },
  {
    ...{ name: 'a file', from: 'src/api.ts', to: 'src/net/client.ts' },
    specifier(path, chance) {
      const ending = chance.pick(['', '.js', '.ts']);
      return [written(path, 'src/api.ts', ending), written(path, 'src/net/client.ts', ending)];
    },
  },
  {
    name: 'a file to a package',
    from: 'src/api.ts',
    to: '@shop/api',
    specifier: (path) => [written(path, 'src/api.ts', ''), '@shop/api'],
  },
];

/** A new module has all that is taken from the old one, also as types: an error after the change is no part of these cases. */
const everyName = ['get', 'fetch', 'other', 'two']
  .map((name) => `export const ${name}: any = 1;\nexport type ${name} = any;\n`)
  .join('');

export function importCase(seed: number): ImportCase {
  const chance = chances(seed);
  const kind = chance.pick(modules);
  const rename: Record<string, string> = chance.below(2) === 0 ? { get: 'fetch' } : {};
  const files: Record<string, string> = {
    'package.json': '{ "name": "shop", "type": "module", "dependencies": { "@shop/api": "1", "kit": "1" } }\n',
    'src/api.ts': 'export const get = (n: number) => n;\n',
    'src/kit.ts': everyName,
    'src/net/client.ts': everyName,
  };
  const wanted = { ...files };
  // All sub-paths are also those that only begin like the one that is imported.
  const fitting = uses.filter(({ name }) => kind.name !== 'all sub-paths' || name !== 'other modules');
  const chosen = Array.from({ length: 1 + chance.below(6) }, () => chance.pick(fitting));
  for (const [index, use] of chosen.entries()) {
    const path = posix.join(chance.pick(['src', 'test', '.', 'src/deep']), `use${index}${use.ending}`);
    const [old, now] = kind.specifier(path, chance);
    files[path] = marked(use.text, old, {});
    wanted[path] = marked(use.text, now, rename, old);
  }
  const title = `${kind.name}, ${kind.from} → ${kind.to}${rename.get ? ', get → fetch' : ''}: ${chosen.map(({ name }) => name).join(', ')}`;
  const mayPark = rename.get !== undefined && chosen.some(({ parks }) => parks);
  return { title, files, wanted, mayPark, goal: { from: kind.from, to: kind.to, rename } };
}

/** The text of a form. Outside of imports, in strings and comments, the module keeps its old name. */
function marked(text: string, specifier: string, { get = 'get' }: Record<string, string>, old = specifier): string {
  const names: Record<string, string> = {
    A: get,
    P: get,
    I: get === 'get' ? get : `${get} as get`,
    D: get === 'get' ? get : `${get}: get`,
  };
  return text
    .replace(/(?<=['"])M(?=['"])/g, () => specifier)
    .replace(/\bM\b/g, () => old)
    .replace(/«(\w)»/g, (_, form: string) => names[form]!);
}
