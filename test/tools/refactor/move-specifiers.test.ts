// Goal: a specifier follows a move in every form in which code names a module, and in every kind of file that has code.
// Method: small workspaces, moved by the tool; the changed lines are compared as a whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moved } from './moved.ts';

const x = { 'src/x.ts': 'export const x = 1;\n' };

test('calls with comments, backticks and type arguments, casts and types that import are specifiers', async () => {
  const code = (name: string) =>
    [
      `import(/* webpackChunkName: "x" */ './${name}');`,
      `import(\n  // why\n  './${name}',\n);`,
      `import(\`./${name}\`);`,
      `const a = require('./${name}') as typeof import('./${name}');`,
      `require.resolve('./${name}', {});`,
      `import.meta.resolve('./${name}.js');`,
      `new URL('./${name}.ts', import.meta.url);`,
      `const b = await vi.importActual<typeof import('./${name}')>('./${name}');`,
      `jest.mock<Map<string, () => typeof import('./${name}')>>('./${name}', () => ({}));`,
      `vi.mock(import('./${name}'), async (load) => load());`,
      `type T = import('./${name}').T;`,
      `/// <reference path="./${name}.ts" />`,
      `/** @type {import('./${name}').T} */`,
      '',
    ].join('\n');
  const { status, changed } = await moved({ ...x, 'src/use.ts': code('x') }, 'src/x.ts', 'src/y.ts');
  assert.deepEqual({ status, changed }, { status: 'ok', changed: { 'src/use.ts': code('y') } });
});

test('a string that is only a part of an argument, or an argument of another function, is no specifier', async () => {
  const use = "require('./x' + end);\nload('./no');\nnew URL('./no', base);\n";
  const { changed, unplaced } = await moved({ ...x, 'src/use.js': use }, 'src/x.ts', 'src/y.ts');
  assert.deepEqual(changed, {});
  assert.deepEqual(unplaced, ['src/use.js:1:10 names src/x.ts']);
});

test('scripts inside Vue, Svelte, Astro and MDX follow; what their markup names is told', async () => {
  const { changed, unplaced, told } = await moved(
    {
      ...x,
      'a.vue':
        '<script src="./src/x.ts"></script>\n<script setup lang="ts">\nimport { x } from \'./src/x\'\n</script>\n',
      'a.svelte': "<script>\n\timport { x } from './src/x';\n</script>\n",
      'a.astro': "---\nimport { x } from './src/x';\n---\n<script>import './src/x';</script>\n",
      'a.mdx': "import { x } from './src/x'\n\nIt lies in src/x.ts.\n",
      'a.html': '<script type="module" src="/src/x.ts"></script>\n',
    },
    'src/x.ts',
    'lib/x.ts',
  );
  assert.deepEqual(changed, {
    'a.vue': '<script src="./src/x.ts"></script>\n<script setup lang="ts">\nimport { x } from \'./lib/x\'\n</script>\n',
    'a.svelte': "<script>\n\timport { x } from './lib/x';\n</script>\n",
    'a.astro': "---\nimport { x } from './lib/x';\n---\n<script>import './lib/x';</script>\n",
    'a.mdx': "import { x } from './lib/x'\n\nIt lies in src/x.ts.\n",
  });
  assert.deepEqual(unplaced, ['a.html:1:28 names src/x.ts', 'a.vue:1:14 names src/x.ts']);
  assert.deepEqual(told, ['a.mdx:3 names src/x.ts']);
});

test('a Vue component that moves keeps its imports, and is imported where it is', async () => {
  const { status, changed } = await moved(
    {
      'src/A.vue': "<script>\nimport B from './B.vue'\nimport x from '../x'\n</script>\n",
      'src/B.vue': '<template/>\n',
      'x.ts': 'export default 1;\n',
      'main.ts': "import A from './src/A.vue';\n",
    },
    'src/A.vue',
    'src/views/A.vue',
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'src/views/A.vue': "<script>\nimport B from '../B.vue'\nimport x from '../../x'\n</script>\n",
    'main.ts': "import A from './src/views/A.vue';\n",
  });
});

test('style sheets follow: imports, partials and url()', async () => {
  const { status, changed } = await moved(
    {
      'src/a.scss': "@use './b';\n@import 'c';\n.x { background: url(./i.png) url('https://x') }\n",
      'src/b.scss': "@use 'a';\n",
      'src/_c.scss': '',
      'src/i.png': Buffer.from([0x89, 0]),
    },
    'src/a.scss',
    'src/styles/a.scss',
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'src/styles/a.scss': "@use '../b';\n@import '../c';\n.x { background: url(../i.png) url('https://x') }\n",
    'src/b.scss': "@use 'styles/a';\n",
  });
});

test('an import that would lead to another file after the move is written out', async () => {
  const { status, changed } = await moved(
    { 'src/a.ts': '', 'src/c/index.ts': '', 'src/use.ts': "import './c';\nimport './a';\n" },
    'src/a.ts',
    'src/c.ts',
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, { 'src/use.ts': "import './c/index';\nimport './c';\n" });
});

test('an alias that is not known at the new place becomes a relative import', async () => {
  const { status, changed } = await moved(
    {
      'packages/a/tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
      'packages/a/src/x.ts': '',
      'packages/a/src/use.ts': "import '@/x';\n",
      'packages/b/tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./source/*"] } } }',
      'packages/b/source/y.ts': '',
    },
    'packages/a/src/use.ts',
    'packages/b/source/use.ts',
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, { 'packages/b/source/use.ts': "import '../../a/src/x';\n" });
});

test('a specifier whose alias is not known here is told when its end is that of what moves', async () => {
  const { changed, unplaced } = await moved(
    {
      'src/lib/stores/user.ts': '',
      'src/use.ts': [
        "import '$lib/stores/user';",
        "import '~/lib/stores/user';",
        "import '@stores/user';",
        "import 'lodash/user';",
        "import 'user';",
        "import '@scope/stores';",
        '',
      ].join('\n'),
    },
    'src/lib/stores/user.ts',
    'src/lib/account.ts',
  );
  assert.deepEqual(changed, {});
  assert.deepEqual(unplaced, [
    "src/use.ts:1:9 '$lib/stores/user' may lead to src/lib/stores/user.ts by an alias that is not read here",
    "src/use.ts:2:9 '~/lib/stores/user' may lead to src/lib/stores/user.ts by an alias that is not read here",
    "src/use.ts:3:9 '@stores/user' may lead to src/lib/stores/user.ts by an alias that is not read here",
  ]);
});

test('an import of a file that is picked by platform is told', async () => {
  const { unplaced } = await moved(
    { 'src/x.ios.ts': '', 'src/x.android.ts': '', 'src/use.ts': "import './x';\n" },
    'src/x.ios.ts',
    'src/y.ios.ts',
  );
  assert.deepEqual(unplaced, ['src/use.ts:1:9 names src/x.ios.ts']);
});

test('a file that only searches leave out follows as well', async () => {
  const { changed } = await moved(
    { ...x, '.ignore': 'gen\n', '.rgignore': 'gen\n', 'gen/use.ts': "import '../src/x';\n" },
    'src/x.ts',
    'lib/x.ts',
  );
  assert.deepEqual(changed, { 'gen/use.ts': "import '../lib/x';\n" });
});
