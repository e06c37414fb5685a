import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptsIn } from '../../../tools/code/script-blocks.ts';
import { textFileOf } from '../../../tools/files/text-file.ts';

/** Goal: the scripts inside other files are read, and nothing else. Method: texts, and the blanked text that is read. */
function read(path: string, text: string) {
  const scripts = scriptsIn(textFileOf(path, text));
  assert.ok(scripts);
  assert.equal(scripts.text.length, text.length);
  for (const { start, end } of scripts.blocks) assert.equal(scripts.text.slice(start, end), text.slice(start, end));
  const code = scripts.text.split(/\r?\n/).map((line) => line.trimEnd());
  return { path: scripts.path, code: code.filter((line) => line !== '') };
}

test('The scripts of a Vue file are read by their language, with their offsets', () => {
  const text =
    '<!-- <script>no()</script> -->\n<template><p :title="it\'s">é{{ a }}</p></template>\r\n' +
    '<script lang="ts" generic="T extends Record<string, \'a\'>">\nexport const a = 1\n</script>\n' +
    "<script setup lang='ts'>\nb()\n</script>\n<style>.c { color: red }</style>\n";
  assert.deepEqual(read('a.vue', text), { path: 'a.vue.ts', code: ['export const a = 1', 'b()'] });
  assert.equal(read('a.vue', '<template/>').path, 'a.vue.js');
  assert.equal(read('a.vue', '<script lang="tsx">\nb()</script>').path, 'a.vue.tsx');
});

test('A script without content of its own does not hold the next one', () => {
  const text = '<script src="./apart.ts" />\n<template/>\n<script lang="ts">\na()\n</script>';
  assert.deepEqual(read('a.vue', text), { path: 'a.vue.ts', code: ['a()'] });
});

test('A script that holds data is no script', () => {
  const text = '<script type="application/ld+json">{}</script><script type="module">\na()\n</script>';
  assert.deepEqual(read('a.svelte', text).code, ['a()']);
});

test('An Astro file has its code between dashes and in its scripts', () => {
  const text = "---\nimport a from './a'\n---\n<p>{a}</p>\n---\n<script>\nb()\n</script>\n";
  assert.deepEqual(read('a.astro', text), { path: 'a.astro.ts', code: ["import a from './a'", 'b()'] });
  assert.deepEqual(read('a.astro', '<p>a</p>\n---\nno()\n---\n').code, []);
});

test('An MDX file has its imports and exports, outside fenced code', () => {
  const text =
    "---\ntitle: a\n---\nimport { a } from './a'\nimport { b } from './b'\n\nimporting is easy\n\n" +
    "```js\nimport no from 'no'\n```\n\nexport const c = {\n  a,\n}\n\n<a.B />\nTo import one";
  const code = ["import { a } from './a'", "import { b } from './b'", 'export const c = {', '  a,', '}'];
  assert.deepEqual(read('a.mdx', text), { path: 'a.mdx.tsx', code });
});

test('Code itself is no file with scripts inside', () => {
  assert.equal(scriptsIn(textFileOf('a.ts', 'a()')), undefined);
});
