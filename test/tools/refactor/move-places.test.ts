// Goal: what surrounds a moved file decides where a path leads: its configuration, its neighbours, its own folder.
// Method: small workspaces, one for each kind that a generated repository had shown to be wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moved } from './moved.ts';

test('a path that is added to the own folder and leads upwards follows', async () => {
  const { status, changed } = await moved(
    { 'lib/data.json': '{}', 'test/a.js': "read(__dirname + '/../lib/data.json');\n" },
    'lib',
    'source',
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, { 'test/a.js': "read(__dirname + '/../source/data.json');\n" });
});

test('a path from the top is told also in a file that moves along', async () => {
  const { unplaced } = await moved(
    { 'lib/a.js': "const path = 'lib/deep/b.js';\n", 'lib/deep/b.js': '' },
    'lib',
    'source',
  );
  assert.deepEqual(unplaced, ['lib/a.js:1:15 names lib/deep/b.js']);
});

test('two dots do not name the folder of an index that moves into it', async () => {
  const { changed } = await moved(
    { 'src/index.ts': '', 'src/a/b.ts': "import '../';\nimport '..';\n" },
    'src/index.ts',
    'src/index/index.ts',
  );
  assert.deepEqual(changed, {
    'src/a/b.ts': "import '../index';\nimport '../index';\n",
  });
});

test('an alias holds only below its own configuration', async () => {
  const { status, changed } = await moved(
    {
      'packages/a/tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
      'packages/a/src/x.ts': '',
      'packages/a/src/use.ts': "import '@/x';\n",
    },
    'packages/a/src/use.ts',
    'tools/use.ts',
  );
  assert.deepEqual(
    { status, changed },
    { status: 'ok', changed: { 'tools/use.ts': "import '../packages/a/src/x';\n" } },
  );
});

test('own imports of a package hold only where it is the nearest one', async () => {
  const { changed } = await moved(
    {
      'package.json': '{ "imports": { "#lib/*": "./lib/*" } }',
      'lib/x.js': '',
      'src/use.js': "import '#lib/x.js';\n",
      'inner/package.json': '{ "name": "inner" }',
    },
    'src/use.js',
    'inner/use.js',
  );
  assert.deepEqual(changed, { 'inner/use.js': "import '../lib/x.js';\n" });
});

test('the path of a URL means that folder, and not an index in it', async () => {
  const use = (path: string) => `new URL('${path}', import.meta.url);\n`;
  const one = await moved(
    { 'src/index.ts': '', 'src/b.ts': '', 'a.ts': use('./src') },
    'src/index.ts',
    'src/c/index.ts',
  );
  assert.deepEqual(one.changed, {});
  const all = await moved({ 'src/index.ts': '', 'src/b.ts': '', 'a.ts': use('./src/') }, 'src', 'lib');
  assert.deepEqual([all.status, all.changed], ['ok', { 'a.ts': use('./lib/') }]);
});

test('patterns of imports take folders too, so that they name no file', async () => {
  const { status, unplaced } = await moved(
    {
      'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } }, "include": ["src/**/*"] }',
      'package.json': '{ "imports": { "#lib/*": "./src/*" } }',
      'src/index.ts': '',
    },
    'src/index.ts',
    'src/index/index.ts',
  );
  assert.deepEqual([status, unplaced], ['ok', []]);
});

test('a path in a folder of the name of a moved file is not that file', async () => {
  const files = { 'lib/errors.js': '', 'lib/errors/[id].js': '', 'lib/errors/data.json': '{}' };
  const { unplaced } = await moved(
    { ...files, 'a.html': 'href="/lib/errors/data.json"\n', 'b.yml': 'run: node lib/errors/[id].js\n' },
    'lib/errors.js',
    'lib/x.js',
  );
  assert.deepEqual(unplaced, []);
});

test('a name with brackets is told wherever it stands', async () => {
  const yaml = '# pages/[id].ts\nrun: node pages/[id].ts\nrun: node ./[id].ts\n';
  const one = await moved({ 'pages/[id].ts': '', 'ci.yml': yaml }, 'pages/[id].ts', 'pages/one.ts');
  assert.deepEqual(one.unplaced, ['ci.yml:2:11 names pages/[id].ts']);
  const two = await moved({ '[id].ts': '', 'ci.yml': yaml }, '[id].ts', 'one.ts');
  assert.deepEqual(two.unplaced, ['ci.yml:3:13 names [id].ts']);
});

test('a folder is told by a pattern below it, and by its name beside an index', async () => {
  const yaml = "paths:\n  - 'lib/**'\nrun:\n  - lib\nx: { lib/deep/*.ts: eslint }\n";
  const { unplaced } = await moved({ 'lib/index.js': '', 'lib/deep/a.js': '', 'ci.yml': yaml }, 'lib', 'source');
  assert.deepEqual(
    unplaced.map((line) => line.split(' ')[0]),
    ['ci.yml:2:6', 'ci.yml:4:5', 'ci.yml:5:6'],
  );
});

test('a file that programs find by its name is told when it moves alone', async () => {
  const files = { 'tsconfig.json': '{}', 'src/a.ts': '', 'src/vite.config.ts': '' };
  const reason = 'programs find this file by its name and place';
  const one = await moved(files, 'tsconfig.json', 'config/tsconfig.json');
  assert.deepEqual(one.unplaced, [`tsconfig.json:1:1 ${reason}`]);
  const two = await moved(files, 'src/vite.config.ts', 'src/vite.ts');
  assert.deepEqual(two.unplaced, [`src/vite.config.ts:1:1 ${reason}`]);
});

