import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepare } from '../../../tools/refactor/rename-symbol.run.ts';
import { codeFixture, reportOf } from '../code/code-fixture.ts';

/** Goal: another language is renamed by the configured server, with every occurrence told. Method: a scripted server. */
const files = {
  'a.py': 'def old():\n    return 1\n# old\n',
  'b.py': 'from a import old\nprint(old())\n',
};
const server = [process.execPath, new URL('../code/word-server.mjs', import.meta.url).pathname];

test('A configured server renames; comments are told as text.', async () => {
  await using fixture = codeFixture(files);
  fixture.context.languageServers.python = server;
  const prepared = await prepare({ symbol: 'old', to: 'fresh', dry_run: false }, fixture.context);
  assert.deepEqual(reportOf(prepared), {
    status: 'ok',
    message: 'old → fresh: 3 places in 2 files.',
    counts: { target: 3, otherSymbol: 0, text: 1, unplaced: 0 },
    files: [
      ['a.py', 1],
      ['b.py', 2],
    ],
    unplaced: [],
    candidates: [],
  });
  fixture.apply(prepared);
  assert.equal(fixture.read('a.py'), 'def fresh():\n    return 1\n# old\n');
  assert.equal(fixture.read('b.py'), 'from a import fresh\nprint(fresh())\n');
});

test('Without a server the answer says which to configure; a name in use clashes; two declarations are ambiguous.', async () => {
  await using fixture = codeFixture({ ...files, 'c.py': 'def two(): pass\n', 'd.py': 'def two(): pass\n' });
  const refused = reportOf(await prepare({ symbol: 'old', to: 'fresh', dry_run: false }, fixture.context));
  assert.equal(refused.status, 'refused');
  assert.match(
    refused.message,
    /python, for which no server is configured\. .*\[language_servers\] in your agents\.toml/,
  );
  fixture.context.languageServers.python = server;
  const clash = await prepare({ symbol: 'old', to: 'a', dry_run: false, at: 'b.py:1:15' }, fixture.context);
  assert.deepEqual([reportOf(clash).status, clash.changes], ['clash', undefined]);
  const two = reportOf(await prepare({ symbol: 'two', to: 'three', dry_run: false }, fixture.context));
  assert.deepEqual([two.status, two.candidates], ['ambiguous', ['c.py:1:5 symbol two', 'd.py:1:5 symbol two']]);
});
