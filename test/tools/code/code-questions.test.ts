import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepare as diagnostics } from '../../../tools/code/diagnostics.run.ts';
import { prepare as findDefinition } from '../../../tools/code/find-definition.run.ts';
import { prepare as findReferences } from '../../../tools/code/find-references.run.ts';
import { prepare as findSymbol } from '../../../tools/code/find-symbol.run.ts';
import { codeFixture } from './code-fixture.ts';

/** Goal: questions about code are answered for every file, and after a change. Method: the real server on real files. */
const files = {
  'tsconfig.json': JSON.stringify({ compilerOptions: { strict: true, noEmit: true, types: [] }, include: ['src'] }),
  'src/api.ts': 'export class Client {\n  /* é😀 */ load(id: number) { return id; }\n}\n',
  'test/api.test.ts': "import { Client } from '../src/api';\nnew Client().load(1);\n",
};

test('A symbol is found by a part of its name, with its kind and class.', async () => {
  await using fixture = codeFixture(files);
  assert.equal((await findSymbol({ query: 'Clien' }, fixture.context)).text, 'src/api.ts:1:14 class Client');
  assert.match((await findSymbol({ query: 'load' }, fixture.context)).text, /^src\/api\.ts:2:\d+ method Client\.load$/);
  assert.match((await findSymbol({ query: 'nothing' }, fixture.context)).text, /^No symbol like nothing/);
});

test('Definition and references reach tests outside the configuration, and count columns as editors do.', async () => {
  await using fixture = codeFixture(files);
  const use = { path: 'test/api.test.ts', line: 2, column: 15 };
  const declared = 'src/api.ts:2:13 /* é😀 */ load(id: number) { return id; }';
  assert.equal((await findDefinition(use, fixture.context)).text, declared);
  const references = await findReferences({ path: 'src/api.ts', line: 2, column: 13 }, fixture.context);
  assert.deepEqual(references.text.split('\n').sort(), [
    '2 references in 2 files',
    declared,
    'test/api.test.ts:2:14 new Client().load(1);',
  ]);
  assert.equal((await findDefinition({ ...use, line: 9 }, fixture.context)).isError, true);
});

test('Diagnostics use the configuration of the repository and see a file that changed or came since.', async () => {
  await using fixture = codeFixture(files);
  const ask = async (path: string) => (await diagnostics({ path }, fixture.context)).text;
  assert.equal(await ask('src/api.ts'), 'src/api.ts: no errors.');
  await findSymbol({ query: 'Client' }, fixture.context);
  writeFileSync(join(fixture.workspace, 'src/use.ts'), "import { Client } from './api';\nnew Client().load('x');\n");
  assert.match(await ask('src/use.ts'), /^src\/use\.ts: 1 found\n2:19 error TS2345 Argument of type/);
  writeFileSync(join(fixture.workspace, 'src/api.ts'), 'export class Client {\n  load(id: string) { return id; }\n}\n');
  assert.equal(await ask('src/use.ts'), 'src/use.ts: no errors.');
  rmSync(join(fixture.workspace, 'src/api.ts'));
  assert.match(await ask('src/use.ts'), /TS2307/);
  assert.match(await ask('src/gone.ts'), /^There is no readable file/);
});
