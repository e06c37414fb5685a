// Goal: a symbol is found and renamed in each form in which it may be declared, handed on and used.
// Method: see renamed.ts; one small workspace for each kind that a generated repository had shown to be wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renamed } from './renamed.ts';

const tsconfig = JSON.stringify({
  compilerOptions: { strict: true, module: 'preserve', target: 'es2022', noEmit: true, types: [], jsx: 'preserve' },
});

test('a quoted key declares a member of an enum or of an object', async () => {
  const text = (name: string) =>
    `export enum Color {\n  '${name}' = 'r',\n}\nexport const a = { '${name}': 1 };\n`.replace(
      `{ '${name}'`,
      `{ 'old'`,
    );
  const files = {
    'tsconfig.json': tsconfig,
    'a.ts': text('old'),
    'b.ts': "import { Color } from './a';\nColor.old;\n",
  };
  const one = await renamed(files, { symbol: 'Color.old', to: 'fresh' });
  assert.deepEqual(one.changed, { 'a.ts': text('fresh'), 'b.ts': files['b.ts'].replace('.old', '.fresh') });
  const two = await renamed(files, { symbol: 'a.old', to: 'fresh' });
  assert.deepEqual(two.changed, { 'a.ts': files['a.ts'].replace("{ 'old'", "{ 'fresh'") });
});

test('a pattern declares what a module exports', async () => {
  const { status, changed } = await renamed(
    {
      'tsconfig.json': tsconfig,
      'a.ts': 'const all = { x: 1, y: [2] };\nexport const { x: old, y: [other = 1] } = all;\n',
      'b.ts': "import { old, other } from './a';\nold + other;\n",
    },
    { symbol: 'old', to: 'fresh' },
  );
  assert.equal(status, 'ok');
  assert.match(changed['a.ts']!, /x: fresh, y/);
  assert.equal(changed['b.ts'], "import { fresh, other } from './a';\nfresh + other;\n");
});

test('an assigned pattern keeps its variable', async () => {
  const { status, changed } = await renamed(
    {
      'tsconfig.json': tsconfig,
      'a.ts': 'export const config = { port: 1 };\n',
      'b.ts': "import { config } from './a';\nlet port = 0;\n({ port } = config);\n",
    },
    { symbol: 'config.port', to: 'fresh' },
  );
  assert.equal(status, 'ok');
  assert.match(changed['b.ts']!, /^let port = 0;\n\(\{ fresh: port \} = config\);$/m);
});

test('an object whose property is an element keeps the property', async () => {
  const use = (name: string, key = '') =>
    `import { ${name} } from './a';\nconst all = { ${key}${name}, b: ${name} };\nexport const c = <all.Card />;\n`;
  const { status, changed } = await renamed(
    { 'tsconfig.json': tsconfig, 'a.tsx': 'export class Card {}\n', 'b.tsx': use('Card') },
    { symbol: 'Card', to: 'Fresh' },
  );
  assert.equal(status, 'ok');
  assert.equal(changed['b.tsx'], use('Fresh', 'Card: '));
});

test('exports that are assigned twice are one thing with their function', async () => {
  const text = (name: string) => `function ${name}() {}\nexports.${name} = exports.other = ${name};\n`;
  const { status, changed } = await renamed({ 'a.js': text('old') }, { symbol: 'old', to: 'fresh' });
  assert.deepEqual({ status, changed }, { status: 'ok', changed: { 'a.js': text('fresh') } });
});

test('what scripts hand on as a whole follows where the server knows no export', async () => {
  const files = (name: string) => ({
    'a.js': `exports = module.exports = {};\nexports.${name} = function () {};\n`,
    'b.js': "module.exports = require('./a');\n",
    'c.js': "module.exports = { ...require('./a') };\n",
    'd.js': `require('./b').${name}();\nconst all = require('./c');\nall['${name}']();\nall.${name}();\n`,
  });
  const { status, changed } = await renamed(files('old'), { symbol: 'old', to: 'fresh' });
  const { 'a.js': a, 'd.js': d } = files('fresh');
  assert.deepEqual({ status, changed }, { status: 'ok', changed: { 'a.js': a, 'd.js': d } });
});

test('an import of a package follows its source beside a committed build', async () => {
  const { status, changed } = await renamed(
    {
      'tsconfig.json': tsconfig,
      'core/package.json': '{ "name": "@shop/core", "main": "./dist/index.js", "types": "./dist/index.d.ts" }',
      'core/src/index.ts': 'export const old = 1;\n',
      'core/dist/index.js': 'export const old = 1;\n',
      'core/dist/index.d.ts': 'export declare const old = 1;\n',
      'app/a.ts': "import { old } from '@shop/core';\nold;\n",
    },
    { symbol: 'old', to: 'fresh' },
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'core/src/index.ts': 'export const fresh = 1;\n',
    'app/a.ts': "import { fresh } from '@shop/core';\nfresh;\n",
  });
});
