import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChangeImportArguments } from '../../../tools/contracts/change-import.ts';
import { prepare } from '../../../tools/refactor/change-import.run.ts';
import { codeFixture, reportOf, sitesOf } from '../code/code-fixture.ts';

/** Goal: a source of imports changes in every way there is to import, and nowhere else. Method: as in move-module.test.ts. */
async function changed(
  files: Record<string, string>,
  parsed: Partial<ChangeImportArguments> & { from: string; to: string },
) {
  await using fixture = codeFixture(files);
  const prepared = await prepare({ dry_run: false, rename: {}, ...parsed }, fixture.context);
  fixture.apply(prepared);
  const after = Object.keys(files).filter((path) => fixture.read(path) !== files[path]);
  const projects = Object.keys(files).filter((path) => path.endsWith('tsconfig.json'));
  return {
    ...reportOf(prepared),
    texts: sitesOf(prepared).flatMap(({ placement, path, line }) => (placement === 'text' ? [`${path}:${line}`] : [])),
    changed: Object.fromEntries(after.map((path) => [path, fixture.read(path)])),
    typeErrors: projects.flatMap((path) => fixture.typeErrors(path)),
  };
}

test('A package changes in imports, exports, require, dynamic and type imports and mocks, not in sub-paths.', async () => {
  const result = await changed(
    {
      'package.json': '{ "dependencies": { "lodash": "4" } }',
      'a.ts':
        "import _, { get } from 'lodash';\nimport type { T } from \"lodash\";\nexport * from 'lodash';\nimport get2 from 'lodash/get';\nimport old = require('lodash');\nexport type U = typeof import('lodash').U | T;\nexport const x = [_, get, get2, old, 'lodash', await import('lodash')]; // lodash\n",
      'b.cjs':
        "const { get } = require('lodash');\njest.mock('lodash', () => ({ get }));\nrequire('not-lodash');\nrequire.resolve('lodash');\n",
    },
    { from: 'lodash', to: 'lodash-es' },
  );
  assert.deepEqual(result.changed, {
    'a.ts':
      "import _, { get } from 'lodash-es';\nimport type { T } from \"lodash-es\";\nexport * from 'lodash-es';\nimport get2 from 'lodash/get';\nimport old = require('lodash-es');\nexport type U = typeof import('lodash-es').U | T;\nexport const x = [_, get, get2, old, 'lodash', await import('lodash-es')]; // lodash\n",
    'b.cjs':
      "const { get } = require('lodash-es');\njest.mock('lodash-es', () => ({ get }));\nrequire('not-lodash');\nrequire.resolve('lodash-es');\n",
  });
  assert.deepEqual(result.texts, ['a.ts:7', 'a.ts:7']);
  assert.deepEqual(result.counts, { target: 9, otherSymbol: 0, text: 2, unplaced: 0 });
  assert.equal(
    result.message,
    'lodash → lodash-es: 9 places in 2 files; 2 mentions in strings or comments stay. package.json does not list lodash-es: add it (npm install lodash-es) before it runs.',
  );
});

test('Sub-paths change when the source ends with a star, and keep their rest when the target does too.', async () => {
  const files = { 'a.js': "import get from 'lodash/get';\nimport 'lodash';\nimport set from 'lodash/fp/set';\n" };
  const kept = await changed(files, { from: 'lodash/*', to: 'lodash-es/*' });
  assert.deepEqual(kept.changed, {
    'a.js': "import get from 'lodash-es/get';\nimport 'lodash';\nimport set from 'lodash-es/fp/set';\n",
  });
  const dropped = await changed(files, { from: 'lodash/*', to: 'lodash-es' });
  assert.deepEqual(dropped.changed, {
    'a.js': "import get from 'lodash-es';\nimport 'lodash';\nimport set from 'lodash-es';\n",
  });
});

test('Imported names get their new ones without a change of local names.', async () => {
  const { changed: after, status } = await changed(
    {
      'a.ts':
        "import { old, old as kept, other } from 'm';\nexport { old } from 'm';\nexport { old as pub } from 'm';\nimport * as m from 'm';\nexport const all = [old, kept, other, m.old(), m.other];\nexport type T = m.old;\n",
      'b.js':
        "const { old, old: x, other, deep = 1 } = require('m');\nrequire('m').old();\nconst n = require('m');\nn.old(old);\nconst { old: y } = n;\nasync () => (await import('m')).old;\nvi.mock('m', () => ({ old: 1, other: { old: 2 } }));\n",
    },
    { from: 'm', to: 'n', rename: { old: 'fresh' } },
  );
  assert.equal(status, 'ok');
  assert.deepEqual(after, {
    'a.ts':
      "import { fresh as old, fresh as kept, other } from 'n';\nexport { fresh as old } from 'n';\nexport { fresh as pub } from 'n';\nimport * as m from 'n';\nexport const all = [old, kept, other, m.fresh(), m.other];\nexport type T = m.fresh;\n",
    'b.js':
      "const { fresh: old, fresh: x, other, deep = 1 } = require('n');\nrequire('n').fresh();\nconst n = require('n');\nn.fresh(old);\nconst { fresh: y } = n;\nasync () => (await import('n')).fresh;\nvi.mock('n', () => ({ fresh: 1, other: { old: 2 } }));\n",
  });
});

