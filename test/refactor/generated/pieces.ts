import { type Family, type Piece, piece, texts, unparsed } from './piece.ts';

const named: Piece[] = [
  piece('a named import', "import { «T» } from 'M';\nexport const used = «T»(1) + [1].map(«T»).length;\n"),
  piece('an import by another name', "import { «T» as local } from 'M';\nexport const used = local(1);\n"),
  piece('a namespace', "import * as space from 'M';\nexport const used = space.«T»(1) + space['«T»'](2);\n"),
  piece('a re-export', "export { «T» } from 'M';\n", {
    users: [piece('its user', "import { «T» } from 'M';\n«T»(3);\n")],
  }),
  piece('a re-export by another name', "export { «T» as other } from 'M';\n", {
    users: [piece('its user', "import { other as «O?T» } from 'M';\n«O?T»(3);\n")],
  }),
  piece('a star', "export * from 'M';\n", { users: [piece('its user', "import { «T» } from 'M';\n«T»(3);\n")] }),
  piece('a named star', "export * as space from 'M';\n", {
    users: [piece('its user', "import { space } from 'M';\nspace.«T»(3);\n")],
  }),
  piece(
    'a dynamic import',
    "const { «T: O?T» } = await import('M');\nexport const used = «O?T»(2);\nimport('M').then((all) => all.«T»(1));\n",
  ),
  piece(
    'a type of an import',
    "export type Made = typeof import('M').«T»;\nexport type Found = (typeof import('M'))['«T»'];\n",
  ),
  piece(
    'a shadow',
    "import { «T» } from 'M';\nexport const f = («O»: number) => «O» + 1;\nexport const used = «T»(f(1));\n",
  ),
  piece('a shadow in a block', "import { «T» } from 'M';\n{\n  const «O» = 1;\n  console.log(«O»);\n}\n«T»(1);\n"),
  piece('a property', "import { «T» } from 'M';\nexport const kept = { «O: T» };\nkept.«O»(1);\n"),
  piece('another of that name', 'export const «O» = 1;\nexport const used = «O» + 1;\n'),
  piece('a member of that name', 'export class Other {\n  «O» = 1;\n}\nnew Other().«O»;\n'),
  piece('texts', texts),
  piece(
    'a mock',
    "declare const jest: { mock(name: string, make: () => object): void };\njest.mock('M', () => ({ «T»: () => 1, other: 2 }));\n",
  ),
  piece(
    'a spy',
    "import * as space from 'M';\ndeclare const vi: { spyOn(of: object, name: string): void };\nvi.spyOn(space, '«T»');\nvi.spyOn(console, '«O»');\n",
  ),
  piece('a link', "import { «T» } from 'M';\n/** See {@link «T»}, not «O». */\nexport const used = «T»(1);\n"),
  piece(
    'a default parameter',
    "import { «T» } from 'M';\nexport const f = (made = «T»(1), { a = «T»(2) } = {}) => made + a;\n",
  ),
  piece(
    'a component',
    '<template>\n  <p class="«O»">It\'s {{ made }} «O»</p>\n</template>\n<script setup lang="ts">\nimport { «T» } from \'M\'\nconst made = «T»(1)\n</script>\n',
    { ending: '.vue' },
  ),
  piece(
    'a component with a template',
    '<script setup lang="ts">\nimport { «T as O» } from \'M\'\nconst made = «O»(1)\n</script>\n<template><p @click="«O»(2)">{{ made }}</p></template>\n',
    { ending: '.vue' },
  ),
  piece('a component of its own', '<script setup>\nconst «O» = 1\n</script>\n<template>{{ «O» }}</template>\n', {
    ending: '.vue',
  }),
  piece('a template without an import', '<template>{{ «T»(2) }}</template>\n<script setup>\nconst a = 1\n</script>\n', {
    ending: '.vue',
    parks: true,
  }),
  piece(
    'a page of Svelte',
    '<script lang="ts">\n  import { «T as O» } from \'M\';\n  const made = «O»(1);\n</script>\n\n{#if «O»(2)}<p>{made}</p>{/if}\n',
    { ending: '.svelte' },
  ),
  piece('a page of Astro', "---\nimport * as all from 'M';\nconst made = all.«T»(3);\n---\n<p>{made}</p>\n", {
    ending: '.astro',
  }),
  piece('a page of MDX', "import { «T» } from 'M'\n\nAbout «O»\n\nexport const made = «T»(1)\n", { ending: '.mdx' }),
  piece('a file that is not parsed', `import { «T» } from 'M';\n${unparsed}export const used = «T»(1);\n`),
];

