import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renamed } from './renamed.ts';

/** Goal: the symbol that a person means is found, or the candidates are told. Method: see renamed.ts. */
const many = (count: number, text: (index: number) => string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`src/case${100 + index}.ts`, text(index)]));

test('A declaration in the named file is found behind many others of its name', async () => {
  const files = {
    ...many(65, (index) => `export class Post { title = ${index}; }\n`),
    'src/wanted.ts': 'export class Post { title = 1; }\nnew Post().title;\n',
  };
  const { status, changed } = await renamed(files, { symbol: 'Post.title', to: 'headline', at: 'src/wanted.ts' });
  const wanted = 'export class Post { headline = 1; }\nnew Post().headline;\n';
  assert.deepEqual([status, changed], ['ok', { 'src/wanted.ts': wanted }]);
});

test('The number of declarations is told, also of those that are not looked at', async () => {
  const files = many(70, (index) => `export interface Props { a${index}: number }\n`);
  const { status, report } = await renamed(files, { symbol: 'Props', to: 'Inputs' });
  assert.equal(status, 'ambiguous');
  assert.match(report.message, /^Props is declared in 70 places/);
});

test('Candidates are told with their use: exported ones first, then the most used', async () => {
  const files = {
    'a.ts': 'function old() {}\nold(); old(); old();\n',
    'b.ts': 'export function old() {}\n',
    'c.ts': 'export function old() {}\nold();\n',
    'd.ts': "import { old } from './c';\nold();\n",
  };
  const { report } = await renamed(files, { symbol: 'old', to: 'fresh' });
  assert.deepEqual(report.candidates, [
    'c.ts:1:17 function old (exported, 4 places)',
    'b.ts:1:17 function old (exported, 1 place)',
    'a.ts:1:10 function old (4 places)',
  ]);
});

test('Snapshots, generated files and shims declare nothing', async () => {
  const copy = 'export declare function old(): void;\n';
  const files = {
    'src/a.ts': 'export function old() {}\n',
    'test/__snapshots__/index.d.ts': copy,
    'api/index.snapshot.d.ts': copy,
    'src/__generated__/a.ts': 'export const old = 1;\n',
    'src/api.gen.ts': 'export const old = 1;\n',
    'src/shims-old.d.ts': "declare module 'x' { export const old: number; }\n",
  };
  const { status, changed } = await renamed(files, { symbol: 'old', to: 'fresh' });
  assert.deepEqual([status, Object.keys(changed)], ['ok', ['src/a.ts']]);
});

test('A private name is renamed in its own class', async () => {
  const text = 'class A { #old = 1; get() { return #old in this ? this.#old : 0; } }\nclass B { #old = 2; old = 1; }\n';
  for (const symbol of ['A.#old', 'A#old']) {
    const { status, changed } = await renamed({ 'a.ts': text }, { symbol, to: '#fresh' });
    const wanted = text.replace(/^.*/, (line) => line.replaceAll('#old', '#fresh'));
    assert.deepEqual([status, changed], ['ok', { 'a.ts': wanted }]);
  }
});

test('Class#method means the method', async () => {
  const { changed } = await renamed({ 'a.ts': 'class A { old() {} }\n' }, { symbol: 'A#old', to: 'fresh' });
  assert.deepEqual(changed, { 'a.ts': 'class A { fresh() {} }\n' });
});

test('A member is one of its class, not of an object or a type inside a method', async () => {
  const text = [
    'export class Queue {',
    '  constructor(options: { limit?: number }) { options = { limit: 1, ...options }; const o = { limit: 2 }; }',
    '  handlers = { limit: 3 };',
    '  make(): { limit: number } { return { limit: 4 }; }',
    '  get limit() { return 1; }',
    '  set limit(value: number) {}',
    '}',
    '',
  ].join('\n');
  const { status, changed } = await renamed({ 'a.ts': text }, { symbol: 'Queue.limit', to: 'most' });
  const wanted = text.replace('get limit', 'get most').replace('set limit', 'set most');
  assert.deepEqual([status, changed], ['ok', { 'a.ts': wanted }]);
});

test('A member of an object inside another is named by the inner one', async () => {
  const text = 'export const config = { http: { limit: 1 }, queue: { limit: 2 } };\nconfig.queue.limit;\n';
  const { changed } = await renamed({ 'a.ts': text }, { symbol: 'config.queue.limit', to: 'most' });
  const wanted = text.replace('queue: { limit', 'queue: { most').replace('queue.limit', 'queue.most');
  assert.deepEqual(changed, { 'a.ts': wanted });
});

/** TypeScript reads this, the syntax parser makes one error of it. */
const unparsed = [
  'export interface Route {',
  '  <A extends string, B extends A = A>(...steps: [A, B]): Box<',
  '    A',
  '  >',
  '',
  '  <A extends string>(...steps: [A]): Box<',
  '    A',
  '  >',
  '}',
  ...Array.from({ length: 8 }, (_, index) =>
    [
      `export type Out${index}<R, I extends Base | Base['in']> =`,
      '  R extends Box<infer T>',
      '    ? { output: unknown extends T ? I : T }',
      '    : { [K in keyof R as K & string]: { [M in keyof R[K]]: R[K][M] extends { param: infer _ }',
      `          ? Box<{ x: M } & Out${index}<R, I>> : never } }`,
    ].join('\n'),
  ),
  '',
].join('\n');

test('What a file declares is known where the syntax parser gives up', async () => {
  const types =
    'export type Old = { port: number; old: 1 }\nexport type Base = { in: unknown; a: unknown }\n' +
    `export type Box<A> = { value: A }\n${unparsed}`;
  const files = {
    'src/types.ts': types,
    'src/serve.ts': "import type { Old } from './types';\nexport const serve = (old: Old) => old.port;\n",
    'src/script.ts': 'type Old = { home: string };\nexport const home = (old: Old) => old.home;\n',
  };
  const either = await renamed(files, { symbol: 'Old', to: 'Fresh' });
  assert.equal(either.status, 'ambiguous');
  assert.match(either.report.candidates[0] ?? '', /^src\/types\.ts:1:13 .*exported/);
  const { status, changed } = await renamed(files, { symbol: 'Old', to: 'Fresh', at: 'src/types.ts' });
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'src/types.ts': types.replace('type Old', 'type Fresh'),
    'src/serve.ts': files['src/serve.ts'].replaceAll('Old', 'Fresh'),
  });
  const member = await renamed(files, { symbol: 'Old.old', to: 'fresh', at: 'src/types.ts' });
  assert.deepEqual(member.changed, { 'src/types.ts': types.replace('old: 1', 'fresh: 1') });
});
