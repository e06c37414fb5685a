// Goal: configuration whose paths are relative to its own file follows a move; where a list no longer covers a file, it is told.
// Method: small workspaces with the lines of package.json and tsconfig.json that name files.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moved } from './moved.ts';

test('package.json follows in every field that names a file, and the scripts are told', async () => {
  const manifest = (path: string) => `{
  "main": "${path}/x.js", "types": "./${path}/x.d.ts", "bin": { "x": "./${path}/x.js" },
  "exports": { ".": { "types": "./${path}/x.d.ts", "default": "./${path}/x.js" } },
  "imports": { "#x": "./${path}/x.js", "#in/*": "./${path}/*.js" },
  "browser": { "./${path}/x.js": "./other.js" }, "files": ["${path}"], "sideEffects": ["./${path}/x.js"],
  "scripts": { "start": "node src/x.js" }, "keywords": ["src"]
}`;
  const { changed, unplaced } = await moved(
    {
      'package.json': manifest('src'),
      'src/x.js': '',
      'src/x.d.ts': '',
      'use.js': "import '#x';\nimport '#in/x';\n",
    },
    'src/',
    'lib',
  );
  assert.deepEqual(changed, { 'package.json': manifest('lib') });
  assert.deepEqual(unplaced, ['package.json:6:31 names src/x.js']);
});

test('a file that leaves the pattern of an own import is named by a path with an ending', async () => {
  const files = {
    'package.json': '{ "imports": { "#in/*": "./src/*.js" } }',
    'src/a.js': '',
    'src/b.ts': '',
    'use.js': "import '#in/a';\nimport '#in/b';\n",
  };
  assert.deepEqual((await moved(files, 'src/a.js', 'src/sub/a.js')).changed, {
    'use.js': "import '#in/sub/a';\nimport '#in/b';\n",
  });
  assert.deepEqual((await moved(files, 'src/b.ts', 'b.ts')).changed, {
    'use.js': "import '#in/a';\nimport './b.js';\n",
  });
});

test('tsconfig.json follows with its comments: paths, files, include, extends and references', async () => {
  const { status, changed } = await moved(
    {
      'tsconfig.json': `{
  // the base
  "extends": "./config/base",
  "compilerOptions": { "baseUrl": ".", "paths": { "@c/*": ["config/*"] }, "lib": ["es2022"] },
  "files": ["config/a.ts"], "include": ["config/**/*", "src"], "references": [{ "path": "./config" }],
}`,
      'config/base.json': '{}',
      'config/a.ts': '',
      'config/tsconfig.json': '{ "extends": "../shared.json", "include": ["."] }',
      'shared.json': '{}',
      'src/use.ts': "import '@c/a';\n",
    },
    'config/',
    'settings/ts',
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'tsconfig.json': `{
  // the base
  "extends": "./settings/ts/base",
  "compilerOptions": { "baseUrl": ".", "paths": { "@c/*": ["settings/ts/*"] }, "lib": ["es2022"] },
  "files": ["settings/ts/a.ts"], "include": ["settings/ts/**/*", "src"], "references": [{ "path": "./settings/ts" }],
}`,
    'settings/ts/tsconfig.json': '{ "extends": "../../shared.json", "include": ["."] }',
  });
});

test('a package that moves keeps its neighbours: file: dependencies, references and extends, in both directions', async () => {
  const { changed, unplaced } = await moved(
    {
      'package.json': '{ "workspaces": ["packages/*"] }',
      'base.json': '{}',
      'packages/a/package.json': '{ "name": "a", "main": "src/x.js", "dependencies": { "b": "file:../b" } }',
      'packages/a/tsconfig.json': '{ "extends": "../../base.json", "references": [{ "path": "../b" }] }',
      'packages/a/src/x.js': "import 'b';\n",
      'packages/b/package.json': '{ "name": "b", "main": "x.js", "dependencies": { "a": "link:../a" } }',
      'packages/b/x.js': "import 'a';\n",
    },
    'packages/a/',
    'libs/deep/a',
  );
  assert.deepEqual(changed, {
    'libs/deep/a/package.json':
      '{ "name": "a", "main": "src/x.js", "dependencies": { "b": "file:../../../packages/b" } }',
    'libs/deep/a/tsconfig.json':
      '{ "extends": "../../../base.json", "references": [{ "path": "../../../packages/b" }] }',
    'packages/b/package.json': '{ "name": "b", "main": "x.js", "dependencies": { "a": "link:../../libs/deep/a" } }',
  });
  assert.deepEqual(unplaced, [
    "package.json:1:19 'workspaces' takes packages/a/package.json, but not libs/deep/a/package.json",
  ]);
});

test('lists that cover the old place and not the new one, and public names by a pattern, are told', async () => {
  const { unplaced } = await moved(
    {
      'package.json': '{\n"files": ["src"],\n"exports": { "./*": "./dist/*.js" }\n}',
      'tsconfig.json': '{ "include": ["src"] }',
      'src/x.ts': '',
    },
    'src/x.ts',
    'lib/x.ts',
  );
  assert.deepEqual(unplaced, [
    "package.json:2:12 'files' takes src/x.ts, but not lib/x.ts",
    "package.json:3:22 'exports' gives src/x.ts a public name (./*), which changes",
    "tsconfig.json:1:16 'include' takes src/x.ts, but not lib/x.ts",
  ]);
});

test('a file that would leave or enter a filter of git is told: its content would not fit', async () => {
  const attributes = '# c\n*.psd filter=lfs diff=lfs\nsecret/** filter=crypt\n';
  const files = { '.gitattributes': attributes, 'secret/a.txt': '', 'b.psd': '', 'c.txt': '' };
  const gaps = async (from: string, to: string) => (await moved(files, from, to)).unplaced;
  assert.deepEqual(await gaps('secret/a.txt', 'open/a.txt'), [
    ".gitattributes:3:1 keeps secret/a.txt by the filter 'crypt', but not open/a.txt: its content would not fit",
  ]);
  assert.deepEqual(await gaps('c.txt', 'secret/c.txt'), [
    ".gitattributes:3:1 keeps secret/c.txt by the filter 'crypt', but not c.txt: its content would not fit",
  ]);
  assert.deepEqual(await gaps('b.psd', 'art/b.psd'), []);
});
