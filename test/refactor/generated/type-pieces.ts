import { type Family, type Piece, piece, texts } from './piece.ts';

/** Families of types, enums, namespaces and members that several declarations share. */
const tsx = (name: string, text: string, more: Partial<Piece> = {}) => piece(name, text, { ending: '.tsx', ...more });

const typeUses: Piece[] = [
  piece('a type import', "import type { «T» } from 'M';\nexport const used: «T»[] = [];\n"),
  piece('an inline type import', "import { type «T» } from 'M';\nexport type Two = [«T», Array<«T» | null>];\n"),
  piece('a namespace of types', "import type * as all from 'M';\nexport type One = all.«T»;\n"),
  piece('a type of an import', "export type One = import('M').«T»;\n"),
  piece('a type re-export', "export type { «T» } from 'M';\n", {
    users: [piece('its user', "import type { «T» } from 'M';\nexport const a: «T» | undefined = undefined;\n")],
  }),
  piece('a star of types', "export type * from 'M';\n", {
    users: [
      piece('its user', "import type { «T» as Mine } from 'M';\nexport const a: Mine | undefined = undefined;\n"),
    ],
  }),
  piece(
    'a type parameter of that name',
    "import type { «T» } from 'M';\nexport const f = <«O»,>(a: «O»): «O» => a;\nexport type A = «T»;\n",
  ),
  piece('a value of that name', 'export const «O» = 1;\nexport const b = { «O» };\n'),
  piece(
    'satisfies',
    "import type { «T» } from 'M';\nexport const a = { a: 1 } satisfies «T»;\nexport const b = <«T»>a;\n",
  ),
  piece(
    'constraints',
    "import type { «T» } from 'M';\nexport type A<B extends «T» = «T»> = B extends «T» ? keyof «T» : «T»['a'];\n",
  ),
  piece(
    'a predicate',
    "import type { «T» } from 'M';\nexport const is = (a: unknown): a is «T» => a !== null;\nexport function must(a: unknown): asserts a is «T» {}\n",
  ),
  piece(
    'a mapped type',
    `import type { «T» } from 'M';\nexport type A = { readonly [K in keyof «T» as \`get\${K & string}\`]: () => «T»[K] };\n`,
  ),
  piece(
    'an augmentation',
    "import type { «T» } from 'M';\ndeclare module 'M' {\n  interface Beside {\n    of: «T»;\n  }\n}\n",
  ),
  piece(
    'an alias of that name',
    "import type { «T» as Other } from 'M';\ntype «O» = Other;\nexport const a: «O»[] = [];\n",
  ),
  piece('a link', "import type { «T» } from 'M';\n/** A {@link «T»}. */\nexport type A = «T»;\n"),
  piece('texts', texts),
  piece(
    'a Vue component',
    '<script setup lang="ts">\nimport type { «T» } from \'M\'\ndefineProps<{ one: «T» }>()\n</script>\n<template><p>«O»</p></template>\n',
    { ending: '.vue' },
  ),
  piece(
    'a Svelte page',
    '<script lang="ts">\n  import type { «T» } from \'M\';\n  export let one: «T»;\n</script>\n<p>{one}</p>\n',
    { ending: '.svelte' },
  ),
  piece(
    'an Astro page',
    "---\nimport type { «T» } from 'M';\nexport interface Props { one: «T» }\n---\n<p>text</p>\n",
    { ending: '.astro' },
  ),
];

const typeNames: Family = {
  ...{ name: 'a type', symbol: 'T', isScript: false },
  names: ['Shape', 'Old', '$Type', 'Größe'],
  declared: [
    piece(
      'an interface',
      'export interface Beside {\n  b?: «T»;\n}\nexport interface «T» {\n  a: number;\n  self?: «T»;\n}\n',
    ),
    piece('an alias', 'export interface Beside {\n  b: 1;\n}\nexport type «T» = { a: number; next?: «T» };\n'),
    piece(
      'a merged interface',
      'export interface Beside {}\nexport interface «T» {\n  a: number;\n}\nexport interface «T» {\n  b?: «T»;\n}\n',
    ),
    piece('an export list', 'interface «T» {\n  a: number;\n}\nexport interface Beside {}\nexport type { «T» };\n'),
  ],
  uses: typeUses,
};

