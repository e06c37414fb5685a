import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renamed } from './renamed.ts';

/** Goal: a rename is complete whatever a repository's configuration leaves out. Method: see renamed.ts. */
const options = { strict: true, module: 'preserve', noEmit: true, types: [] };
const tsconfig = (more: object = {}, top: object = {}) =>
  JSON.stringify({ compilerOptions: { ...options, ...more }, ...top });

const api = 'export function old() {\n  return 1;\n}\n';
const renamedApi = 'export function fresh() {\n  return 1;\n}\n';
const use = (from: string) => `import { old } from '${from}';\nexport const used = old();\n`;
const renamedUse = (from: string) => `import { fresh } from '${from}';\nexport const used = fresh();\n`;
const rename = { symbol: 'old', to: 'fresh' };

test('Imports by baseUrl, by paths and by paths of an extended configuration with comments are found.', async () => {
  const { status, changed } = await renamed(
    {
      'tsconfig.base.json': `{ // shared\n "compilerOptions": { "baseUrl": "src", "paths": { "@app/*": ["./*"], }, }, }`,
      'jsconfig.json': '{ "extends": "./tsconfig.base" }',
      'src/lib/api.ts': api,
      'src/by-base.ts': use('lib/api'),
      'src/by-path.ts': use('@app/lib/api'),
      'test/by-base.test.ts': use('lib/api'),
    },
    rename,
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'src/lib/api.ts': renamedApi,
    'src/by-base.ts': renamedUse('lib/api'),
    'src/by-path.ts': renamedUse('@app/lib/api'),
    'test/by-base.test.ts': renamedUse('lib/api'),
  });
});

test('Tests and scripts outside include, and files of a second tsconfig, are renamed.', async () => {
  const { status, changed, typeErrors } = await renamed(
    {
      'tsconfig.json': tsconfig({}, { include: ['src'] }),
      'test/tsconfig.json': tsconfig({}, { include: ['.'] }),
      'src/api.ts': api,
      'test/api.test.ts': use('../src/api'),
      'scripts/run.mts': use('../src/api'),
      '.storybook/preview.ts': use('../src/api'),
      'vite.config.js': use('./src/api'),
    },
    rename,
  );
  assert.deepEqual([status, typeErrors], ['ok', []]);
  assert.deepEqual(changed, {
    'src/api.ts': renamedApi,
    'test/api.test.ts': renamedUse('../src/api'),
    'scripts/run.mts': renamedUse('../src/api'),
    '.storybook/preview.ts': renamedUse('../src/api'),
    'vite.config.js': renamedUse('./src/api'),
  });
});

test('A workspace package is renamed through its name, its sub-paths and its relative sources, built or not.', async () => {
  const { status, changed, report } = await renamed(
    {
      'package.json': '{ "workspaces": ["packages/*"] }',
      'packages/core/package.json':
        '{ "name": "@x/core", "main": "dist/index.js", "types": "dist/index.d.ts", "exports": { ".": { "types": "./dist/index.d.ts" }, "./api": "./dist/api.js" } }',
      'packages/core/tsconfig.json': tsconfig({ composite: true, noEmit: false, outDir: 'dist' }, { include: ['src'] }),
      'packages/core/src/index.ts': "export * from './api.js';\n",
      'packages/core/src/api.ts': api,
      'packages/app/package.json': '{ "name": "@x/app", "dependencies": { "@x/core": "*" } }',
      'packages/app/tsconfig.json': JSON.stringify({
        compilerOptions: { ...options, composite: true, noEmit: false },
        references: [{ path: '../core' }],
        include: ['src'],
      }),
      'packages/app/src/by-name.ts': use('@x/core'),
      'packages/app/src/by-sub-path.ts': use('@x/core/api'),
      'packages/app/test/by-name.ts': use('@x/core'),
    },
    rename,
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'packages/core/src/api.ts': renamedApi,
    'packages/app/src/by-name.ts': renamedUse('@x/core'),
    'packages/app/src/by-sub-path.ts': renamedUse('@x/core/api'),
    'packages/app/test/by-name.ts': renamedUse('@x/core'),
  });
  assert.match(report.message, / The entry of @x\/core exports it: its users must follow\.$/);
});

