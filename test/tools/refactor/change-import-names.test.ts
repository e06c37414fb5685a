// Goal: an import that is changed leads to a file that is there, and its renamed names follow or are told.
// Method: small workspaces, one for each kind that a generated repository had shown to be wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepare } from '../../../tools/refactor/change-import.run.ts';
import { codeFixture, reportOf } from '../code/code-fixture.ts';

async function changed(files: Record<string, string>, to: string, rename: Record<string, string> = {}) {
  await using fixture = codeFixture(files);
  const prepared = await prepare({ from: 'kit', to, rename, dry_run: false }, fixture.context);
  fixture.apply(prepared);
  const { status, unplaced } = reportOf(prepared);
  const texts = Object.keys(files).map((path) => [path, fixture.read(path)]);
  return { status, unplaced, texts: Object.fromEntries(texts) as Record<string, string> };
}

test('a package is replaced by a file: each import is relative, in the style of others', async () => {
  const files = {
    'src/own.ts': '',
    'src/a.ts': "import 'kit';\n",
    'lib/b.ts': "import 'kit';\nimport '../src/own.js';\n",
  };
  const one = await changed({ ...files, 'lib/b.ts': "import 'kit';\n" }, 'src/own.ts');
  assert.deepEqual([one.texts['src/a.ts'], one.texts['lib/b.ts']], ["import './own';\n", "import '../src/own';\n"]);
  const two = await changed(files, 'src/own.ts');
  assert.equal(two.texts['lib/b.ts'], "import '../src/own.js';\nimport '../src/own.js';\n");
  assert.equal(two.texts['src/a.ts'], "import './own.js';\n");
});

test('a relative source that is no file is refused', async () => {
  const { status } = await changed({ 'src/a.ts': "import 'kit';\n" }, './own');
  assert.equal(status, 'refused');
});

test('a listed package is a package, although a file has its path', async () => {
  const files = { 'package.json': '{ "dependencies": { "net": "1" } }', 'net/http.ts': '', 'a.ts': "import 'kit';\n" };
  const { texts } = await changed(files, 'net/http');
  assert.equal(texts['a.ts'], "import 'net/http';\n");
});

test('names in brackets, of a loaded module and of an alias follow', async () => {
  const text = (module: string, name: string) =>
    [
      `import * as all from '${module}';`,
      `all['${name}']();`,
      `import own = all.${name};`,
      `import('${module}').then((one) => one.${name}());`,
      `require('${module}')['${name}']();`,
      '',
    ].join('\n');
  const { status, texts } = await changed({ 'a.ts': text('kit', 'get') }, 'kit2', { get: 'fetch' });
  assert.deepEqual({ status, text: texts['a.ts'] }, { status: 'ok', text: text('kit2', 'fetch') });
});

test('a loaded module that is taken apart keeps its local names', async () => {
  const { texts } = await changed({ 'a.js': "import('kit').then(({ get }) => get());\n" }, 'kit2', { get: 'fetch' });
  assert.equal(texts['a.js'], "import('kit2').then(({ fetch: get }) => get());\n");
});

test('a module that is handed on as a whole is told when names of it change', async () => {
  const { unplaced } = await changed(
    {
      'a.ts': "export * from 'kit';\n",
      'b.ts': "import * as all from 'kit';\nexport { all };\nkeys(all);\n",
      'c.ts': "import whole from 'kit';\nwhole.get();\nwhole.other();\n",
      'd.ts': "import * as all from 'kit';\nall.get();\n",
    },
    'kit2',
    { get: 'fetch' },
  );
  assert.deepEqual(
    unplaced.map((line) => line.split(' ')[0]),
    ['a.ts:1:1', 'b.ts:2:10', 'b.ts:3:6', 'c.ts:2:7'],
  );
});
