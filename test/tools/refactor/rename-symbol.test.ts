import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepare } from '../../../tools/refactor/rename-symbol.run.ts';
import { codeFixture, reportOf, sitesOf } from '../code/code-fixture.ts';

/**
 * Goal: a rename changes exactly the places that mean the symbol, and the result still compiles.
 * Method: small workspaces on disk, the real language server and ripgrep, the changes applied, the real compiler.
 */
const strict = JSON.stringify({ compilerOptions: { strict: true, module: 'preserve', noEmit: true } });

test('A function is renamed with its imports, aliases and re-exports; strings, comments and shadows stay.', async () => {
  await using fixture = codeFixture({
    'tsconfig.json': strict,
    'src/api.ts': '// fetchUser in a comment\nexport function fetchUser(id: number) {\n  return `fetchUser` + id;\n}\n',
    'src/barrel.ts': "export * from './api';\nexport { fetchUser as getUser } from './api';\n",
    'src/use.ts': [
      "import { fetchUser, getUser } from './barrel';",
      "import { fetchUser as alias } from './api';",
      'const table = { fetchUser };',
      'function inner(fetchUser: number) { return fetchUser + 1; }',
      'export const all = [fetchUser(1), getUser(2), alias(3), table.fetchUser(4), inner(5)];',
      '',
    ].join('\n'),
  });
  const prepared = await prepare({ symbol: 'fetchUser', to: 'loadUser', dry_run: false }, fixture.context);
  assert.deepEqual(reportOf(prepared).counts, { target: 6, otherSymbol: 3, text: 2, unplaced: 0 });
  fixture.apply(prepared);
  assert.equal(
    fixture.read('src/use.ts'),
    [
      "import { loadUser, getUser } from './barrel';",
      "import { loadUser as alias } from './api';",
      'const table = { fetchUser: loadUser };',
      'function inner(fetchUser: number) { return fetchUser + 1; }',
      'export const all = [loadUser(1), getUser(2), alias(3), table.fetchUser(4), inner(5)];',
      '',
    ].join('\n'),
  );
  assert.equal(fixture.read('src/barrel.ts'), "export * from './api';\nexport { loadUser as getUser } from './api';\n");
  assert.deepEqual(fixture.typeErrors(), []);
  assert.equal(sitesOf(prepared).length, 11);
});
