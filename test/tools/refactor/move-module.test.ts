import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moved } from './moved.ts';

/**
 * Goal: after a move every import leads where it led, written as it was written.
 * Method: small workspaces on disk, the changes applied, the real compiler where there is TypeScript.
 */
const options = { strict: true, module: 'preserve', noEmit: true, types: [], allowImportingTsExtensions: true };
const tsconfig = (more: object = {}) => JSON.stringify({ compilerOptions: { ...options, ...more } });

test('Every kind of import follows a moved file, with the ending each had, and its own imports with it.', async () => {
  const { status, moves, changed, typeErrors } = await moved(
    {
      'tsconfig.json': tsconfig(),
      'src/util/text.ts': "import { base } from '../base';\nimport './side.ts';\nexport const upper = base;\n",
      'src/util/side.ts': 'export {};\n',
      'src/base.ts': 'export const base = 1;\n',
      'src/none.ts': "import { upper } from './util/text';\nexport { upper };\n",
      'src/js.ts': "export { upper } from './util/text.js';\n",
      'src/ts.ts':
        'import type { upper } from "./util/text.ts";\nexport type T = typeof upper | typeof import(\'./util/text\').upper;\n',
      'src/lazy.ts': "export const lazy = async () => (await import('./util/text')).upper; // './util/text'\n",
      'test/text.test.ts':
        "import { upper } from '../src/util/text';\nvi.mock('../src/util/text', () => ({ upper }));\ndeclare const vi: { mock(path: string, make: () => object): void };\n",
    },
    'src/util/text.ts',
    'src/strings/words.ts',
  );
  assert.deepEqual([status, typeErrors], ['ok', []]);
  assert.deepEqual(moves, [['src/util/text.ts', 'src/strings/words.ts']]);
  assert.deepEqual(changed, {
    'src/strings/words.ts': "import { base } from '../base';\nimport '../util/side.ts';\nexport const upper = base;\n",
    'src/none.ts': "import { upper } from './strings/words';\nexport { upper };\n",
    'src/js.ts': "export { upper } from './strings/words.js';\n",
    'src/ts.ts':
      'import type { upper } from "./strings/words.ts";\nexport type T = typeof upper | typeof import(\'./strings/words\').upper;\n',
    'src/lazy.ts': "export const lazy = async () => (await import('./strings/words')).upper; // './util/text'\n",
    'test/text.test.ts':
      "import { upper } from '../src/strings/words';\nvi.mock('../src/strings/words', () => ({ upper }));\ndeclare const vi: { mock(path: string, make: () => object): void };\n",
  });
});

test('Path aliases and baseUrl imports stay, and their targets follow; an import of an index stays a folder import.', async () => {
  const { status, changed, typeErrors } = await moved(
    {
      'tsconfig.json': tsconfig({ paths: { '@/*': ['./src/*'], '~lib': ['./src/lib/index.ts'] } }),
      'jsconfig.json': '{ "compilerOptions": { "baseUrl": "src" } }',
      'src/lib/index.ts': "export * from './part';\n",
      'src/lib/part.ts': "import { a as b } from '@/lib';\nexport const part = (): number => b;\nexport const a = 1;\n",
      'src/use.ts': "import { part } from '@/lib';\nimport { a } from './lib';\nexport const p = [part, a];\n",
      'src/by-part.ts': "export { part } from '@/lib/part';\n",
      'src/by-index.ts': "export { part } from './lib/index';\n",
    },
    'src/lib',
    'src/shared/core',
  );
  assert.deepEqual([status, typeErrors], ['ok', []]);
  assert.deepEqual(changed, {
    'tsconfig.json': tsconfig({ paths: { '@/*': ['./src/*'], '~lib': ['./src/shared/core/index.ts'] } }),
    'src/shared/core/part.ts':
      "import { a as b } from '@/shared/core';\nexport const part = (): number => b;\nexport const a = 1;\n",
    'src/use.ts':
      "import { part } from '@/shared/core';\nimport { a } from './shared/core';\nexport const p = [part, a];\n",
    'src/by-part.ts': "export { part } from '@/shared/core/part';\n",
    'src/by-index.ts': "export { part } from './shared/core/index';\n",
  });
});