const enumUses: Piece[] = [
  piece('a member', "import { Color } from 'M';\nexport const a = Color.«T»;\nexport const b = Color['«T»'];\n"),
  piece(
    'a type of a member',
    "import { Color } from 'M';\nexport type A = Color.«T» | Color.B;\nexport const f = (a: Color) => a === Color.«T»;\n",
  ),
  piece(
    'a switch',
    "import { Color } from 'M';\nexport function f(a: Color) {\n  switch (a) {\n    case Color.«T»:\n      return '«O»';\n    case Color.B:\n      return 1;\n  }\n}\n",
  ),
  piece('a namespace', "import * as all from 'M';\nexport const a = all.Color.«T»;\n"),
  piece('a computed key', "import { Color } from 'M';\nexport const a = { [Color.«T»]: 1, «O»: 2 };\na.«O»;\n"),
  piece(
    'keys',
    "import { Color } from 'M';\nexport const a: keyof typeof Color = '«T»';\nexport const b: Record<keyof typeof Color, number> = { «T»: 1, B: 2 };\n",
  ),
  piece('another enum', "export enum Other {\n  «O» = 'x',\n}\nexport const a = Other.«O»;\n"),
  piece('texts', texts),
  piece(
    'a Vue component',
    '<script setup lang="ts">\nimport { Color } from \'M\'\nconst a = Color.«T»\n</script>\n<template><p>{{ a }}</p></template>\n',
    { ending: '.vue' },
  ),
  piece(
    'a Vue template',
    '<script setup lang="ts">\nimport { Color } from \'M\'\n</script>\n<template><p v-if="1 === Color.«O?T»">{{ Color.«O?T» }}</p></template>\n',
    { ending: '.vue', parks: true },
  ),
];
const enums: Family = {
  ...{ name: 'a member of an enum', symbol: 'Color.T', isScript: false },
  names: ['Red', 'OLD', 'old'],
  declared: [
    piece('an enum', "export enum Color {\n  «T» = 'r',\n  B = 'b',\n}\n"),
    piece('numbers', 'export enum Color {\n  «T» = 1,\n  B = «T» << 1,\n}\n'),
    piece('a quoted member', "export enum Color {\n  '«T»' = 'r',\n  B = 'b',\n}\n"),
    piece('a merged enum', "export enum Color {\n  «T» = 'r',\n}\nexport enum Color {\n  B = 'b',\n}\n"),
  ],
  uses: enumUses,
};

const bases: Family = {
  ...{ name: 'a member of a hierarchy', symbol: 'Base.T', isScript: false },
  names: ['run', 'old', 'close'],
  declared: [
    piece(
      'an abstract class',
      'export abstract class Base {\n  abstract «T»(): number;\n  both() {\n    return this.«T»();\n  }\n}\nexport class Middle extends Base {\n  override «T»() {\n    return 1;\n  }\n}\n',
    ),
    piece(
      'overloads',
      'export class Base {\n  «T»(): number;\n  «T»(a?: number): number;\n  «T»(a?: number) {\n    return a ?? 1;\n  }\n}\nexport class Middle extends Base {}\n',
    ),
    piece(
      'an interface',
      'export interface Base {\n  «T»(): number;\n}\nexport class Middle implements Base {\n  «T»() {\n    return 1;\n  }\n}\n',
    ),
  ],
  uses: [
    piece(
      'a deeper class',
      "import { Middle } from 'M';\nexport class Low extends Middle {\n  override «T»() {\n    return super.«T»() + 1;\n  }\n}\nnew Low().«T»();\n",
    ),
    piece(
      'a generic',
      "import type { Base } from 'M';\nexport const f = <B extends Base>(b: B) => b.«T»();\nexport type A = ReturnType<Base['«T»']>;\n",
    ),
    piece('a class of its own', 'export class Other {\n  «O»() {\n    return 1;\n  }\n}\nnew Other().«O»();\n'),
    piece(
      'an anonymous class',
      "import { Middle } from 'M';\nexport const made = new (class extends Middle {\n  override «T»() {\n    return 3;\n  }\n})();\nmade.«T»();\n",
    ),
    piece(
      'a mixin',
      "import { Middle } from 'M';\nexport function mix<C extends new (...all: any[]) => Middle>(Class: C) {\n  return class extends Class {\n    again() {\n      return this.«T»();\n    }\n  };\n}\n",
    ),
    piece(
      'a destructured parameter',
      "import type { Middle } from 'M';\nexport const f = ({ «T: O» }: Middle) => «O»();\n",
    ),
    piece('a default', "import { Middle } from 'M';\nexport const { «T: O» = () => 2 } = new Middle();\n«O»();\n"),
    piece(
      'a picked type',
      "import type { Base } from 'M';\nexport const a: Pick<Base, '«T»'> = { «T»: () => 1 };\na.«T»();\n",
    ),
    piece('labels', '«O»: for (;;) break «O»;\n'),
    piece('a private name', 'export class P {\n  #«O» = 1;\n  read() {\n    return this.#«O»;\n  }\n}\n'),
    piece('texts', texts),
  ],
};