const functions: Family = {
  ...{ name: 'a function of a module', symbol: 'T', isScript: false },
  names: ['make', 'old', '$load', 'size2', 'fetch_all', 'of'],
  declared: [
    piece('a function', 'export function «T»(n: number): number {\n  return n < 1 ? 0 : «T»(n - 1);\n}\n'),
    piece('a constant', 'export const «T» = (n: number): number => n;\n'),
    piece('an export list', 'function «T»(n: number): number {\n  return n;\n}\nexport { «T» };\n'),
    piece(
      'overloads',
      'export function «T»(n: number): number;\nexport function «T»(n: number, m?: number): number {\n  return n + (m ?? 0);\n}\n',
    ),
    piece('an unparsed file', `${unparsed}export function «T»(n: number): number {\n  return n;\n}\n`),
  ],
  uses: named,
};

export const script = (name: string, text: string, more: Partial<Piece> = {}): Piece =>
  piece(name, text, { ending: '.js', ...more });
export const classUses: Piece[] = [
  script('a destructured require', "const { «T» } = require('M');\nmodule.exports = new «T»();\n"),
  script('a require by another name', "const { «T»: Local } = require('M');\nnew Local();\n"),
  script('a whole require', "const all = require('M');\nnew all.«T»();\nconst { «T» } = all;\nnew «T»();\n"),
  script('a member of a require', "const «T» = require('M').«T»;\nnew «T»();\nnew (require('M').«T»)();\n"),
  script(
    'types in comments',
    "const { «T» } = require('M');\n/**\n * @param {«T»} one the «O»\n * @returns {Promise<«T»[]>}\n */\nfunction f(one) {\n  return /** @type {any} */ (/** @type {«T»} */ (one));\n}\nf(new «T»());\n",
  ),
  script(
    'types of an import',
    "/** @typedef {import('M').«T»} Mine */\n/** @type {Mine | import('M').«T»} */\nlet x;\n",
  ),
  script('an import in a comment', "/** @import { «T» } from 'M' */\n/** @type {«T»} */\nlet x; // «O»\n"),
  script('another type of the file', '/** @typedef {{ a: 1 }} «O» */\n/** @type {«O»} */\nlet x;\n'),
  script('a spy', "const all = require('M');\njest.spyOn(all, '«T»');\nsinon.stub(console, '«O»');\n"),
  script('a mock', "jest.mock('M', () => ({ «T»: class {} }));\n"),
  script('a re-export', "const { «T» } = require('M');\nmodule.exports = { «T», other: 1 };\n", {
    users: [script('its user', "const { «T» } = require('M');\nnew «T»();\n")],
  }),
  script('texts', "// «O»\nmodule.exports = ['«O»'];\n"),
  script('a shadow', "const { «T» } = require('M');\nfunction f(«O») {\n  return «O»;\n}\nf(new «T»());\n"),
];

const classes: Family = {
  ...{ name: 'a class of CommonJS', symbol: 'T', isScript: true },
  names: ['Card', 'Old', 'BadInput', '$Thing'],
  declared: [
    script('an object', 'class «T» {}\nmodule.exports = { «T», other: 1 };\n'),
    script('a property', 'class «T» {}\nexports.«T» = «T»;\n'),
    script('a property of the module', 'module.exports.«T» = class «T» {};\n'),
    script('an expression', 'exports.«T» = class {};\n'),
  ],
  uses: classUses,
};

