/**
 * Pieces of repositories with a known answer. Between « and » stands the name that is renamed: T where it is renamed, O where
 * it stays, `T as O` where an import keeps its local name, `T: O` and `O: T` where one word was two names; `O?T` where
 * either is right. `M` is the
 * specifier of the module that declares the symbol.
 */
export type Piece = {
  name: string;
  ending: string;
  text: string;
  /** The rename may stop and name places of this piece: they cannot be decided. */
  parks?: boolean;
  /** A file that uses the piece: its specifier is `M` there. */
  users?: Piece[];
};
export type Family = {
  name: string;
  /** The symbol as the goal names it, with `T` for its own name. */
  symbol: string;
  names: string[];
  /** Ways to declare it. */
  declared: Piece[];
  uses: Piece[];
  /** Plain CommonJS without TypeScript's configuration. */
  isScript: boolean;
  /** Where the symbol is declared, when not anywhere, and the files around it: one of these sets. */
  fixed?: { at: string; sets: Record<string, string>[] };
};

const piece = (name: string, text: string, more: Partial<Piece> = {}): Piece => ({
  name,
  ending: '.ts',
  text,
  ...more,
});

/** TypeScript reads it, the syntax parser does not: it takes `using` for the keyword. */
const unparsed = 'const using: number[] = [1];\nusing.some(Boolean);\nusing.filter((one) => one > 1);\n';
const texts = '// «O» in a comment, and `«O»`\nexport const said = \'«O»\' + "«O»" + `«O»`;\n';

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

const script = (name: string, text: string, more: Partial<Piece> = {}): Piece =>
  piece(name, text, { ending: '.js', ...more });
const classUses: Piece[] = [
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

const manifest = '{"name":"pump","version":"1.0.0","main":"index.js","types":"index.d.ts"}';
const space = 'export default Faults;\ndeclare namespace Faults {\n  export class «T» extends Error {}\n}\n';
const described: Family = {
  ...{ name: 'a class that is declared by hand', symbol: 'T', isScript: true },
  names: ['BadInput', 'Old'],
  declared: [
    script('an object', 'class «T» extends Error {}\nmodule.exports = { «T» };\n'),
    script('a property', 'exports.«T» = class «T» extends Error {};\n'),
  ],
  fixed: {
    at: 'lib/faults.js',
    sets: [
      {
        'package.json': manifest,
        'index.js': "exports.faults = require('./lib/faults');\n",
        'index.d.ts':
          "import Faults from './types/faults';\nexport { Faults as faults };\nexport interface Options {\n  «O»: 1;\n}\n",
        'types/faults.d.ts': space,
      },
      {
        'package.json': manifest,
        'index.js': "const faults = require('./lib/faults');\nmodule.exports = { a: 1, faults };\n",
        'index.d.ts': "export * as faults from './types/faults';\n",
        'types/faults.d.ts': 'export class «T» extends Error {}\n',
      },
      {
        'package.json': manifest,
        'index.js': "module.exports = { faults: require('./lib/faults') };\n",
        'index.d.ts': 'export const faults: { «T»: new () => Error };\n',
        'lib/faults.d.ts': 'export class «T» extends Error {}\n',
      },
    ],
  },
  uses: [
    script(
      'an object of the package',
      "const { faults } = require('pump-here');\nif (!(1 instanceof faults.«T»)) throw new faults.«T»();\n",
    ),
    script('a whole package', "const pump = require('pump-here');\nnew pump.faults.«T»();\n"),
    ...classUses,
  ],
};

const method = (name: string, text: string, more: Partial<Piece> = {}) =>
  piece(name, `import { K, Sub, k } from 'M';\nexport const all = [K, Sub, k];\n${text}\n`, more);
const methods: Family = {
  ...{ name: 'a method of a class', symbol: 'K.T', isScript: false },
  names: ['run', 'old', '$go', 'get'],
  declared: [
    piece(
      'a method',
      'export class K {\n  «T»(): number {\n    const a = { «O»: 1 };\n    return a.«O»;\n  }\n}\nexport class Sub extends K {\n  override «T»() {\n    return super.«T»() + 1;\n  }\n}\nexport const k = new K();\n',
    ),
    piece(
      'an accessor',
      'export class K {\n  #«O» = () => 1;\n  get «T»(): () => number {\n    return this.#«O»;\n  }\n  set «T»(to: () => number) {\n    this.#«O» = to;\n  }\n}\nexport class Sub extends K {}\nexport const k = new K();\n',
    ),
    piece(
      'a property',
      'export class K {\n  constructor(readonly «T» = () => 1, options: { «O»?: number } = {}) {\n    options.«O» ??= 1;\n  }\n}\nexport class Sub extends K {}\nexport const k = new K();\n',
    ),
    piece(
      'an unparsed file',
      `${unparsed}export class K {\n  «T»(): number {\n    return 1;\n  }\n}\nexport class Sub extends K {}\nexport const k = new K();\n`,
    ),
  ],
  uses: [
    method('calls', 'k.«T»();\nnew Sub().«T»();\n(k as K | null)?.«T»?.();'),
    method('a bound method', "const «O» = k.«T».bind(k);\n«O»();\nk['«T»']();"),
    method('a destructured method', 'const { «T: O» } = k;\n«O»();'),
    method('another class', 'class Other {\n  «O»() {}\n}\nnew Other().«O»();'),
    method(
      'a spy',
      "declare const jest: { spyOn(of: object, name: string): void };\njest.spyOn(k, '«T»');\njest.spyOn(K.prototype, '«T»');\njest.spyOn(console, '«O»');",
    ),
    method('an event', "declare const e: K & { on(name: string): void };\ne.on('«O»');\ne.«T»();"),
    method('texts', '// k.«O»()\nconsole.log(\'«O»\', "k.«O»()");'),
    method(
      'what a type leaves out',
      "export type A = Omit<K, '«T»'>;\nexport type B = K['«T»'];\nexport type C = ReturnType<K['«T»']>;",
    ),
    script(
      'a script',
      "import { k } from 'M';\n/** @param {import('M').K} one */\nexport const f = (one) => one.«T»();\nf(k).«O»?.();\n",
      { parks: true },
    ),
    script(
      'a cast',
      "import { k } from 'M';\nexport const a = /** @type {import('M').K} */ (/** @type {unknown} */ (k)).«T»(); // «O»\n",
    ),
  ],
};

const privates: Family = {
  ...{ name: 'a private name', symbol: 'K.T', isScript: false },
  names: ['#limit', '#old'],
  declared: [
    piece(
      'a field',
      'export class K {\n  «T» = 1;\n  static is(a: object) {\n    return «T» in a;\n  }\n  get limit() {\n    return this.«T»;\n  }\n}\nexport class L {\n  «O» = 2;\n  get limit() {\n    return this.«O»;\n  }\n}\n',
    ),
    piece(
      'a method',
      'export class K {\n  limit = 1; // «O»\n  «T»() {\n    return this.limit;\n  }\n  run() {\n    return this.«T»() + (this as K).«T»();\n  }\n}\n',
    ),
  ],
  uses: [piece('a user', "import { K } from 'M';\nnew K().limit;\nconsole.log('«O»');\n")],
};

export const families: Family[] = [functions, classes, interfaces, described, methods, privates];
