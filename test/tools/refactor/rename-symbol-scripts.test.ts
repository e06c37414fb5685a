import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renamed } from './renamed.ts';

/** Goal: a rename follows into the scripts of other files, and what stands around them stays right or is told. Method: see renamed.ts. */
const api = 'export function old(n: number) {\n  return n;\n}\n';
const rename = { symbol: 'old', to: 'fresh' };
const vue = (script: string, template: string) =>
  `<template>\n  <p class="old">It's ${template} old</p>\n</template>\n<script setup lang="ts">\n${script}\n</script>\n`;

test('A name in scripts is renamed, and what only looks like it stays', async () => {
  const files = {
    'src/api.ts': api,
    'src/a.vue': vue("import { old } from './api'\nconst b = old(2)", '{{ b }}'),
    'src/b.svelte': "<script>\n  import { old } from './api';\n  const old2 = old(1);\n</script>\n<p>{old2}</p>\n",
    'src/c.astro': "---\nimport * as api from './api';\nconst a = api.old(1);\n---\n<p>{a} old</p>\n",
    'docs/d.mdx': "import { old } from '../src/api'\n\nAn old page\n\nexport const a = old(1)\n",
    'src/e.vue': vue('const old = 1', '{{ old }}'),
  };
  const { status, changed, report } = await renamed(files, rename);
  assert.deepEqual([status, report.unplaced], ['ok', []]);
  assert.deepEqual(changed, {
    'src/api.ts': api.replace('old', 'fresh'),
    'src/a.vue': vue("import { fresh } from './api'\nconst b = fresh(2)", '{{ b }}'),
    'src/b.svelte': files['src/b.svelte'].replace('{ old }', '{ fresh }').replace('= old(', '= fresh('),
    'src/c.astro': files['src/c.astro'].replace('api.old', 'api.fresh'),
    'docs/d.mdx': files['docs/d.mdx'].replace('{ old }', '{ fresh }').replace('old(1)', 'fresh(1)'),
  });
});

test('A template keeps the local name of what its script imports', async () => {
  const files = {
    'src/api.ts': `${api}export class OldCard {}\n`,
    'src/a.vue': vue("import { old, type OldCard } from './api'\nconst b: OldCard = old(2)", '{{ old(1) }}'),
    'src/b.svelte': "<script>\n  import { old } from './api';\n  old(1);\n</script>\n{#if $old}<p/>{/if}\n",
    'src/c.vue':
      '<script>\nimport { old as o, OldCard } from \'./api\'\nexport default { components: { OldCard } }\n</script>\n<template><old-card :a="o(1)" /></template>\n',
    'docs/d.mdx': "import { OldCard } from '../src/api'\n\n<OldCard />\n",
  };
  const one = await renamed(files, rename);
  assert.equal(one.status, 'ok');
  assert.deepEqual(one.changed, {
    'src/api.ts': files['src/api.ts'].replace('old', 'fresh'),
    'src/a.vue': files['src/a.vue'].replace('{ old,', '{ fresh as old,'),
    'src/b.svelte': files['src/b.svelte'].replace('{ old }', '{ fresh as old }'),
    'src/c.vue': files['src/c.vue'].replace('old as o', 'fresh as o'),
  });
  const two = await renamed(files, { symbol: 'OldCard', to: 'Tile' });
  assert.equal(two.status, 'ok');
  assert.deepEqual(two.changed, {
    'src/api.ts': files['src/api.ts'].replace('OldCard', 'Tile'),
    'src/a.vue': files['src/a.vue'].replaceAll('OldCard', 'Tile'),
    'src/c.vue': files['src/c.vue'].replace(', OldCard }', ', Tile as OldCard }'),
    'docs/d.mdx': files['docs/d.mdx'].replace('{ OldCard }', '{ Tile as OldCard }'),
  });
});

