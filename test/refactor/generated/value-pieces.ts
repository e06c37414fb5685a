import { type Family, type Piece, piece, texts } from './piece.ts';
import { script } from './pieces.ts';

/** Families of values: components, decorators, defaults, objects, built and generated files, chains of barrels. */
const tsx = (name: string, text: string, more: Partial<Piece> = {}) => piece(name, text, { ending: '.tsx', ...more });

const components: Family = {
  ...{ name: 'a component', symbol: 'T', isScript: false },
  names: ['Card', 'Old', 'Box2'],
  fresh: ['Fresh', 'NextOne'],
  declared: [
    tsx('a function', 'export function «T»({ a }: { a?: number }) {\n  return a ? <«T» /> : null;\n}\n'),
    tsx('an arrow', 'export const «T» = ({ a }: { a?: number }) => a ?? null;\n'),
    tsx('a class', 'export class «T» {\n  props = { a: 1 };\n  render() {\n    return null;\n  }\n}\n'),
  ],
  uses: [
    tsx('an element', "import { «T» } from 'M';\nexport const a = <«T» />;\nexport const b = <«T»></«T»>;\n"),
    tsx('a namespace', "import * as all from 'M';\nexport const a = <all.«T» />;\n"),
    tsx(
      'a lazy one',
      "declare const lazy: (load: () => Promise<unknown>) => unknown;\nexport const a = lazy(() => import('M').then((one) => ({ default: one.«T» })));\n",
    ),
    tsx(
      'an attribute',
      'import { «T» } from \'M\';\nexport const a = <div title="«O»" id={String(«T».name)}>«O»</div>;\n',
    ),
    tsx(
      'a table',
      "import { «T» } from 'M';\nexport const all = { «O: T», other: «T» };\nexport const a = <all.«O» />;\n",
    ),
    tsx('an import by another name', "import { «T» as Own } from 'M';\nexport const a = <Own />;\n"),
    piece('a page of Astro', "---\nimport { «T as O» } from 'M';\n---\n<«O» client:load />\n", { ending: '.astro' }),
    piece('a page of MDX', "import { «T as O» } from 'M'\n\n<«O» />\n", { ending: '.mdx' }),
    piece('a page of Svelte', "<script>\n  import { «T as O» } from 'M';\n</script>\n<«O» a={1} />\n", {
      ending: '.svelte',
    }),
    piece(
      'a Vue component',
      "<script>\nimport { «T as O» } from 'M'\nexport default { components: { «O» } }\n</script>\n<template><«O» /></template>\n",
      { ending: '.vue' },
    ),
    piece('texts', texts),
  ],
};

const decorators: Family = {
  ...{ name: 'a decorator', symbol: 'T', isScript: false },
  names: ['logged', 'Old'],
  declared: [
    piece('a factory', 'export function «T»(name?: string) {\n  return (_: unknown, __: unknown) => void name;\n}\n'),
  ],
  uses: [
    piece('a class', "import { «T» } from 'M';\n@«T»('«O»')\nexport class A {\n  @«T»()\n  run() {}\n}\n"),
    piece('a namespace', "import * as all from 'M';\nexport class A {\n  @all.«T»() run() {}\n}\n"),
    piece('a member of that name', 'export class A {\n  «O»() {}\n}\nnew A().«O»();\n'),
  ],
};

const defaults: Family = {
  ...{ name: 'a default export', symbol: 'T', isScript: false },
  names: ['make', 'Old'],
  declared: [
    piece('a function', 'export default function «T»(n: number): number {\n  return n < 1 ? 0 : «T»(n - 1);\n}\n'),
    piece('a constant', 'const «T» = (n: number) => n;\nexport default «T»;\n'),
    piece('both', 'export const «T» = (n: number) => n;\nexport default «T»;\n'),
    piece('an alias', 'function «T»(n: number) {\n  return n;\n}\nexport { «T» as default };\n'),
  ],
  uses: [
    piece('another name', "import local from 'M';\nlocal(1);\n"),
    piece('a default as', "import { default as mine } from 'M';\nmine(1);\n"),
    piece('a re-export', "export { default as other } from 'M';\n", {
      users: [piece('its user', "import { other } from 'M';\nother(1);\n")],
    }),
    piece('a dynamic import', "import('M').then((all) => all.default(1));\n"),
    piece('another of that name', 'export const «O» = 1;\n'),
  ],
};

