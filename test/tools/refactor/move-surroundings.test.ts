// Goal: a file that comes into another package, or away from what belongs to it by its place, is told.
// Method: two packages of different kinds; mocks and snapshots beside a module.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moved } from './moved.ts';

const packages = {
  'package.json': '{ "private": true, "devDependencies": { "typescript": "1" } }',
  'packages/a/package.json': '{ "name": "@x/a", "type": "module", "dependencies": { "lodash": "1", "@y/z": "1" } }',
  'packages/b/package.json': '{ "name": "@x/b", "dependencies": { "@y/z": "1" } }',
  'packages/a/use.js':
    "import 'node:fs';\nimport 'lodash/fp';\nimport '@y/z';\nimport 'typescript';\nimport '@x/a';\nimport './near.js';\n",
  'packages/a/near.js': '',
};

test('a module that comes into another package is told what that package does not list, and that it is read otherwise', async () => {
  const { unplaced } = await moved(packages, 'packages/a/use.js', 'packages/b/use.js');
  assert.deepEqual(unplaced, [
    'packages/a/use.js:1:1 is module by packages/a/package.json, and would be commonjs by packages/b/package.json',
    'packages/a/use.js:2:9 packages/b/package.json does not list lodash',
    'packages/a/use.js:5:9 packages/b/package.json does not list @x/a',
  ]);
});

test('a package that moves as a whole, and a file that stays in its package, are not told anything', async () => {
  assert.equal((await moved(packages, 'packages/a/', 'packages/c')).status, 'ok');
  assert.equal((await moved(packages, 'packages/a/use.js', 'packages/a/in/use.js')).status, 'ok');
});

test('mocks and snapshots that stay where the module was are told; those that move along are not', async () => {
  const files = {
    'src/x.ts': '',
    'src/__mocks__/x.ts': '',
    'src/x.test.ts': "import './x';\n",
    'src/__snapshots__/x.test.ts.snap': '\n',
  };
  const mock = await moved(files, 'src/x.ts', 'src/y.ts');
  assert.deepEqual(mock.unplaced, ['src/__mocks__/x.ts:1:1 belongs to src/x.ts by its place and name, and stays']);
  const snapshot = await moved(files, 'src/x.test.ts', 'test/x.test.ts');
  assert.deepEqual(snapshot.unplaced, [
    'src/__snapshots__/x.test.ts.snap:1:1 belongs to src/x.test.ts by its place and name, and stays',
  ]);
  assert.equal((await moved(files, 'src/', 'lib')).status, 'ok');
});
