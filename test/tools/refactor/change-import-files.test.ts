import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChangeImportArguments } from '../../../tools/contracts/change-import.ts';
import { prepare } from '../../../tools/refactor/change-import.run.ts';
import { codeFixture, reportOf } from '../code/code-fixture.ts';

/** Goal: imports change in every file that has scripts, and files that are not read are told. Method: real files. */
async function changed(
  files: Record<string, string | Buffer>,
  parsed: Partial<ChangeImportArguments> & { from: string; to: string } = { from: 'old', to: 'fresh' },
) {
  await using fixture = codeFixture(files);
  const prepared = await prepare({ dry_run: false, rename: {}, ...parsed }, fixture.context);
  fixture.apply(prepared);
  const report = reportOf(prepared);
  const after = Object.keys(files).filter((path) => fixture.read(path) !== files[path]?.toString());
  return { ...report, changed: Object.fromEntries(after.map((path) => [path, fixture.read(path)])) };
}

test('Imports change in the scripts of Vue, Svelte, Astro and MDX files', async () => {
  const files = {
    'a.vue':
      "<template>\n  <p>It's {{ a }} from 'old'</p>\n</template>\n<script setup>\nimport { a } from 'old'\n</script>\n",
    'b.svelte': '<script lang="ts">\n\timport type { a } from "old";\n</script>\n<p>{a}</p>\n',
    'c.astro': "---\nimport { a } from 'old';\n---\n<p>{a}</p>\n<script>\n  import('old')\n</script>\n",
    'd.mdx': "import { a } from 'old'\n\n# It's a\n\n```js\nimport { a } from 'old'\n```\n",
  };
  const { changed: after, counts, status } = await changed(files);
  assert.equal(status, 'ok');
  assert.equal(counts.target, 5);
  assert.deepEqual(after, {
    'a.vue': files['a.vue'].replace("import { a } from 'old'", "import { a } from 'fresh'"),
    'b.svelte': files['b.svelte'].replace('"old"', '"fresh"'),
    'c.astro': files['c.astro'].replaceAll("'old'", "'fresh'"),
    'd.mdx': files['d.mdx'].replace("'old'", "'fresh'"),
  });
});

test('Renamed names keep their local names for a template; a namespace used in one is told', async () => {
  const files = {
    'a.vue': "<script setup>\nimport { a, b } from 'old'\n</script>\n<template>{{ a(b) }}</template>\n",
    'b.vue': "<script setup>\nimport * as m from 'old'\nm.a()\n</script>\n<template>{{ m.a() + m.b }}</template>\n",
  };
  const { changed: after, unplaced } = await changed(files, { from: 'old', to: 'fresh', rename: { a: 'x' } });
  assert.deepEqual(after, {
    'a.vue': files['a.vue'].replace("{ a, b } from 'old'", "{ x as a, b } from 'fresh'"),
    'b.vue': files['b.vue'].replace("'old'\nm.a()", "'fresh'\nm.x()"),
  });
  assert.deepEqual(unplaced, ['b.vue:5:16 the part of this file around its scripts is not changed']);
});

test('Names in comments that the compiler reads are renamed', async () => {
  const text =
    "/** @import { a, b as c } from 'old' */\n/** @typedef {import('old').a} A */\n" +
    "/** @type {import('old').b<import('old').a>} see a */\nlet x;\n";
  const { changed: after } = await changed({ 'a.js': text }, { from: 'old', to: 'fresh', rename: { a: 'x', b: 'y' } });
  const wanted =
    "/** @import { x as a, y as c } from 'fresh' */\n/** @typedef {import('fresh').x} A */\n" +
    "/** @type {import('fresh').y<import('fresh').x>} see a */\nlet x;\n";
  assert.deepEqual(after, { 'a.js': wanted });
});

test('In a language that is not read, the imports and the languages that are read are told', async () => {
  const ruby = { 'shop/cart.rb': '# oldlib\nrequire "oldlib"\nrequire "oldlib/x"\nrequire "oldlib_y"\n' };
  const only = await changed(ruby, { from: 'oldlib', to: 'newlib' });
  assert.equal(only.status, 'refused');
  assert.match(only.message, /^Imports are read in TypeScript, JavaScript, .*2 lines of other languages/);
  assert.deepEqual(only.candidates, ['shop/cart.rb:2:10', 'shop/cart.rb:3:10']);
  const both = await changed({ ...ruby, 'a.ts': "import 'oldlib';\n" }, { from: 'oldlib', to: 'newlib' });
  assert.deepEqual(both.changed, { 'a.ts': "import 'newlib';\n" });
  assert.match(both.message, /Imports in other languages are not read, as at shop\/cart\.rb:2:10\.$/);
  const page = { 'a.html': '<script type="module">\nimport { a } from "oldlib";\n</script>\n' };
  assert.equal((await changed(page, { from: 'oldlib', to: 'newlib' })).status, 'refused');
});

test('A file that is not read as text is told, and no file outside the named paths', async () => {
  const files = { 'a.js': "import 'old';\n", 'b.js': Buffer.from("import 'old'; // \xe9\n", 'latin1') };
  const all = await changed(files);
  assert.deepEqual([all.status, all.unplaced], ['unplaced', ['b.js:1:1 not read: too large or not UTF-8']]);
  assert.equal((await changed(files, { from: 'old', to: 'fresh', paths: ['a.js'] })).status, 'ok');
  const none = await changed(files, { from: 'old', to: 'fresh', paths: ['c/**'] });
  assert.deepEqual(
    [none.status, none.message],
    ['nothing', 'No import of old was found. Outside the named paths: 1 place in 1 file.'],
  );
});