test('A file beside a folder of its own name is named, not taken for the folder.', async () => {
  const { status, changed } = await moved(
    {
      'package.json': '{}',
      'lib.js': 'exports.top = 1;\n',
      'lib/errors.js': 'exports.kind = 1;\n',
      'lib/handler.js': "exports.own = [require('./errors'), require('../lib'), require('.').all];\n",
      'lib/index.js': 'exports.all = 1;\n',
      'lib/use.js': "exports.use = [require('./handler'), require('./errors')];\n",
    },
    'lib/handler.js',
    'lib/errors/handler.js',
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    // `..` would be the folder, whose index is another module than the file `lib.js`.
    'lib/errors/handler.js': "exports.own = [require('../errors'), require('../../lib'), require('..').all];\n",
    'lib/use.js': "exports.use = [require('./errors/handler'), require('./errors')];\n",
  });
});

test('A path that is not there is answered with the one whose end is most alike.', async () => {
  const files = {
    'a/index.ts': 'export {};\n',
    'src/days/index.ts': 'export {};\n',
    'src/hours/index.ts': 'export {};\n',
  };
  const { status, message } = await moved(files, 'pkgs/core/src/days/index.ts', 'src/weeks/index.ts');
  assert.equal(status, 'not_found');
  assert.match(message, /Did you mean src\/days\/index\.ts\?$/);
});

test('A report counts one as one.', async () => {
  const files = { 'a.ts': 'export const a = 1;\n', 'b.ts': "import { a } from './a';\nexport const b = a;\n" };
  const { message } = await moved(files, 'a.ts', 'c.ts');
  assert.equal(message, 'a.ts → c.ts: 1 file moves, 1 import changes.');
});

test('CommonJS, JSON, styles and binary files move with a folder; imports between moved files stay.', async () => {
  const { status, moves, changed } = await moved(
    {
      'lib/a.js':
        "const b = require('./b');\nconst data = require('../data.json');\nrequire('./style.css');\nmodule.exports = { b, data };\n",
      'lib/b.js': 'module.exports = 1;\n',
      'lib/style.css': 'a {}\n',
      'lib/image.png': Buffer.from([0x89, 0x50, 0, 0xff]),
      'data.json': '{}\n',
      'index.js':
        "const a = require('./lib/a');\nconst { b } = require('./lib/a.js');\nmodule.exports = [a, b, require.resolve('./lib/b')];\n",
    },
    'lib',
    'source/inner/',
  );
  assert.equal(status, 'ok');
  assert.equal(moves.length, 4);
  assert.deepEqual(changed, {
    'source/inner/lib/a.js':
      "const b = require('./b');\nconst data = require('../../../data.json');\nrequire('./style.css');\nmodule.exports = { b, data };\n",
    'index.js':
      "const a = require('./source/inner/lib/a');\nconst { b } = require('./source/inner/lib/a.js');\nmodule.exports = [a, b, require.resolve('./source/inner/lib/b')];\n",
  });
});

test('A file may be named without its ending, get a new ending, and become an index or cease to be one.', async () => {
  const files = {
    'tsconfig.json': tsconfig({ jsx: 'preserve' }),
    'src/view/index.ts': "import { x } from '..';\nexport const view = () => x;\n",
    'src/index.ts': 'export const x = 1;\n',
    'src/use.ts': "import { view } from './view';\nexport const v = view;\n",
    'src/view/self.ts': "export { view } from '.';\n",
  };
  const { status, changed, moves, typeErrors } = await moved(files, 'src/view/index', 'src/view/view.tsx');
  assert.deepEqual([status, typeErrors], ['ok', []]);
  assert.deepEqual(moves, [['src/view/index.ts', 'src/view/view.tsx']]);
  assert.deepEqual(changed, {
    'src/use.ts': "import { view } from './view/view';\nexport const v = view;\n",
    'src/view/self.ts': "export { view } from './view';\n",
  });
});