const spaces: Family = {
  ...{ name: 'a function of a namespace', symbol: 'Space.T', isScript: false },
  names: ['make', 'old'],
  declared: [
    piece(
      'a namespace',
      'export namespace Space {\n  export function «T»(n: number) {\n    return n;\n  }\n  export const two = «T»(2);\n}\n',
    ),
    piece(
      'a class with a namespace',
      'export class Space {\n  other = 1;\n}\nexport namespace Space {\n  export const «T» = (n: number) => n;\n}\n',
    ),
    piece(
      'a function with a namespace',
      'export function Space() {}\nexport namespace Space {\n  export function «T»(n: number) {\n    return n;\n  }\n}\n',
    ),
  ],
  uses: [
    piece('a call', "import { Space } from 'M';\nexport const a = Space.«T»(1);\nSpace['«T»'](2);\n"),
    piece('an alias', "import { Space } from 'M';\nimport own = Space.«T»;\nown(1);\n"),
    piece('a destructured one', "import { Space } from 'M';\nconst { «T: O» } = Space;\n«O»(1);\n"),
    piece('an outer namespace', "import * as all from 'M';\nexport const a = all.Space.«T»(1);\n"),
    piece(
      'a spy',
      "import { Space } from 'M';\ndeclare const vi: { spyOn(of: object, name: string): void };\nvi.spyOn(Space, '«T»');\n",
    ),
    piece('another', 'export namespace Other {\n  export const «O» = 1;\n}\nOther.«O»;\n'),
  ],
};

const globals: Family = {
  ...{ name: 'a member of a global', symbol: 'Window.T', isScript: false },
  names: ['appState', 'old'],
  declared: [
    piece('a global', 'export {};\ndeclare global {\n  interface Window {\n    «T»: number;\n  }\n}\n'),
    piece(
      'an optional one',
      'export const one = 1;\ndeclare global {\n  interface Window {\n    «T»?: number;\n    other: 1;\n  }\n}\n',
    ),
  ],
  uses: [
    piece('a use', 'export const a = window.«T»;\nwindow.«T» = 2;\n'),
    piece('an element', "export const a = window['«T»'];\n"),
    piece('a local name', 'export const «O» = window.«T»;\n«O»;\n'),
    piece('another', 'export const a = { «O»: 1 };\na.«O»;\n'),
  ],
};

const props: Family = {
  ...{ name: 'a property of a component', symbol: 'Props.T', isScript: false },
  names: ['size', 'old'],
  declared: [
    tsx(
      'a component',
      'export interface Props {\n  «T»: number;\n  b?: 1;\n}\nexport function Card({ «T: O», b }: Props) {\n  return «O» + (b ?? 1);\n}\nexport const Plain = (props: Props) => props.«T»;\n',
    ),
  ],
  uses: [
    tsx(
      'an element',
      "import { Card } from 'M';\nexport const a = <Card «T»={1} />;\nexport const b = <Card b={1} «T»={2}></Card>;\n",
    ),
    tsx(
      'a spread',
      "import { Card, type Props } from 'M';\nconst all: Props = { «T»: 1 };\nexport const a = <Card {...all} />;\n",
    ),
    tsx('another element', 'export const a = <div «O»="1" />;\n'),
    tsx(
      'a wrapped component',
      "import type { Props } from 'M';\nexport const Big = ({ «T: O» = 2, ...rest }: Props) => [«O», rest];\n",
    ),
    piece(
      'a derived type',
      `import type { Props } from 'M';\nexport type A = Omit<Props, '«T»'>;\nexport type B = Required<Props>['«T»'];\nexport type C = \`on\${keyof Props & string}\`;\n`,
    ),
  ],
};

export const typeFamilies: Family[] = [typeNames, enums, bases, spaces, globals, props];