const objects: Family = {
  ...{ name: 'a property of an object', symbol: 'config.T', isScript: false },
  names: ['port', 'old'],
  declared: [
    piece('an object', 'export const config = {\n  «T»: 1,\n  b: 2,\n};\n'),
    piece('a constant object', "export const config = { '«T»': 1, b: { «O»: 2 } } as const;\n"),
    piece('accessors', 'export const config = {\n  get «T»() {\n    return 1;\n  },\n  b: 2,\n};\n'),
  ],
  uses: [
    piece('a dot', "import { config } from 'M';\nexport const a = config.«T» + config['«T»'] + (config?.«T» ?? 0);\n"),
    piece('a destructured one', "import { config } from 'M';\nexport const { «T: O», ...rest } = config;\n«O» + 1;\n"),
    piece(
      'a nested one',
      "import { config } from 'M';\nconst all = { config };\nexport const { config: { «T»: mine = 3 } } = all;\n",
    ),
    piece(
      'keys',
      "import { config } from 'M';\nexport type Key = keyof typeof config;\nexport const key: Key = '«T»';\nexport type V = (typeof config)['«T»'];\n",
    ),
    piece('an assigned pattern', "import { config } from 'M';\nlet «O» = 0;\n({ «T: O» } = config);\n"),
    piece('a loop', "import { config } from 'M';\nfor (const { «T: O» } of [config]) console.log(«O»);\n"),
    piece('a dynamic import', "const { config: { «T: O» } } = await import('M');\nexport const a = «O»;\n"),
    piece('another', 'export const other = { «O»: 1 };\nother.«O»;\n'),
    piece('texts', texts),
  ],
};

const chains: Family = {
  ...{ name: 'a function behind barrels', symbol: 'T', isScript: false },
  names: ['make', 'old', 'größe'],
  declared: [
    piece('a function', 'export function «T»(n: number): number {\n  return n;\n}\n'),
    piece('several in one statement', 'export const other = 1,\n  «T» = (n: number) => n;\n'),
    piece('a destructured one', 'const all = { a: (n: number) => n };\nexport const { a: «T» } = all;\n'),
  ],
  uses: [
    piece('two stars', "export * from 'M';\n", {
      users: [
        piece('a second', "export * from 'M';\n", {
          users: [piece('its user', "import { «T» } from 'M';\n«T»(1);\n")],
        }),
      ],
    }),
    piece('aliases', "export { «T» as second } from 'M';\n", {
      users: [
        piece('a third', "export { second as third } from 'M';\n", {
          users: [piece('its user', "import { third } from 'M';\nthird(1);\n")],
        }),
      ],
    }),
    piece('a namespace that is handed on', "import * as all from 'M';\nexport { all };\nexport default all;\n", {
      users: [piece('its user', "import own, { all } from 'M';\nall.«T»(1) + own.«T»(2);\n")],
    }),
    piece('a string as a name', "export { «T» as 'any name' } from 'M';\n", {
      users: [piece('its user', "import { 'any name' as own } from 'M';\nown(1);\n")],
    }),
    piece('an import and an export', "import { «T» } from 'M';\nexport { «T» };\nexport const twice = [«T», «T»];\n", {
      users: [piece('its user', "import { «T» } from 'M';\n«T»(1);\n")],
    }),
    piece(
      'an export of a copy',
      "import { «T» } from 'M';\nexport const made = «T»;\nexport const kept = { «O: T», list: [«T»] };\nkept.«O»(1);\n",
    ),
    piece(
      'shorthands',
      "import { «T» } from 'M';\nexport const f = () => ({ «O: T» });\nf().«O»(1);\nconsole.log({ a: { «O: T» } });\n",
    ),
    piece('a generated file', "// @generated by a tool\nimport { «T» } from 'M';\nexport const used = «T»(1);\n", {
      ending: '.generated.ts',
    }),
    piece('a type query', "import { type «T» } from 'M';\nexport type A = Parameters<typeof «T»>;\n"),
    piece('a required import', "import all = require('M');\nall.«T»(1);\n"),
    piece(
      'a Vue component',
      '<script lang="ts">\nimport { «T as O» } from \'M\'\nexport default { methods: { «O», run() { return «O»(1) } } }\n</script>\n<template><p @click="«O»(2)">text</p></template>\n',
      { ending: '.vue' },
    ),
    piece('a Svelte store', "<script>\n  import { «T as O» } from 'M';\n</script>\n<p>{$«O»}</p>\n", {
      ending: '.svelte',
    }),
    piece(
      'a Svelte page without markup',
      '<script context="module">\n  import { «T» } from \'M\';\n  export const a = «T»(1);\n</script>\n<style>\n  .«O» {}\n</style>\n',
      { ending: '.svelte' },
    ),
    piece(
      'an Astro script',
      "---\nconst a = 1;\n---\n<p>{a}</p>\n<script>\n  import { «T» } from 'M';\n  «T»(1);\n</script>\n",
      { ending: '.astro' },
    ),
  ],
};

