// Goal: each line that names what moves and is not rewritten is told: as a place that may break, or as a mere text.
// Method: one file of each kind that names the moved file, and files that name another one by the same words.
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepare } from '../../../tools/refactor/move-module.run.ts';
import { codeFixture, reportOf } from '../code/code-fixture.ts';
import { moved } from './moved.ts';

test('configuration, scripts, Docker and CI files may break; documents, comments and links are texts', async () => {
  const { unplaced, told } = await moved(
    {
      'src/main.js': '',
      '.github/workflows/ci.yml': 'steps:\n  # runs src/main.js\n  - run: node src/main.js\n    paths: "src/**"\n',
      '.vscode/launch.json': `{ "program": "\${workspaceFolder}/src/main.js" }\n`,
      Dockerfile: 'COPY src/main.js .\nCMD ["node", "/app/src/main.js"]\n',
      'docker-compose.yml': 'volumes:\n  - ./src/main.js:/app/main.js\n',
      Makefile: 'run:\n\tnode ./src/main\n',
      'jest.config.js': "export default { setupFiles: ['<rootDir>/src/main.js'] }; // src/main.js\n",
      'webpack.config.js': "module.exports = { entry: './src/main' };\n",
      'dist.json': '{ "built": "dist/main.js" }\n',
      'README.md': 'See [it](src/main.js) and\nhttps://example.org/blob/main/src/main.js\n',
      CODEOWNERS: 'src/main.js @me\n',
      'other/README.md': 'main.js is no path here, nor is domain.js.\n',
    },
    'src/main.js',
    'lib/main.js',
  );
  assert.deepEqual(
    unplaced.map((place) => place.replace(/:\d+ names src\/main\.js$/, '')),
    [
      '.github/workflows/ci.yml:3',
      '.vscode/launch.json:1',
      'Dockerfile:1',
      'Dockerfile:2',
      'Makefile:2',
      'dist.json:1',
      'docker-compose.yml:2',
      'jest.config.js:1',
      'webpack.config.js:1',
    ],
  );
  assert.deepEqual(
    told.map((place) => place.replace(/ names src\/main\.js$/, '')),
    ['.github/workflows/ci.yml:2', 'CODEOWNERS:1', 'README.md:1', 'README.md:2', 'other/README.md:1'],
  );
});

test('a path that means another file of that name is no mention', async () => {
  const { status, told } = await moved(
    {
      'packages/a/package.json': '{ "name": "a" }',
      'packages/a/src/x.js': '',
      'packages/b/package.json': '{ "name": "b" }',
      'packages/b/src/x.js': '',
      'packages/b/Makefile': 'run:\n\tnode src/x.js\n',
      'packages/b/README.md': 'src/x.js\n',
      'packages/a/README.md': 'src/x.js\n',
    },
    'packages/a/src/x.js',
    'packages/a/src/y.js',
  );
  assert.deepEqual({ status, told }, { status: 'ok', told: ['packages/a/README.md:1 names packages/a/src/x.js'] });
});

test('a folder of one word is a path where it stands alone or before a slash, and else a word', async () => {
  const { unplaced, told } = await moved(
    {
      'lib/x.js': '',
      'use.js': "const lib = 'lib';\n",
      Dockerfile: 'COPY lib ./lib\n',
      'ci.yml': 'paths:\n  - lib\nrun: make lib\nlib: 1\n',
      'a.sh': 'node lib/x.js # lib\n',
      'README.md': 'The lib of this.\n',
      '.npmignore': 'lib\n',
    },
    'lib/',
    'core',
  );
  assert.deepEqual(unplaced, ['Dockerfile:1:6 names lib', 'a.sh:1:6 names lib/x.js', 'ci.yml:2:5 names lib']);
  assert.deepEqual(told, ['.npmignore:1 names lib']);
});

test('relative links of a document that moves are told', async () => {
  const files = { 'a.md': '[b](./b.md)\n![c](img/c.png)\n', 'b.md': 'b\n', 'img/c.png': 'c' };
  const { status, told } = await moved(files, 'a.md', 'docs/a.md');
  assert.deepEqual(
    { status, told },
    {
      status: 'ok',
      told: ['a.md:1 led to b.md before this file moves', 'a.md:2 led to img/c.png before this file moves'],
    },
  );
});

test('a symbolic link to what moves is told; a folder with one in it is not moved', async () => {
  await using fixture = codeFixture({ 'src/a.js': '', 'src/in/b.js': '' });
  symlinkSync('src/a.js', join(fixture.workspace, 'current'));
  symlinkSync('../a.js', join(fixture.workspace, 'src/in/link'));
  const one = reportOf(await prepare({ from: 'src/a.js', to: 'src/c.js', dry_run: true }, fixture.context));
  assert.deepEqual(
    one.unplaced,
    ['src/in/link:1:1 a symbolic link to src/a.js', 'current:1:1 a symbolic link to src/a.js'].toSorted(),
  );
  const folder = reportOf(await prepare({ from: 'src/in/', to: 'in', dry_run: true }, fixture.context));
  assert.equal(folder.status, 'refused');
  assert.match(
    folder.message,
    /^src\/in\/link is a symbolic link, which this tool does not move\. Move src\/in by hand/,
  );
});

test('a path in a regular expression is told', async () => {
  const { unplaced } = await moved(
    {
      'test/data/loop.js': '',
      'test/a.test.js':
        'assert.match(name, /^[/\\\\]data[/\\\\]loop\\.js$/);\nassert.match(name, /data\\/loop\\.js/);\nassert.match(name, /data|loop/);\nconst half = 4 / data / loop;\n',
    },
    'test/data/',
    'test/samples',
  );
  assert.deepEqual(unplaced, [
    'test/a.test.js:1:21 names test/data/loop.js',
    'test/a.test.js:2:21 names test/data/loop.js',
  ]);
});

test('a path in pieces, and the stub of an import that changes, are told', async () => {
  const { unplaced } = await moved(
    {
      'src/use.js': "require('./dep');\n",
      'src/dep.js': '',
      'other/dep.js': '',
      'build.js': "read(join(process.cwd(), 'src', 'dep.js'));\nread(join('other', 'dep.js'));\n",
      'test/use.test.js': "proxyquire('../src/use', { './dep': {} });\n",
    },
    'src/dep.js',
    'src/lib/dep.js',
  );
  assert.deepEqual(unplaced, [
    "test/use.test.js:1:29 stands for the import './dep' of another file, which changes",
    'build.js:1:27 names src/dep.js',
  ]);
});
