import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renamed } from './renamed.ts';

/** Goal: what cannot be renamed safely is said before anything is changed. Method: see renamed.ts. */
const api = 'export function old() {\n  return 1;\n}\n';
const rename = { symbol: 'old', to: 'fresh' };

async function refused(files: Record<string, string>, parsed: Parameters<typeof renamed>[1] = rename) {
  const { status, changed, report } = await renamed(files, parsed);
  assert.deepEqual(changed, {});
  return { status, message: report.message, candidates: report.candidates };
}

for (const [title, files, place] of [
  ['the declaring file', { 'a.ts': `${api}const fresh = 2;\nconsole.log(fresh, old());\n` }, 'a.ts:4:7'],
  ['the declaring file, unused', { 'a.ts': `const fresh = 2;\n${api}` }, 'a.ts:1:7'],
  [
    'an importing file',
    { 'a.ts': api, 'b.ts': "import { old } from './a';\nfunction fresh() {}\nold();\n" },
    'b.ts:2:10',
  ],
  ['a parameter around a use', { 'a.ts': `${api}export const f = (fresh: number) => old() + fresh;\n` }, 'a.ts:4:19'],
  [
    'an inner variable',
    { 'a.ts': `${api}export function f() {\n  { old(); }\n  let fresh = 1;\n  return fresh;\n}\n` },
    'a.ts:6:7',
  ],
  [
    'another import',
    {
      'a.ts': api,
      'c.ts': 'export const fresh = 1;\n',
      'b.ts': "import { old } from './a';\nimport { fresh } from './c';\nold();\nfresh;\n",
    },
    'b.ts:2:10',
  ],
  [
    'an exported name of a barrel',
    {
      'a.ts': api,
      'c.ts': 'export const fresh = 1;\n',
      'b.ts': "export * from './a';\nexport * from './c';\n",
      'd.ts': "import { old } from './b';\nold();\n",
    },
    'b.ts:2:1',
  ],
  [
    'CommonJS',
    {
      'a.js': 'function old() {}\nmodule.exports = { old };\n',
      'b.js': "const { old } = require('./a');\nconst fresh = 1;\nold(fresh);\n",
    },
    'b.js:1:9',
  ],
] as const) {
  test(`A clash with a name of ${title} is refused with its place.`, async () => {
    const { status, candidates } = await refused({ ...files });
    assert.equal(status, 'clash');
    assert.ok(
      candidates.some((line) => line.startsWith(`${place} `)),
      candidates.join('\n'),
    );
  });
}

test('A clash with an inherited, an overriding or a sibling member is refused.', async () => {
  const files = {
    'a.ts': 'class A { old() {} }\nclass B extends A { fresh() {} }\nnew B().fresh();\nnew A().old();\n',
  };
  assert.equal((await refused(files, { symbol: 'A.old', to: 'fresh' })).status, 'clash');
  assert.equal((await refused(files, { symbol: 'B.fresh', to: 'old' })).status, 'clash');
  const one = { 'a.ts': 'class A { old() {} fresh = 1 }\n' };
  assert.equal((await refused(one, { symbol: 'A.old', to: 'fresh' })).status, 'clash');
});

test('The new name may be in use where it cannot meet the old one.', async () => {
  const files = {
    'a.ts': `${api}export const o = { fresh: 1, f(fresh: number) { return fresh; } };\n`,
    'b.ts': 'export const fresh = 1; // fresh\n',
    'c.ts': "import { old } from './a';\nold();\nexport const p = (fresh: number) => fresh;\n",
  };
  const { status, changed } = await renamed(files, rename);
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'a.ts': files['a.ts'].replace('old', 'fresh'),
    'c.ts': files['c.ts'].replaceAll('old', 'fresh'),
  });
});

test('Two unrelated declarations are ambiguous until a place says which.', async () => {
  const files = { 'a.ts': api, 'b.ts': `\n${api}` };
  assert.deepEqual(await refused(files), {
    status: 'ambiguous',
    message:
      'old is declared in 2 unrelated places. Say which, as in: rename old in a.ts:1:17 to fresh (at: "a.ts:1:17").',
    candidates: ['a.ts:1:17 function old (exported, 1 place)', 'b.ts:2:17 function old (exported, 1 place)'],
  });
  for (const at of ['b.ts', 'b.ts:2', 'b.ts:2:17', './b.ts:2']) {
    const { status, changed } = await renamed(files, { ...rename, at });
    assert.deepEqual({ status, changed }, { status: 'ok', changed: { 'b.ts': files['b.ts'].replace('old', 'fresh') } });
  }
});

test('A place of use says which local variable or parameter is meant.', async () => {
  const text =
    'export function f(old: number) {\n  return old + 1;\n}\nexport function g(old: number) {\n  return old;\n}\n';
  const { status, changed } = await renamed({ 'a.ts': text }, { ...rename, at: 'a.ts:2' });
  assert.equal(status, 'ok');
  assert.deepEqual(changed, { 'a.ts': text.replace('(old', '(fresh').replace('return old +', 'return fresh +') });
});

test('An unknown symbol is not found, and near names are told.', async () => {
  const files = { 'a.ts': 'export function fetchUser() {}\nexport class Client {\n  fetchAll() {\n  }\n}\n' };
  assert.deepEqual(await refused(files, { symbol: 'fetchUsr', to: 'x' }), {
    status: 'not_found',
    message: 'No declaration of fetchUsr was found in the TypeScript and JavaScript files. Did you mean fetchUser?',
    candidates: ['a.ts:1:17 function fetchUser'],
  });
  const { status, candidates } = await refused(files, { symbol: 'Client.fetchAl', to: 'x' });
  assert.deepEqual([status, candidates[0]], ['not_found', 'a.ts:3:3 method fetchAll']);
});

test('A name that is no identifier, a reserved word and the same name are refused with what to do.', async () => {
  const files = { 'a.ts': api };
  for (const to of ['1st', 'a b', 'class', 'old', '#old']) {
    assert.equal((await refused(files, { symbol: 'old', to })).status, 'refused', to);
  }
});

test('A member looked for in the wrong place is answered with the places that declare it.', async () => {
  const files = {
    'request.js': 'module.exports = {\n  get(field) { return field; },\n};\n',
    'got.js': 'const got = 1;\n',
  };
  assert.deepEqual(await refused(files, { symbol: 'request.get', to: 'header' }), {
    status: 'not_found',
    message:
      'Nothing named request declares get. Say which get is meant, as in: rename get in request.js:2:3 to header.',
    candidates: ['request.js:2:3 export get'],
  });
  const elsewhere = await refused({ 'a.ts': 'class A {\n  get() {}\n}\n' }, { symbol: 'A.get', to: 'x', at: 'a.ts:3' });
  assert.match(
    elsewhere.message,
    /^No A\.get was found at a\.ts:3\. Say which get is meant, as in: rename get in a\.ts:2:3 /,
  );
});