test('A namespace whose name is declared again is unplaced, with its place.', async () => {
  const { status, unplaced } = await changed(
    { 'a.js': "import * as m from 'm';\nm.old();\nexport const f = (m) => m.old();\n" },
    { from: 'm', to: 'n', rename: { old: 'fresh' } },
  );
  assert.equal(status, 'unplaced');
  assert.deepEqual(unplaced, [
    'a.js:2:3 the name before the dot is declared more than once in this file',
    'a.js:3:27 the name before the dot is declared more than once in this file',
  ]);
});

test('What Node brings along needs no package; only the paths asked for are changed.', async () => {
  const {
    changed: after,
    message,
    counts,
  } = await changed(
    { 'src/a.ts': "import fs from 'fs';\nimport 'fs/promises';\n", 'test/a.ts': "import fs from 'fs';\n" },
    { from: 'fs', to: 'node:fs', paths: ['src/**'] },
  );
  assert.deepEqual(after, { 'src/a.ts': "import fs from 'node:fs';\nimport 'fs/promises';\n" });
  assert.equal(message, 'fs → node:fs: 1 place in 1 file. Outside the named paths: 1 place in 1 file.');
  assert.equal(counts.target, 1);
});

test('A module of the workspace is replaced by another, or by a package, however it is imported.', async () => {
  const files = {
    'tsconfig.json': JSON.stringify({
      compilerOptions: { strict: true, module: 'preserve', noEmit: true, types: [], paths: { '@/*': ['./src/*'] } },
    }),
    'src/old.ts': 'export const a = 1;\n',
    'src/deep/fresh.ts': "export { a } from '../old';\n",
    'src/use.ts': "import { a } from './old';\nexport const x = a; // old.ts\n",
    'test/use.ts': "import { a } from '../src/old.js';\nexport const x = a;\n",
    'test/alias.ts': "import { a } from '@/old';\nexport const x = a;\n",
  };
  const moved = await changed(files, { from: 'src/old.ts', to: './src/deep/fresh.ts' });
  assert.deepEqual(moved.typeErrors, []);
  assert.deepEqual(moved.changed, {
    'src/use.ts': "import { a } from './deep/fresh';\nexport const x = a; // old.ts\n",
    'test/use.ts': "import { a } from '../src/deep/fresh.js';\nexport const x = a;\n",
    'test/alias.ts': "import { a } from '@/deep/fresh';\nexport const x = a;\n",
  });
  const replaced = await changed(files, { from: './src/old', to: 'some-package' });
  assert.deepEqual(Object.keys(replaced.changed), ['src/deep/fresh.ts', 'src/use.ts', 'test/use.ts', 'test/alias.ts']);
});

test('A source that nobody imports is nothing to do, with what may have been meant.', async () => {
  const result = await changed({ 'a.ts': "import 'lodas';\n// lodash\n" }, { from: 'lodash', to: 'x' });
  assert.equal(result.status, 'nothing');
  assert.deepEqual(result.changed, {});
});

test('A committed build is left unless it is named, and that is told.', async () => {
  const files = { 'src/a.js': "import 'fs';\n", 'dist/a.cjs': "require('fs');\n" };
  const result = await changed(files, { from: 'fs', to: 'node:fs' });
  assert.deepEqual(result.changed, { 'src/a.js': "import 'node:fs';\n" });
  assert.equal(result.message, 'fs → node:fs: 1 place in 1 file. Built files (dist) are left: build them anew.');
  const named = await changed(files, { from: 'fs', to: 'node:fs', paths: ['dist/**'] });
  assert.deepEqual(named.changed, { 'dist/a.cjs': "require('node:fs');\n" });
});

const written = {
  'src/a.ts': "import { A } from './errors';\nexport const a = A;\n",
  'lib/b.ts': "import { A } from '../src/errors';\nexport const b = A;\n",
  'src/errors.ts': 'export const A = 1;\n',
  'src/faults.ts': 'export const A = 1;\n',
};

