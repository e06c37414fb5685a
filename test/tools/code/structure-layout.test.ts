import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rewriteStructure } from '../../../tools/contracts/rewrite-structure.ts';
import { prepare } from '../../../tools/refactor/rewrite-structure.run.ts';
import { codeFixture, reportOf } from './code-fixture.ts';

/**
 * Goal: of a match only what differs between pattern and template changes; layout and comments stay.
 * Method: one file with one match, before and after.
 */
async function one(source: string, pattern: string, rewrite: string, path = 'a.ts') {
  await using fixture = codeFixture({ [path]: source });
  const prepared = await prepare(rewriteStructure.arguments.parse({ pattern, rewrite }), fixture.context);
  fixture.apply(prepared);
  return { text: fixture.read(path), report: reportOf(prepared) };
}

const cases: [title: string, pattern: string, rewrite: string, before: string, after: string][] = [
  ['a callee', 'a.b($X, $Y)', 'c.d($X, $Y)', 'a.b(\n  1, // one\n  2,\n);', 'c.d(\n  1, // one\n  2,\n);'],
  ['a callee over lines', 'a.b($X)', 'a.c($X)', 'a\n  // why\n  .b(1)', 'a\n  // why\n  .c(1)'],
  ['a wrapped argument', 'f($X)', 'f(g($X))', 'f(\n  /* x */ 1,\n)', 'f(g(\n  /* x */ 1,\n))'],
  ['a new last argument', 'f($X)', 'f($X, true)', 'f(\n  1,\n)', 'f(\n  1, true,\n)'],
  ['a new first argument', 'f($X)', 'f(c, $X)', 'f(\n  1\n)', 'f(\n  c, 1\n)'],
  ['a lost last argument', 'f($X, $Y)', 'f($X)', 'f(\n  1,\n  2\n)', 'f(\n  1\n)'],
  ['a lost first argument', 'f($X, $Y)', 'f($Y)', 'f(\n  1,\n  2\n)', 'f(\n  2\n)'],
  ['a comment beside what is lost', 'f($X, $Y)', 'f($X)', 'f(\n  1, // a\n  2 // b\n)', 'f(\n  1 // a\n   // b\n)'],
  [
    'arguments that change places',
    'f($X, $Y)',
    'f($Y, $X)',
    'f(\n  1, // a\n  2, // b\n)',
    'f(\n  2, // a\n  1, // b\n)',
  ],
  ['an operator', '$X == $Y', '$X === $Y', 'a ==\n  b', 'a ===\n  b'],
  ['an operator without spaces', '$X + $Y', '$X - $Y', 'a+b', 'a-b'],
  ['a word for an operator', '$X + $Y', '$X in $Y', 'a+b', 'a in b'],
  ['a word for a sign', '!$X', 'typeof $X', 'y = !x', 'y = typeof x'],
  ['a sign for a word', 'typeof $X', '!$X', 'y = typeof x', 'y = !x'],
  ['a call for a word', 'await $X', 'wait($X)', 'y = await /* why */ x()', 'y = wait( /* why */ x())'],
  ['a method made a function', '$X.then($Y)', 'after($X, $Y)', 'p.then(\n  f,\n)', 'after(p,\n  f,\n)'],
  ['a function made a method', 'after($X, $Y)', '$X.then($Y)', 'after(p, f)', 'p.then(f)'],
  [
    'what the pattern does not name',
    'function f($X) { $$$B }',
    'function g($X) { $$$B }',
    'async function f(a) {\n  b() // c\n}',
    'async function g(a) {\n  b() // c\n}',
  ],
  ['a list that is empty', 'f($$$R)', 'g($$$R)', 'f(/* none */)', 'g(/* none */)'],
  ['an empty list in front', 'f($$$R)', 'g($$$R, x)', 'f()', 'g(x)'],
  ['an empty list behind', 'f($$$R)', 'g(x, $$$R)', 'f(\n)', 'g(\nx)'],
  [
    'a list of several',
    'f($X, $$$R)',
    'g($X, $$$R, 2)',
    'f(\n  1,\n  a, // a\n  b,\n)',
    'g(\n  1,\n  a, // a\n  b, 2,\n)',
  ],
  ['a unpacked call', 'f($X)', '$X', 'y = f(/* z */ x)', 'y = /* z */ x'],
  ['a statement in front', 'f($X);', 'a();\nf($X);', '{\n  f(\n    1);\n}', '{\n  a();\n  f(\n    1);\n}'],
  ['a block around', 'if ($C) return;', 'if ($C) {\n  return;\n}', '  if (a) return;', '  if (a) {\n    return;\n  }'],
  ['properties', '{ a: $X }', '{ b: $X }', 'f({\n  a: 1, // one\n})', 'f({\n  b: 1, // one\n})'],
  ['a name in capitals beside a word', 'get($X)', 'get$X()', 'get(a)', 'geta()'],
];

for (const [title, pattern, rewrite, before, after] of cases) {
  test(`Layout stays: ${title}`, async () => {
    const { text, report } = await one(before, pattern, rewrite);
    assert.deepEqual([text, report.unplaced], [after, []]);
  });
}

test('A comment that has no place in the result is not lost: the match stays and is told', async () => {
  const source = 'function a() {\n  return f(\n    // why\n    x,\n  );\n}\n';
  const { text, report } = await one(source, 'f($X)', '$X');
  assert.equal(text, source);
  assert.deepEqual(
    [report.status, report.message],
    ['refused', 'None of 1 place can be rewritten, as a.ts:2:10: a comment inside would be lost.'],
  );
});

test('Line ends of the file are kept, also in new lines', async () => {
  const { text } = await one('  f(\r\n    1,\r\n  );\r\n', 'f($X);', 'g($X);\nh();');
  assert.equal(text, '  g(\r\n    1,\r\n  );\r\n  h();\r\n');
});

test('Scripts inside other files are rewritten, and what stands around them is told', async () => {
  const vue =
    '<script setup>\nbox(\n  1, // one\n)\n</script>\n<template>\n  <p class="box">It\'s {{ box (2) }}</p>\n</template>\n';
  const { text, report } = await one(vue, 'box($X)', 'tray($X)', 'a.vue');
  assert.equal(text, vue.replace('box(\n', 'tray(\n'));
  assert.deepEqual(report.unplaced, ['a.vue:7:26 the part of this file around its scripts is not changed']);
  const mdx = "import { box } from 'box'\n\nSome box(1) here\n\nexport const a = box(2)\n";
  assert.equal((await one(mdx, 'box($X)', 'tray($X)', 'a.mdx')).text, mdx.replace('box(2)', 'tray(2)'));
  const only = await one(
    '<template>{{ box(2) }}</template>\n<script>\na()\n</script>\n',
    'box($X)',
    'tray($X)',
    'a.vue',
  );
  assert.equal(only.report.status, 'refused');
});