test('A template uses names in attributes, directives and other spellings', async () => {
  const uses = (name: string, text: string) =>
    `<script setup lang="ts">\nimport { ${name} } from './api'\n</script>\n<template>${text}</template>\n`;
  const files = {
    'src/api.ts': 'export interface Old { a: 1 }\nexport const vOld = {};\nexport const oldCard = {};\n',
    'src/a.vue': `<script setup lang="ts" generic="T extends Old">\nimport type { Old } from './api'\n</script>\n<template><p class="Old">Old {{ t('Old') }}</p></template>\n`,
    'src/b.vue': uses('vOld', '<p v-old="1">vOld</p>'),
    'src/c.vue': uses('oldCard', '<old-card></old-card>'),
    'src/d.svelte': "<script>\n  import { vOld } from './api';\n</script>\n<p use:vOld />\n",
  };
  for (const [name, to, path] of [
    ['Old', 'Fresh', 'src/a.vue'],
    ['vOld', 'vFresh', 'src/b.vue'],
    ['oldCard', 'card', 'src/c.vue'],
    ['vOld', 'vFresh', 'src/d.svelte'],
  ] as const) {
    const { status, changed } = await renamed(files, { symbol: name, to });
    assert.deepEqual([status, changed[path]], ['ok', files[path].replace(`{ ${name} }`, `{ ${to} as ${name} }`)]);
  }
});

test('A sign of comparison in an attribute does not end the element', async () => {
  const files = {
    'src/api.ts': 'export const most = 5;\n',
    'src/a.vue': `<script setup>\nimport { most } from './api'\n</script>\n<template>\n<b v-if="1 > 0 && n !== most" title='a > "b"'>most</b></template>\n`,
    'src/b.vue': `<script setup>\nimport { most } from './api'\n</script>\n<template><i title="a > b" :size="n < most"/></template>\n`,
    'src/c.svelte': `<script>\n  import { most } from './api';\n</script>\n<p class={n > 1 ? 'a' : 'b'} style:width={n > most}>most</p>\n`,
    'src/d.vue': `<script setup>\nimport { most } from './api'\nmost\n</script>\n<template><i title="a > most">most</i></template>\n`,
  };
  const { status, changed } = await renamed(files, { symbol: 'most', to: 'max' });
  assert.equal(status, 'ok');
  for (const path of ['src/a.vue', 'src/b.vue', 'src/c.svelte'] as const)
    assert.equal(changed[path], files[path].replace('{ most }', '{ max as most }'));
  assert.equal(changed['src/d.vue'], files['src/d.vue'].replace('{ most }', '{ max }').replace('\nmost', '\nmax'));
});

test('What a template uses without an import, and members there, are told', async () => {
  const files = {
    'src/api.ts': `${api}export interface P { old: number }\nexport const p: P = { old: 1 };\n`,
    'src/a.vue': vue('const b = 1', '{{ old(1) }}'),
    'src/b.astro': "---\nimport * as api from './api';\n---\n<p>{api.old(1)}</p>\n",
    'src/c.vue': vue("import { p } from './api'\np.old", '{{ p.old }}'),
  };
  assert.deepEqual((await renamed(files, rename)).report.unplaced, [
    'src/a.vue:2:26 the part of this file around its scripts is not read',
    'src/b.astro:4:9 the part of this file around its scripts is not read',
    'src/c.vue:2:28 the part of this file around its scripts is not read',
  ]);
  const member = await renamed(files, { symbol: 'P.old', to: 'fresh' });
  assert.equal(member.status, 'unplaced');
  assert.deepEqual(member.changed['src/c.vue'], files['src/c.vue'].replace('\np.old', '\np.fresh'));
});

test('What a script declares is renamed there, and its template is told', async () => {
  const files = { 'src/a.vue': vue('const old = 1\nold', '{{ old }}'), 'src/b.ts': "import A from './a.vue';\nA;\n" };
  const { changed, report } = await renamed(files, rename);
  assert.deepEqual(changed, { 'src/a.vue': vue('const fresh = 1\nfresh', '{{ old }}') });
  assert.deepEqual(report.unplaced, ['src/a.vue:2:26 the part of this file around its scripts is not read']);
});
