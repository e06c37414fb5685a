import { type Family, type Piece, piece, unparsed } from './piece.ts';
import { classUses, script } from './pieces.ts';

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

export const moreFamilies: Family[] = [described, methods, privates];
