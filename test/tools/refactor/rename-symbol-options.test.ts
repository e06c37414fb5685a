import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renamed } from './renamed.ts';

/** Goal: a person may ask for more than the symbol: texts, undecided places, a second declaration. Method: see renamed.ts. */
const tsconfig = JSON.stringify({ compilerOptions: { strict: true, noEmit: true, types: [] }, include: ['src'] });
const goal = { symbol: 'total', to: 'sum' };

const spoken = {
  'tsconfig.json': tsconfig,
  'src/cart.ts':
    '/** total adds up; totals do not. */\nexport const total = 1;\nexport const said = ["total", `the total`];\n',
  'README.md': '`total` adds up. The subtotal is no total.\n',
  'src/other.ts': 'const total = 2; // this total is another\nexport const mine = { total };\n',
};

test('With text, comments, strings and documents follow, and other symbols stay', async () => {
  const { status, changed, report, typeErrors } = await renamed(spoken, { ...goal, text: true, at: 'src/cart.ts' });
  assert.deepEqual([status, typeErrors, report.counts.text], ['ok', [], 0]);
  assert.deepEqual(changed, {
    'src/cart.ts':
      '/** sum adds up; totals do not. */\nexport const sum = 1;\nexport const said = ["sum", `the sum`];\n',
    'README.md': '`sum` adds up. The subtotal is no sum.\n',
    'src/other.ts': 'const total = 2; // this sum is another\nexport const mine = { total };\n',
  });
});

test('Without text, those places are counted with documents and stay', async () => {
  const { status, changed, report } = await renamed(spoken, { ...goal, at: 'src/cart.ts' });
  assert.deepEqual([status, Object.keys(changed), report.counts.text], ['ok', ['src/cart.ts'], 6]);
});

test('A text that is a type is no text: with text its error stops the rename', async () => {
  const files = {
    'tsconfig.json': tsconfig,
    'src/a.ts': "export const total = 1;\nexport type Word = 'total' | 'tax';\n",
    'src/b.ts':
      "import type { Word } from './a';\nconst word = 'to' + 'tal';\nexport const one: Word = word as 'total';\n",
  };
  const { status, typeErrors } = await renamed(files, { ...goal, text: true });
  assert.deepEqual([status, typeErrors], ['ok', []]);
  const outside = {
    ...files,
    'src/b.ts': "import type { Word } from './a';\nexport const one: Word = '\\u0074otal';\n",
  };
  const stopped = await renamed(outside, { ...goal, text: true });
  assert.equal(stopped.status, 'unplaced');
  assert.match(stopped.report.unplaced.join('\n'), /^src\/b\.ts:2:\d+ after the rename TypeScript says/);
});

const untyped = {
  'tsconfig.json': JSON.stringify({ compilerOptions: { allowJs: true, noEmit: true, types: [] }, include: ['src'] }),
  'src/cart.ts': 'export class Cart { total = 1; }\n',
  'src/use.js': 'export const show = (cart) => cart.total;\n',
};

test('With take_unplaced, what could not be decided follows', async () => {
  const asked = { symbol: 'Cart.total', to: 'sum' };
  assert.equal((await renamed(untyped, asked)).status, 'unplaced');
  const { status, changed } = await renamed(untyped, { ...asked, take_unplaced: true });
  assert.deepEqual([status, changed['src/use.js']], ['ok', 'export const show = (cart) => cart.sum;\n']);
});

test('A place that was taken and makes a new error is undecided still', async () => {
  const files = {
    'tsconfig.json': tsconfig,
    'src/cart.ts': 'export class Cart { total = 1; }\nexport class Bill { total = 2; }\n',
    'src/use.ts': "import type { Bill, Cart } from './cart';\nexport const show = (one: Cart | Bill) => one.total;\n",
  };
  const { status, report } = await renamed(files, { symbol: 'Cart.total', to: 'sum', take_unplaced: true });
  assert.equal(status, 'unplaced');
  assert.match(report.unplaced.join('\n'), /^src\/use\.ts:2:\d+ /);
});

test('A second declaration is renamed with the first, and all uses of both', async () => {
  const files = {
    'tsconfig.json': untyped['tsconfig.json'],
    'src/api.ts': 'export interface Api { total(): number }\n',
    'src/impl.js': 'class Impl { total() { return 1; } }\nmodule.exports = { make: () => new Impl(), Impl };\n',
    'src/use.js': "const { Impl } = require('./impl');\nconsole.log(new Impl().total());\n",
  };
  const { status, changed } = await renamed(files, {
    ...{ symbol: 'total', to: 'sum', at: 'src/api.ts', also: ['src/impl.js:1'] },
  });
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'src/api.ts': 'export interface Api { sum(): number }\n',
    'src/impl.js': 'class Impl { sum() { return 1; } }\nmodule.exports = { make: () => new Impl(), Impl };\n',
    'src/use.js': "const { Impl } = require('./impl');\nconsole.log(new Impl().sum());\n",
  });
});

test('A second declaration that is not there stops the rename', async () => {
  const { status, changed, report } = await renamed(spoken, { ...goal, at: 'src/cart.ts', also: ['src/gone.ts'] });
  assert.deepEqual([status, changed], ['not_found', {}]);
  assert.match(report.message, /at src\/gone\.ts/);
});

test('With text, every document follows, however many there are', async () => {
  const many = Object.fromEntries(Array.from({ length: 230 }, (_, at) => [`docs/${at}.md`, '`total`\n']));
  const { changed } = await renamed({ 'src/a.ts': 'export const total = 1;\n', ...many }, { ...goal, text: true });
  assert.equal(Object.keys(changed).length, 231);
});