test('A package entry that moves keeps the name of its package, whose package.json follows.', async () => {
  const { status, message, changed } = await moved(
    {
      'packages/a/package.json': '{ "name": "@x/a", "main": "src/index.ts" }',
      'packages/a/src/index.ts': 'export const a = 1;\n',
      'packages/b/use.ts': "import { a } from '@x/a';\nexport const b = a;\n",
    },
    'packages/a/src/index.ts',
    'packages/a/src/main.ts',
  );
  assert.deepEqual(changed, { 'packages/a/package.json': '{ "name": "@x/a", "main": "src/main.ts" }' });
  assert.equal(status, 'ok');
  assert.match(message, /0 imports change\. packages\/a\/package\.json follows\.$/);
});

test('A package entry that is found by what is built from it is unplaced, where it is named and where it is used.', async () => {
  const { status, unplaced, changed } = await moved(
    {
      'packages/a/package.json': '{ "name": "@x/a", "main": "dist/index.js" }',
      'packages/a/src/index.ts': 'export const a = 1;\n',
      'packages/b/use.ts': "import { a } from '@x/a';\nexport const b = a;\n",
    },
    'packages/a/src/index.ts',
    'packages/a/src/main.ts',
  );
  assert.deepEqual([status, changed], ['unplaced', {}]);
  assert.deepEqual(unplaced, [
    "packages/b/use.ts:1:20 the package that '@x/a' names leads here; its package.json decides",
    'packages/a/package.json:1:28 names packages/a/src/index.ts',
  ]);
});

test('A script and the declarations beside it move together, whichever of them is named.', async () => {
  const files = {
    'lib/core.js': 'module.exports = 1;\n',
    'lib/core.d.ts': 'declare const core: 1;\nexport = core;\n',
    'lib/a.module.css': '.a {}\n',
    'lib/a.module.css.d.ts': 'export const a: string;\n',
    'index.js': "require('./lib/core');\nrequire('./lib/core.js');\nimport('./lib/a.module.css');\n",
  };
  for (const [from, to] of [
    ['lib/core.js', 'lib/base/kernel.js'],
    ['lib/core.d.ts', 'lib/base/kernel.d.ts'],
    ['lib/core', 'lib/base/kernel'],
  ] as const) {
    const { status, moves, changed } = await moved(files, from, to);
    assert.equal(status, 'ok', from);
    assert.deepEqual(Object.fromEntries(moves), {
      'lib/core.js': 'lib/base/kernel.js',
      'lib/core.d.ts': 'lib/base/kernel.d.ts',
    });
    assert.deepEqual(changed, { 'index.js': files['index.js'].replaceAll('lib/core', 'lib/base/kernel') });
  }
  const styles = await moved(files, 'lib/a.module.css', 'css/a.module.css');
  assert.equal(styles.moves.length, 2);
  assert.match(styles.changed['index.js'] ?? '', /import\('\.\/css\/a\.module\.css'\)/);
});

test('A missing source, a taken destination and a path outside are refused before anything changes.', async () => {
  const files = { 'a.ts': 'export {};\n', 'b.ts': 'export {};\n', 'd/c.ts': 'export {};\n' };
  for (const [from, to, status] of [
    ['x.ts', 'y.ts', 'not_found'],
    ['a.ts', 'b.ts', 'clash'],
    ['a.ts', '../a.ts', 'refused'],
    ['d', 'd/e', 'refused'],
    ['a.ts', './a.ts', 'nothing'],
  ] as const) {
    const result = await moved(files, from, to);
    assert.deepEqual({ status: result.status, moves: result.moves }, { status, moves: [] });
  }
});

test('A source and the script beside it move together: ./a.js means both.', async () => {
  const files = {
    'src/types.ts': 'export type A = 1;\n',
    'src/types.js': 'export default {};\n',
    'src/use.js': "/** @type {import('./types.js').A} */\nexport const a = 1;\n",
    'src/other.ts': "import './types.js';\n",
  };
  for (const from of ['src/types.ts', 'src/types.js']) {
    const { status, changed, moves } = await moved(files, from, from.replace('src/', 'src/api/'));
    assert.equal(status, 'ok');
    assert.deepEqual(
      moves
        .flat()
        .filter((path) => path.startsWith('src/api/'))
        .toSorted(),
      ['src/api/types.js', 'src/api/types.ts'],
    );
    assert.deepEqual(changed, {
      'src/use.js': "/** @type {import('./api/types.js').A} */\nexport const a = 1;\n",
      'src/other.ts': "import './api/types.js';\n",
    });
  }
});