test('A package with a script in front of its built files is renamed by its source, also where paths name it.', async () => {
  const core = {
    'packages/core/package.json': '{ "name": "@x/core", "main": "index.js", "types": "dist/core.d.ts" }',
    'packages/core/index.js': "module.exports = require('./dist/core.cjs.js')\n",
    'packages/core/src/api.ts': api,
  };
  const entry = { 'packages/core/src/index.ts': "export * from './api';\n" };
  const app = { 'packages/app/src/use.ts': use('@x/core') };
  const wanted = { 'packages/core/src/api.ts': renamedApi, 'packages/app/src/use.ts': renamedUse('@x/core') };
  const plain = await renamed({ ...core, ...entry, ...app }, rename);
  assert.deepEqual([plain.status, plain.changed], ['ok', wanted]);
  const paths = tsconfig({ paths: { '@x/*': ['./packages/*/src/main'] } });
  const main = { 'packages/core/src/main.ts': "export * from './api';\n", 'tsconfig.json': paths };
  const named = await renamed({ ...core, ...main, ...app }, rename);
  assert.deepEqual([named.status, named.changed, named.typeErrors], ['ok', wanted, []]);
  const hidden = await renamed({ ...core, ...app }, { ...rename, at: 'packages/core/src/api.ts' });
  assert.equal(hidden.status, 'unplaced');
  assert.match(
    hidden.report.unplaced[0] ?? '',
    /^packages\/app\/src\/use\.ts:1:\d+ the import of '@x\/core' leads to no file/,
  );
});

test('Two packages may give one path pattern two meanings; each import follows its own package.', async () => {
  const paths = tsconfig({ paths: { '@/*': ['./src/*'] } }, { include: ['src'] });
  const { status, changed, typeErrors } = await renamed(
    {
      'a/tsconfig.json': paths,
      'a/src/api.ts': api,
      'a/src/use.ts': use('@/api'),
      'b/tsconfig.json': paths,
      'b/src/api.ts': api,
      'b/src/use.ts': use('@/api'),
    },
    { ...rename, at: 'b/src/api.ts:1' },
  );
  assert.deepEqual([status, typeErrors], ['ok', []]);
  assert.deepEqual(changed, { 'b/src/api.ts': renamedApi, 'b/src/use.ts': renamedUse('@/api') });
});

test('A workspace package whose paths lead nowhere is renamed by its name, in scripts of Vue files as well.', async () => {
  const { status, changed, report } = await renamed(
    {
      'package.json': '{ "workspaces": ["packages/*"] }',
      'tsconfig.json': tsconfig(
        { baseUrl: '.', paths: { core: ['packages/core/src'] } },
        { include: ['packages/core/src'] },
      ),
      'packages/core/package.json':
        '{ "name": "core", "main": "index.js", "exports": { ".": { "types": "./dist/core.d.ts", "import": "./dist/core.mjs" } } }',
      'packages/core/src/index.ts': "export { old } from './api';\n",
      'packages/core/src/api.ts': api,
      // The target counts from the baseUrl of the configuration that it extends: there is no such file.
      'packages/play/tsconfig.json':
        '{ "extends": "../../tsconfig.json", "compilerOptions": { "paths": { "core": ["../core/src/index.ts"] } } }',
      'packages/play/src/use.ts': use('core'),
      'packages/play/src/View.vue': `<script setup lang="ts">\n${use('core').replace('export ', '')}</script>\n<template><p /></template>\n`,
    },
    { ...rename, at: 'packages/core/src/api.ts' },
  );
  assert.equal(status, 'ok', JSON.stringify(report));
  assert.deepEqual(Object.keys(changed).sort(), [
    'packages/core/src/api.ts',
    'packages/core/src/index.ts',
    'packages/play/src/View.vue',
    'packages/play/src/use.ts',
  ]);
  assert.equal(changed['packages/play/src/use.ts'], renamedUse('core'));
});

test('A generated file that is not ignored is renamed; what .gitignore names is not touched.', async () => {
  const { status, changed } = await renamed(
    {
      '.gitignore': 'dist/\n',
      'src/api.ts': api,
      'src/generated/client.ts': `// GENERATED\n${use('../api')}`,
      'dist/api.js': api,
      'node_modules/x/index.js': api,
    },
    rename,
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'src/api.ts': renamedApi,
    'src/generated/client.ts': `// GENERATED\n${renamedUse('../api')}`,
  });
});

