import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundlerAliases } from '../../../tools/code/bundler-aliases.ts';
import { sourceFiles } from '../../../tools/files/source-files.ts';
import { renamed } from '../refactor/renamed.ts';
import { codeFixture } from './code-fixture.ts';

// Goal: aliases that only a bundler's configuration or a framework gives lead a rename to its uses; an alias that nothing
// explains stops it. Method: repositories with one import by the alias each; then the aliases as they are read.
const declared = 'export const old = 1;\n';
const used = (specifier: string) => `import { old } from '${specifier}';\nexport const use = old;\n`;

const known: [title: string, config: string, text: string, specifier: string, module?: string][] = [
  ['SvelteKit', 'svelte.config.js', 'export default {};\n', '$lib/util.js', 'src/lib/util.ts'],
  [
    'SvelteKit with its own folder',
    'svelte.config.js',
    "export default { kit: { files: { lib: 'source' } } };\n",
    '$lib/util',
    'source/util.ts',
  ],
  [
    'SvelteKit alias',
    'svelte.config.js',
    "export default { kit: { alias: { $data: './src/data' } } };\n",
    '$data/util',
    'src/data/util.ts',
  ],
  ['Nuxt', 'nuxt.config.ts', 'export default defineNuxtConfig({});\n', '~/util', 'util.ts'],
  ['Nuxt 4', 'nuxt.config.ts', 'export default defineNuxtConfig({});\n', '@/util', 'app/util.ts'],
  ['Vue CLI', 'vue.config.js', 'module.exports = {};\n', '@/util'],
  [
    'Vite, a URL',
    'vite.config.ts',
    "export default { resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } } };\n",
    '@/util',
  ],
  [
    'Vite, a path in pieces',
    'vite.config.ts',
    "export default { resolve: { alias: { '~lib': path.resolve(__dirname, 'src') } } };\n",
    '~lib/util',
  ],
  [
    'Vite, a list',
    'vite.config.ts',
    "export default { resolve: { alias: [{ find: '@', replacement: '/src' }] } };\n",
    '@/util',
  ],
  [
    'webpack',
    'webpack.config.js',
    `module.exports = { resolve: { alias: { Util$: \`\${__dirname}/src/util.ts\` } } };\n`,
    'Util',
  ],
];
for (const [title, config, text, specifier, module = 'src/util.ts'] of known)
  test(`An alias of ${title} leads to its file`, async () => {
    const files = { [config]: text, [module]: declared, 'src/use.ts': used(specifier) };
    const { status, changed } = await renamed(files, { symbol: 'old', to: 'fresh', at: module });
    assert.deepEqual([status, changed['src/use.ts']], ['ok', used(specifier).replaceAll('old', 'fresh')]);
  });

test('In a package of a monorepo an alias holds below its configuration', async () => {
  const files = {
    'packages/web/vite.config.ts': "export default { resolve: { alias: { '@': './src' } } };\n",
    'packages/web/src/util.ts': declared,
    'packages/web/src/use.ts': used('@/util'),
    'packages/api/vite.config.ts': "export default { resolve: { alias: { '@': './lib' } } };\n",
    'packages/api/lib/util.ts': declared,
    'packages/api/lib/use.ts': used('@/util'),
  };
  const { status, changed } = await renamed(files, { symbol: 'old', to: 'fresh', at: 'packages/web/src/util.ts' });
  const wanted = ['packages/web/src/use.ts', 'packages/web/src/util.ts'];
  assert.deepEqual([status, Object.keys(changed).toSorted()], ['ok', wanted]);
});

for (const specifier of ['$lib/util', '~/util', '#internal', '@/any', '@app/util', 'app/util'])
  test(`'${specifier}' without a configuration stops a rename`, async () => {
    const files = { 'src/app/util.ts': declared, 'src/use.ts': used(specifier) };
    const { status, report } = await renamed(files, { symbol: 'old', to: 'fresh', at: 'src/app/util.ts' });
    assert.equal(status, 'unplaced');
    assert.match(report.unplaced[0] ?? '', /^src\/use\.ts:1:10 the import of '.*' leads to no file/);
  });

for (const specifier of ['left-pad', '@scope/other', 'lodash/get', '$app/stores', 'node:util'])
  test(`'${specifier}' is no alias of the file`, async () => {
    const files = { 'src/app/util.ts': declared, 'src/use.ts': used(specifier) };
    const { status, changed } = await renamed(files, { symbol: 'old', to: 'fresh', at: 'src/app/util.ts' });
    assert.deepEqual([status, Object.keys(changed)], ['ok', ['src/app/util.ts']]);
  });

test('A path that is not there, a package and a value that is computed are no aliases', async () => {
  await using fixture = codeFixture({
    'vite.config.ts':
      "export default { resolve: { alias: { '@': './gone', vue: 'vue/dist/vue.js', x: made(), '#a': '../up' } } };\n",
    'src/a.ts': '',
  });
  const found = bundlerAliases(fixture.workspace, await sourceFiles(fixture.context));
  assert.deepEqual(found, [{ folder: '', paths: {} }]);
});