test('An import named as the code writes it means the file that it leads to, however others write it', async () => {
  const { status, changed: after } = await changed(written, { from: './errors', to: './faults' });
  assert.equal(status, 'ok');
  assert.deepEqual(after, {
    'src/a.ts': "import { A } from './faults';\nexport const a = A;\n",
    'lib/b.ts': "import { A } from '../src/faults';\nexport const b = A;\n",
  });
  const packaged = await changed(written, { from: './errors', to: '@shop/faults' });
  assert.match(packaged.changed['lib/b.ts'] ?? '', /from '@shop\/faults'/);
});

test('A relative import that leads to several files, or would lead nowhere, changes nothing', async () => {
  const several = {
    ...written,
    'lib/c.ts': "import { A } from './errors';\nA;\n",
    'lib/errors.ts': 'export const A = 2;\n',
  };
  const asked = await changed(several, { from: './errors', to: './faults' });
  assert.deepEqual([asked.status, asked.changed], ['ambiguous', {}]);
  assert.deepEqual(asked.candidates, ['lib/errors.ts', 'src/errors.ts']);
  const gone = await changed(written, { from: './errors', to: './gone' });
  assert.deepEqual([gone.status, gone.changed], ['refused', {}]);
  assert.match(gone.message, /src\/gone is not a file of the workspace/);
});

test('An alias of the repository that leads to no file is refused; one that leads to a file is taken', async () => {
  const files = {
    'svelte.config.js': 'export default {};\n',
    'src/lib/errors.ts': 'export const A = 1;\n',
    'src/lib/faults.ts': 'export const A = 1;\n',
    'src/lib/Page.svelte': '<p>page</p>\n',
    'src/a.ts': "import { A } from '$lib/errors.js';\nexport const a = A;\n",
  };
  const gone = await changed(files, { from: '$lib/errors.js', to: '$lib/gone.js' });
  assert.deepEqual([gone.status, gone.changed], ['refused', {}]);
  for (const to of ['$lib/faults.js', '$lib/faults', '$lib/Page.svelte', '@shop/faults', '$app/faults']) {
    const done = await changed(files, { from: '$lib/errors.js', to });
    assert.deepEqual(done.changed, { 'src/a.ts': `import { A } from '${to}';\nexport const a = A;\n` });
  }
});

test('A name that the new module does not export stops the change with its place', async () => {
  const files = {
    'tsconfig.json': '{ "compilerOptions": { "noEmit": true, "strict": true } }',
    'src/a.ts': 'export const one = 1;\nexport const two = 2;\n',
    'src/b.ts': 'export const one = 1;\n',
    'src/use.ts': "import { one, two } from './a';\nexport const sum = one + two;\n",
    'src/fine.ts': "import { one } from './a';\nexport const half: number = one;\n",
  };
  const stopped = await changed(files, { from: 'src/a.ts', to: 'src/b.ts' });
  assert.equal(stopped.status, 'unplaced');
  assert.equal(stopped.unplaced.length, 1);
  assert.match(
    stopped.unplaced[0] ?? '',
    /^src\/use\.ts:1:15 after the change TypeScript says: .*no exported member.*two/,
  );
  const narrowed = await changed(files, { from: 'src/a.ts', to: 'src/b.ts', paths: ['src/fine.ts'] });
  assert.deepEqual([narrowed.status, Object.keys(narrowed.changed)], ['ok', ['src/fine.ts']]);
  const script = {
    'a.cjs': 'exports.two = 2;\n',
    'b.cjs': 'exports.one = 1;\n',
    'use.cjs': "const { two } = require('./a.cjs');\ntwo();\n",
  };
  const required = await changed(script, { from: 'a.cjs', to: 'b.cjs' });
  assert.equal(required.status, 'unplaced');
});

test('A name that the new module does not export stops the change in scripts inside other files, too', async () => {
  const files = {
    'src/a.ts': 'export const one = 1;\nexport const two = 2;\n',
    'src/b.ts': 'export const one = 1;\n',
    'src/use.vue':
      '<script setup lang="ts">\nimport { one, two } from \'./a\'\n</script>\n<template><p>{{ one + two }}</p></template>\n',
    'src/fine.svelte': "<script>\n  import { one } from './a';\n</script>\n<p>{one}</p>\n",
  };
  const { status, unplaced } = await changed(files, { from: 'src/a.ts', to: 'src/b.ts' });
  assert.equal(status, 'unplaced');
  assert.equal(unplaced.length, 1);
  assert.match(unplaced[0] ?? '', /^src\/use\.vue:2:15 after the change TypeScript says: .*two/);
});