test('What tests take from a build that is not there is renamed with the source it is built from.', async () => {
  const { status, changed, report } = await renamed(
    {
      'package.json': '{ "name": "x", "main": "dist/cjs/index.js", "type": "module" }',
      'src/index.ts': "export * from './api.js';\n",
      'src/api.ts': api,
      'src/other.ts': "export const old = 'another';\n",
      'test/named.js': "import { old, y } from '../dist/esm/index.js';\nold() + y();\n",
      'test/whole.js': "import * as x from '/base/dist/esm/index.mjs';\nx.old();\n",
      'test/required.cjs': "const { old } = require('../dist/cjs/index.js');\nold();\n",
      'test/other.js': "import { old } from '../dist/esm/other.js';\nold.trim();\n",
      'test/default.js': "import x from '../dist/esm/index.js';\nx.old();\n",
      'test/unknown.js': "import * as x from '../made/elsewhere.js';\nx.old();\n",
    },
    { ...rename, at: 'src/api.ts' },
  );
  assert.equal(status, 'unplaced');
  assert.deepEqual(report.unplaced, [
    "test/default.js:2:3 the import of '../dist/esm/index.js' leads to no file of the workspace",
    "test/unknown.js:2:3 the import of '../made/elsewhere.js' leads to no file of the workspace",
  ]);
  assert.deepEqual(changed, {
    'src/api.ts': renamedApi,
    'test/named.js': "import { fresh, y } from '../dist/esm/index.js';\nfresh() + y();\n",
    'test/whole.js': "import * as x from '/base/dist/esm/index.mjs';\nx.fresh();\n",
    'test/required.cjs': "const { fresh } = require('../dist/cjs/index.js');\nfresh();\n",
  });
});

test('A committed build is neither what is meant nor changed, and its copies are told.', async () => {
  const { status, changed, report } = await renamed(
    { 'src/api.ts': api, 'dist/bundle.js': 'function old() {}\nold();\n', 'dist/bundle.min.js': 'n.old=old;\n' },
    rename,
  );
  assert.deepEqual([status, changed], ['ok', { 'src/api.ts': renamedApi }]);
  assert.match(report.message, / 4 of another symbol \(4 in built files\) and /);
  const bundle = 'function old() {}\nold();\n';
  const named = await renamed({ 'src/api.ts': api, 'dist/a.js': bundle }, { ...rename, at: 'dist/a.js' });
  assert.deepEqual(named.changed, { 'dist/a.js': bundle.replaceAll('old', 'fresh') });
});

test('A hand-written declaration file is renamed with the JavaScript beside it, whichever was found first.', async () => {
  const { status, changed, typeErrors } = await renamed(
    {
      'tsconfig.json': tsconfig({ module: 'nodenext' }),
      'package.json': '{ "type": "module" }',
      'm.d.ts': 'export declare function old(): number;\n',
      'm.js': api,
      'use.ts': use('./m.js'),
      'use.js': use('./m.js'),
    },
    rename,
  );
  assert.deepEqual([status, typeErrors], ['ok', []]);
  assert.deepEqual(changed, {
    'm.d.ts': 'export declare function fresh(): number;\n',
    'm.js': renamedApi,
    'use.ts': renamedUse('./m.js'),
    'use.js': renamedUse('./m.js'),
  });
});

test('Declaration files that re-export are followed into the JavaScript beside them, and back.', async () => {
  const files = {
    'package.json': '{ "type": "module" }',
    'types/api.d.ts': 'export declare function old(): number;\n',
    'index.d.ts': "export { old } from './types/api.js';\n",
    'index.js': "import { make } from './lib.js';\nconst { old } = make();\nexport { old };\n",
    'lib.js': 'export const make = () => ({ old: () => 1 });\n',
    'test.js': "import { old } from './index.js';\nold();\n",
  };
  const { status, changed } = await renamed(files, { ...rename, at: 'types/api.d.ts' });
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'types/api.d.ts': 'export declare function fresh(): number;\n',
    'index.d.ts': "export { fresh } from './types/api.js';\n",
    'index.js': "import { make } from './lib.js';\nconst { old: fresh } = make();\nexport { fresh };\n",
    'test.js': "import { fresh } from './index.js';\nfresh();\n",
  });
});

test('Only files in scope are changed; the sites elsewhere are counted all the same.', async () => {
  const { changed, report } = await renamed(
    { 'src/api.ts': api, 'src/use.ts': use('./api'), 'test/use.ts': use('../src/api') },
    { ...rename, scope: ['src/**'] },
  );
  assert.deepEqual(changed, { 'src/api.ts': renamedApi, 'src/use.ts': renamedUse('./api') });
  assert.deepEqual(report.counts, { target: 5, otherSymbol: 0, text: 0, unplaced: 0 });
});

test('An import that leads nowhere is unplaced, with the reason.', async () => {
  const { status, report } = await renamed(
    {
      'src/api.ts': api,
      'src/lost.ts': use('./gone'),
      'src/foreign.ts': use('foreign'),
    },
    rename,
  );
  assert.equal(status, 'unplaced');
  assert.deepEqual(report.unplaced, [
    "src/lost.ts:1:10 the import of './gone' leads to no file of the workspace",
    "src/lost.ts:2:21 the import of './gone' leads to no file of the workspace",
  ]);
});
