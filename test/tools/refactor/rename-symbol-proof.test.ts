import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renamed } from './renamed.ts';

/** Goal: a rename that TypeScript or a string still contradicts is not complete, and says so. Method: see renamed.ts. */
const tsconfig = JSON.stringify({
  compilerOptions: { strict: true, noEmit: true, module: 'preserve', target: 'es2022', types: [] },
});
const api =
  "export interface P { old: number; b: string }\nexport interface Sub extends P { c: 1 }\nexport const p: P = { old: 1, b: '' };\n";
const head = "import { type P, type Sub, p } from './api';\n";
const rename = { symbol: 'P.old', to: 'fresh' };

for (const [title, text, more] of [
  ['what a type leaves out', "export type A = Omit<P, ~>; export type B = Omit<Sub, 'b' | ~>;", ''],
  ['a key that is excluded', 'export type A = Exclude<keyof P, ~>; export type B = Extract<keyof Sub, ~>;', ''],
  ['a key of a constrained type', 'export type A = Pick<P, ~>; export type B = P[~];', ''],
  ['an argument that must be a key', 'declare function get<T>(t: T, k: keyof T): void;\nget(p, ~);', ''],
  ['a compared key', 'export const f = (k: keyof P) => k === ~;', ''],
  ['the operator in', 'export const a = ~ in p;', ''],
  ['own properties', 'Object.hasOwn(p, ~); p.hasOwnProperty(~); Reflect.get(p, ~);', ''],
  ['an element', 'export const a = p[~];', ''],
  ['a list of keys', 'export const keys: (keyof P)[] = [~];', ''],
  ['other strings', "export const a = { type: 'old' }; console.log('old'); export type T = 'old' | 'b';", ''],
  ['names of events', "declare const e: P & { on(name: string): void };\ne.on('old');", ''],
  [
    'a key that may be one',
    "declare function f(o: object, k: string): void;\nf(p, 'old');",
    'b.ts:3:7 this string may name p.old',
  ],
  [
    'keys by another name',
    "type Keys = 'old' | 'b';\nexport type A = Omit<P, Keys>;",
    'b.ts:2:14 this string may name P.old',
  ],
] as const) {
  test(`A string that names a member: ${title}`, async () => {
    const files = { 'tsconfig.json': tsconfig, 'api.ts': api, 'b.ts': head + text.replaceAll('~', "'old'") };
    const { changed, report, typeErrors } = await renamed(files, rename);
    const after = head + text.replaceAll('~', "'fresh'");
    assert.deepEqual(report.unplaced, more === '' ? [] : [more]);
    const follows = after !== files['b.ts'];
    assert.deepEqual(changed, { 'api.ts': api.replaceAll('old', 'fresh'), ...(follows ? { 'b.ts': after } : {}) });
    assert.deepEqual(typeErrors, []);
  });
}

test('Names that new errors point at follow, and other strings beside them stay', async () => {
  const text = [
    "export enum E { old = 'old', b = 'b' }",
    "export const k: keyof typeof E = 'old', s: string = 'old';",
    "export const m: Record<keyof typeof E, string> = { old: 'old', b: '' };",
    'const old = 1;',
    'export const n: Record<keyof typeof E, number> = { old, b: 2 };',
    '',
  ].join('\n');
  const { status, changed, typeErrors } = await renamed(
    { 'tsconfig.json': tsconfig, 'a.ts': text },
    { symbol: 'E.old', to: 'fresh' },
  );
  const wanted = text
    .replace("{ old = 'old'", "{ fresh = 'old'")
    .replace("E = 'old'", "E = 'fresh'")
    .replace("{ old: 'old'", "{ fresh: 'old'")
    .replace('{ old,', '{ fresh: old,');
  assert.deepEqual([status, changed, typeErrors], ['ok', { 'a.ts': wanted }, []]);
});

test('An export that a script puts together while it runs is named', async () => {
  const files = {
    'a.js': 'function old() {}\nmodule.exports = { old };\n',
    'b.js': "Object.assign(exports, require('./a'));\n",
    'c.js': "for (const [k, v] of Object.entries(require('./a'))) exports[k] = v;\n",
    'd.js': "require('./b').old();\nconst c = require('./c');\nc.old();\nObject.keys(1).old;\n",
    'e.js': "module.exports = Object.assign({}, require('./f'));\n",
    'f.js': 'exports.other = 1;\n',
    'g.js': "require('./e').old;\n",
  };
  const { report } = await renamed(files, { symbol: 'old', to: 'fresh' });
  assert.deepEqual(report.unplaced, [
    "d.js:1:16 './b' may export it: its exports are put together while it runs",
    "d.js:3:3 './c' may export it: its exports are put together while it runs",
  ]);
});

test('The name of an export that a test replaces follows', async () => {
  const files = {
    'a.js': 'exports.old = () => 1;\n',
    'b.js': "const api = require('./a');\njest.spyOn(api, 'old');\njest.spyOn(console, 'old');\n",
  };
  const { status, changed } = await renamed(files, { symbol: 'old', to: 'fresh' });
  assert.equal(status, 'ok');
  assert.equal(changed['b.js'], files['b.js'].replace("api, 'old'", "api, 'fresh'"));
});

test('A type error that was not there before makes its place undecided', async () => {
  const files = {
    'tsconfig.json': tsconfig,
    'a.ts': 'export interface P { old: number }\nexport const take = (p: P) => p.old;\n',
    'b.ts': 'export class C { old = 1 }\n',
    'c.ts': "import { take } from './a';\nimport { C } from './b';\ntake(new C());\nlet wrong: string = 1;\n",
  };
  const { status, report } = await renamed(files, rename);
  assert.equal(status, 'unplaced');
  assert.deepEqual(report.unplaced, [
    "c.ts:3:6 after the rename TypeScript says: Property 'fresh' is missing in type 'C' but required in type 'P'.",
  ]);
});

test('An error that was there before says nothing against a rename', async () => {
  const files = {
    'tsconfig.json': tsconfig,
    'a.ts': 'export interface P { old: number }\nexport const p: P = { old: "1" };\np.odl;\np.old.x;\nmissing.old;\n',
  };
  const { changed } = await renamed(files, { symbol: 'P.old', to: 'odl2' });
  assert.match(changed['a.ts'] ?? '', /odl2: "1"[\s\S]*p\.odl;\np\.odl2\.x;\nmissing\.old/);
});