const member = (name: string, body: string, more: Partial<Piece> = {}) =>
  piece(
    name,
    `import { type Shape, type Wide, Round, shape } from 'M';\nexport const any = [shape, Round];\nexport type Any = Shape | Wide;\n${body}\n`,
    more,
  );
const interfaces: Family = {
  ...{ name: 'a member of an interface', symbol: 'Shape.T', isScript: false },
  names: ['size', 'old', 'onClose', 'type'],
  declared: [
    piece(
      'an interface',
      "export interface Shape {\n  «T»: number;\n  b: string;\n}\nexport interface Wide extends Shape {\n  c: 1;\n}\nexport class Round implements Shape {\n  «T» = 1;\n  b = '';\n}\nexport const shape: Shape = { «T»: 1, b: '' };\n",
    ),
    piece(
      'a merged interface',
      "export interface Shape {\n  «T»: number;\n}\nexport interface Shape {\n  b: string;\n}\nexport interface Wide extends Shape {\n  c: 1;\n}\nexport class Round implements Shape {\n  constructor(public «T»: number = 1) {}\n  b = '';\n}\nexport const shape: Shape = { '«T»': 1, b: '' };\n",
    ),
  ],
  uses: [
    member('a dot', 'shape.«T»;\n(shape as Shape | undefined)?.«T»;'),
    member('an element', "shape['«T»'];"),
    member('a destructured value', 'export const { «T: O» } = shape;\n«O» + 1;'),
    member('a destructured parameter', 'export const f = ({ «T: O», b }: Wide) => «O» + b;'),
    member('a shorthand', "const «O» = 1;\nexport const made: Shape = { «T: O», b: '' };"),
    member('a class', 'export class Mine extends Round {\n  twice() {\n    return this.«T» * 2;\n  }\n}'),
    member('what a type leaves out', "export type A = Omit<Shape, '«T»'>;\nexport type B = Omit<Wide, 'b' | '«T»'>;"),
    member(
      'keys',
      "export type A = Exclude<keyof Wide, '«T»'>;\nexport type B = Pick<Shape, '«T»'>;\nexport type C = Shape['«T»'];",
    ),
    member('a compared key', "export const f = (key: keyof Shape) => key === '«T»';"),
    member('the operator in', "export const f = (a: Shape | { z: 1 }) => '«T»' in a;"),
    member('a mapped type', 'export type A = Partial<Shape>;\nexport const a: A = { «T»: 1 };\na.«T»;'),
    member('a generic', "declare function get<V, K extends keyof V>(of: V, key: K): V[K];\nget(shape, '«T»');"),
    member('a list of keys', "export const keys: (keyof Shape)[] = ['«T»', 'b'];"),
    member('own properties', "Object.hasOwn(shape, '«T»');"),
    member('another class', 'export class Other {\n  «O» = 1;\n}\nnew Other().«O»;'),
    member('another literal', "export const a: { kind: '«O»' } = { kind: '«O»' };\nconsole.log('«O»');"),
    member('a spread', 'export const a: Shape = { ...shape, «T»: 2 };'),
    member('a text', '// «O»\nconsole.log("«O»");'),
    member(
      'a value that only fits',
      "class Like {\n  «O?T» = 1;\n  b = '';\n}\nexport const take = (of: Shape) => of.«T»;\ntake(new Like());",
      { parks: true },
    ),
    member('a key by another name', "type Keys = '«T»' | 'b';\nexport type A = Omit<Shape, Keys>;", { parks: true }),
    piece(
      'a component',
      '<script setup lang="ts">\nimport { shape } from \'M\'\nconst made = shape.«T»\n</script>\n<template><p class="«O»">{{ made }}</p></template>\n',
      { ending: '.vue' },
    ),
    piece(
      'a component with a template',
      '<script setup lang="ts">\nimport { shape } from \'M\'\n</script>\n<template><p>{{ shape.«T» }}</p></template>\n',
      { ending: '.vue', parks: true },
    ),
  ],
};

export const families: Family[] = [functions, classes, interfaces];
