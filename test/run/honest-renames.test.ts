// Goal: a rename that would leave a new type error changes nothing and says where; with --accept-unplaced it is done, and
// the place is in the summary. Method: the whole program on a small repository.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeRepository } from '../support/repository.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
after(() => rmSync(join(vtcode.state, '..'), { recursive: true, force: true }));

test('a rename that would leave a type error stops with its place, and goes on only when told to', async () => {
  const repository = makeRepository({
    'a.ts': 'export interface P { old: number }\nexport const take = (p: P) => p.old;\n',
    'b.ts': "import { take } from './a';\nclass C { old = 1 }\ntake(new C());\n",
  });
  const call = (...more: string[]) =>
    vtcode.call(['run', '--plan', 'rename P.old to fresh', '--yes', '--no-checks', ...more, '-C', repository.root]);
  const stopped = await call();
  assert.equal(stopped.code, 2, stopped.stderr);
  assert.match(
    stopped.stdout + stopped.stderr,
    /b\.ts:3:6 after the rename TypeScript says: Property 'fresh' is missing/,
  );
  assert.equal(repository.git('branch', '--list', 'vtcode/*'), '');
  const done = await call('--accept-unplaced');
  assert.equal(done.code, 0, done.stderr);
  const branch = repository.git('for-each-ref', '--format=%(refname:short)', 'refs/heads/vtcode');
  assert.match(repository.git('show', `${branch}:a.ts`), /fresh: number.*\n.*p\.fresh/);
  repository.remove();
});