test('an import by a name of exports that no longer leads there is told', async () => {
  const { unplaced } = await moved(
    {
      'core/package.json': '{ "name": "core", "exports": { "./model": "./dist/model.js" } }',
      'core/src/model.ts': '',
      'app/a.ts': "import 'core/model';\n",
    },
    'core/src/model.ts',
    'core/src/model/index.ts',
  );
  assert.ok(unplaced.some((line) => line.startsWith("app/a.ts:1:9 the package that 'core/model' names")));
});

test('a pattern in a string is no beginning of a comment', async () => {
  const use = (name: string) => `glob(['./*.ts']);\nawait import(/* late */ '../${name}');\n`;
  const { status, changed } = await moved({ 'x.ts': '', 'src/a.ts': use('x') }, 'x.ts', 'y.ts');
  assert.deepEqual({ status, changed }, { status: 'ok', changed: { 'src/a.ts': use('y') } });
});

test('a glob takes one folder, and text that is put in does not lead upwards', async () => {
  const use = `import.meta.glob('../*.ts');\nconst load = (name) => import(\`../b/\${name}.ts\`);\n`;
  const { status } = await moved(
    { 'src/c/x.ts': '', 'src/b/use.ts': use, 'src/b/y.ts': '' },
    'src/c/x.ts',
    'src/c/z.ts',
  );
  assert.equal(status, 'ok');
});

test('an ending that is only found where it is written is written', async () => {
  const one = await moved({ 'a/x.js': '', 'b.js': "require('./a/x');\nrequire('./a/x.js');\n" }, 'a/x.js', 'a/x.cjs');
  assert.deepEqual([one.status, one.changed], ['ok', { 'b.js': "require('./a/x.cjs');\nrequire('./a/x.cjs');\n" }]);
  const two = await moved(
    { 'a/x.ts': '', 'b.ts': "import './a/x';\n", 'package.json': '{ "type": "module" }' },
    'a/x.ts',
    'c/x.mts',
  );
  assert.deepEqual([two.status, two.changed], ['ok', { 'b.ts': "import './c/x.mjs';\n" }]);
});

test('an ending that makes a script a module is told', async () => {
  const { unplaced } = await moved({ 'a.js': 'exports.a = 1;\n' }, 'a.js', 'a.mjs');
  assert.deepEqual(unplaced, ['a.js:1:1 is commonjs by no package.json, and would be module by its ending']);
});

test('a path behind a variable for the top is told', async () => {
  const { unplaced } = await moved(
    {
      'src/a.js': '',
      'jest.config.js': "module.exports = { map: '<rootDir>/src/$1' };\n",
      'x.yml': `run: \${{ top }}/src/\n`,
    },
    'src',
    'lib',
  );
  assert.deepEqual(
    unplaced.map((line) => line.split(' ')[0]),
    ['jest.config.js:1:35', 'x.yml:1:16'],
  );
});

test('a relative path that leads to the same file from the new folder is not told', async () => {
  const { status } = await moved(
    { 'bin/a.js': "read('../src/b.json');\n", 'src/b.json': '{}' },
    'bin/a.js',
    'src/a.js',
  );
  assert.equal(status, 'ok');
});

test('a file that is found by its place in several folders is told', async () => {
  const files = {
    'tsconfig.json': '{ "compilerOptions": { "rootDirs": ["src", "made"] } }',
    'src/a.ts': "import './b';\n",
    'made/b.ts': '',
  };
  const one = await moved(files, 'made/b.ts', 'made/deep/b.ts');
  assert.deepEqual(one.unplaced, ["tsconfig.json:1:38 imports may lead to made/b.ts by 'rootDirs'"]);
  const two = await moved(files, 'made', 'built');
  assert.equal(two.status, 'ok');
});

test('a file that leaves a folder that an image copies is told', async () => {
  const files = {
    'src/a.js': '',
    'app/a.js': '',
    Dockerfile: 'FROM node:24\nCOPY package.json src ./\nCOPY --from=build /src /app\n',
    'web.Dockerfile': 'FROM node:24\nCOPY . .\n',
    'app/Dockerfile': 'FROM node:24\nCOPY --chown=a ["./a.js", "/"]\n',
  };
  const one = await moved(files, 'src/a.js', 'lib/a.js');
  assert.deepEqual(one.unplaced, ['Dockerfile:2:1 copies src/a.js into the image, but not lib/a.js']);
  const two = await moved(files, 'src/a.js', 'src/deep/b.js');
  assert.equal(two.status, 'ok');
  const three = await moved(files, 'app/a.js', 'app/b.js');
  assert.deepEqual(three.unplaced, ['app/Dockerfile:2:18 names app/a.js']);
});

test('declarations take the ending of their script', async () => {
  const { status, moves } = await moved({ 'a.js': '', 'a.d.ts': 'export {};\n' }, 'a.js', 'b/a.cjs');
  assert.deepEqual([status, Object.fromEntries(moves)], ['ok', { 'a.js': 'b/a.cjs', 'a.d.ts': 'b/a.d.cts' }]);
});
