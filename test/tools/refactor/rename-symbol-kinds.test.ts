import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renamed } from './renamed.ts';

/** Goal: every kind of symbol and every way to write one. Method: see renamed.ts; each result must still compile. */
const tsconfig = (options: object = {}) =>
  JSON.stringify({
    compilerOptions: { strict: true, module: 'preserve', noEmit: true, types: [], jsx: 'preserve', ...options },
  });

const library = `export class Box<T> { constructor(readonly value: T) {} open(): T { return this.value; } }
export interface Shape { kind: string; area(): number }
export type Pair = [Shape, Shape];
export enum Color { Red = 'red', Green = 'green' }
export const limit = 3;
`;
const user = `import { Box, type Shape, Color, limit, type Pair } from './library';
export const square: Shape = { kind: 'Shape Box', area: () => limit };
export const pair: Pair = [square, square];
export const box = new Box(Color.Red); // Box of Color.Red
export const opened = box.open();
`;

for (const [symbol, to, pattern] of [
  ['Box', 'Crate', /(?<=class |, |import { |new )Box/g],
  ['Shape', 'Form', /(?<!')\bShape\b/g],
  ['Pair', 'Two', /\bPair\b/g],
  ['Color', 'Paint', /(?<!of )\bColor\b/g],
  ['limit', 'maximum', /\blimit\b/g],
  ['Box.open', 'unwrap', /\bopen\b/g],
  ['Shape.area', 'size', /\barea\b/g],
  ['Color.Red', 'Crimson', /(?<!of Color\.)\bRed\b/g],
  ['Box.value', 'content', /\bvalue\b/g],
] as const) {
  test(`${symbol} becomes ${to} where it is declared and used, and only there.`, async () => {
    const files = { 'tsconfig.json': tsconfig(), 'library.ts': library, 'user.ts': user };
    const { status, changed, typeErrors } = await renamed(files, { symbol, to });
    const expected = [
      ['library.ts', library.replace(pattern, to)],
      ['user.ts', user.replace(pattern, to)],
    ] as const;
    assert.equal(status, 'ok');
    assert.deepEqual(changed, Object.fromEntries(expected.filter(([path, text]) => files[path] !== text)));
    assert.deepEqual(typeErrors, []);
  });
}

test('Overloads and a namespace merged with them are one symbol.', async () => {
  const { status, changed, typeErrors } = await renamed(
    {
      'tsconfig.json': tsconfig(),
      'a.ts':
        'export function over(a: string): string;\nexport function over(a: number): number;\nexport function over(a: unknown) { return a; }\nexport namespace over { export const z = 1; }\n',
      'b.ts': "import { over } from './a';\nexport const all = [over(1), over('over'), over.z];\n",
    },
    { symbol: 'over', to: 'under' },
  );
  assert.deepEqual([status, typeErrors], ['ok', []]);
  assert.deepEqual(changed, {
    'a.ts':
      'export function under(a: string): string;\nexport function under(a: number): number;\nexport function under(a: unknown) { return a; }\nexport namespace under { export const z = 1; }\n',
    'b.ts': "import { under } from './a';\nexport const all = [under(1), under('over'), under.z];\n",
  });
});

test('A method is renamed in the interface, in every class that implements it and in overriding ones.', async () => {
  const { status, changed, typeErrors } = await renamed(
    {
      'tsconfig.json': tsconfig({ experimentalDecorators: true }),
      'a.ts':
        'export interface Store { old(key: string): number }\nexport const log = (..._: unknown[]) => {};\nexport class Memory implements Store { @log old(key: string) { return key.length; } }\nexport class Slow extends Memory { override old(key: string) { return super.old(key) + 1; } }\nexport class Unrelated { old() {} }\n',
      'b.ts':
        "import type { Store } from './a';\nexport const read = (store: Store) => store?.old('old') + store['old']('x');\nexport const pick = ({ old }: Store) => old('y');\n",
    },
    { symbol: 'Store.old', to: 'fetch' },
  );
  assert.deepEqual([status, typeErrors], ['ok', []]);
  assert.deepEqual(changed, {
    'a.ts':
      'export interface Store { fetch(key: string): number }\nexport const log = (..._: unknown[]) => {};\nexport class Memory implements Store { @log fetch(key: string) { return key.length; } }\nexport class Slow extends Memory { override fetch(key: string) { return super.fetch(key) + 1; } }\nexport class Unrelated { old() {} }\n',
    'b.ts':
      "import type { Store } from './a';\nexport const read = (store: Store) => store?.fetch('old') + store['fetch']('x');\nexport const pick = ({ fetch: old }: Store) => old('y');\n",
  });
});

test('A default export is renamed with the imports that use its name; another local name stays.', async () => {
  const { status, changed, typeErrors } = await renamed(
    {
      'tsconfig.json': tsconfig(),
      'a.ts': 'export default function old() {}\n',
      'b.ts': "import old from './a';\nold();\n",
      'c.ts': "import other from './a';\nother();\n",
      'd.ts': "export { default as old } from './a';\n",
      'e.ts': "import { old } from './d';\nold();\n",
    },
    { symbol: 'old', to: 'fresh' },
  );
  assert.deepEqual([status, typeErrors], ['ok', []]);
  assert.deepEqual(changed, {
    'a.ts': 'export default function fresh() {}\n',
    'b.ts': "import fresh from './a';\nfresh();\n",
    'd.ts': "export { default as fresh } from './a';\n",
    'e.ts': "import { fresh } from './d';\nfresh();\n",
  });
});

test('A component is renamed in JSX of TypeScript and JavaScript; its text and attributes stay.', async () => {
  const { status, changed, typeErrors } = await renamed(
    {
      'tsconfig.json': tsconfig({ jsx: 'react' }),
      'jsx.d.ts':
        'declare namespace JSX { interface IntrinsicElements { [name: string]: unknown } type Element = unknown }\ndeclare const React: any;\n',
      'Card.tsx': 'export const Card = (_: { Card?: string; children?: unknown }) => <b>Card</b>;\n',
      'use.tsx': 'import { Card } from "./Card";\nexport const page = <Card Card="Card"><Card />Card</Card>;\n',
      'old.jsx': 'import { Card } from "./Card";\nexport const page = <Card>Card</Card>;\n',
    },
    { symbol: 'Card', to: 'Panel' },
  );
  assert.deepEqual([status, typeErrors], ['ok', []]);
  assert.deepEqual(changed, {
    'Card.tsx': 'export const Panel = (_: { Card?: string; children?: unknown }) => <b>Card</b>;\n',
    'use.tsx': 'import { Panel } from "./Card";\nexport const page = <Panel Card="Card"><Panel />Card</Panel>;\n',
    'old.jsx': 'import { Panel } from "./Card";\nexport const page = <Panel>Card</Panel>;\n',
  });
});

test('Line ends, a byte-order mark and characters outside ASCII before a site stay as they are.', async () => {
  const { status, changed, typeErrors } = await renamed(
    {
      'tsconfig.json': tsconfig(),
      'a.ts': "\ufeffexport const text = 'é😀'; export const old = 1;\r\nexport const twice = '😀' + old + old;\r\n",
      'b.ts': "/* 😀 */ import { old } from './a'; /* é */ export const c = '日本' + old;\r\n",
      'größe.ts': "import { old } from './a';\nexport const größe = old, oldé = 2, $old = 3;\n",
    },
    { symbol: 'old', to: 'größer' },
  );
  assert.deepEqual([status, typeErrors], ['ok', []]);
  assert.deepEqual(changed, {
    'a.ts':
      "\ufeffexport const text = 'é😀'; export const größer = 1;\r\nexport const twice = '😀' + größer + größer;\r\n",
    'b.ts': "/* 😀 */ import { größer } from './a'; /* é */ export const c = '日本' + größer;\r\n",
    'größe.ts': "import { größer } from './a';\nexport const größe = größer, oldé = 2, $old = 3;\n",
  });
});

test('A use on a value of two types, one of which keeps the name, is unplaced.', async () => {
  const { report } = await renamed(
    {
      'tsconfig.json': tsconfig(),
      'a.ts':
        'class A { old() {} }\nclass B { old() {} }\nexport const f = (both: A | B, one: A) => {\n  both.old();\n  one.old();\n};\nexport const all = [A, B];\n',
    },
    { symbol: 'A.old', to: 'fresh' },
  );
  assert.equal(report.status, 'unplaced');
  assert.deepEqual(report.unplaced, ['a.ts:4:8 the value may also be of another type, whose old is not renamed']);
});