const built: Family = {
  ...{ name: 'a function beside built files', symbol: 'T', isScript: false },
  names: ['make', 'old'],
  declared: [piece('a function', 'export function «T»(n: number): number {\n  return n;\n}\n')],
  fixed: {
    at: 'packages/core/src/index.ts',
    sets: [
      {
        'packages/core/dist/index.js': 'export function «O»(n) {\n  return n;\n}\n',
        'packages/core/dist/index.d.ts': 'export declare function «O»(n: number): number;\n',
      },
      { 'docs/api.md': 'Call `«O»(1)`.\n', 'CHANGELOG.md': '- «O» is new\n' },
      { 'packages/core/src/index.min.js': 'function «O»(n){return n}export{«O»};\n' },
    ],
  },
  uses: [
    piece('a named import', "import { «T» } from 'M';\nexport const used = «T»(1);\n"),
    piece(
      'a mock',
      "declare const vi: { mock(name: string, make: () => object): void };\nvi.mock('M', () => ({ «T»: () => 1 }));\n",
    ),
    piece('texts', texts),
  ],
};

const exported: Family = {
  ...{ name: 'a function of a script', symbol: 'T', isScript: true },
  names: ['make', 'old'],
  declared: [
    script('exports twice', 'function «T»(n) {\n  return n;\n}\nexports.«T» = exports.other = «T»;\n'),
    script('a method of exports', 'module.exports = {\n  «T»(n) {\n    return n;\n  },\n  other: 1,\n};\n'),
    script('a key of exports', 'const load = (n) => n;\nmodule.exports = { «T»: load, other: 1 };\n'),
    script('exports and module', 'exports = module.exports = {};\nexports.«T» = function «T»(n) {\n  return n;\n};\n'),
  ],
  uses: [
    script('a destructured require', "const { «T», other } = require('M');\n«T»(1);\n"),
    script('a default', "const { «T» = () => 1 } = require('M');\n«T»(1);\n"),
    script('a whole require', "const all = require('M');\nall.«T»(1);\nall['«T»'](2);\n"),
    script('a spread', "module.exports = { ...require('M') };\n", {
      users: [script('its user', "const { «T» } = require('M');\n«T»(1);\n")],
    }),
    script('a handed on module', "module.exports = require('M');\n", {
      users: [script('its user', "require('M').«T»(1);\n")],
    }),
    script('a lazy require', "const load = () => require('M').«T»;\nload()(1);\n"),
    script('a shadow', "const { «T» } = require('M');\nfor (const «O» of [1]) console.log(«O»);\n«T»(1);\n"),
    script('texts', "// «O»\nmodule.exports = ['«O»'];\n"),
  ],
};

export const valueFamilies: Family[] = [components, decorators, defaults, objects, chains, built, exported];
