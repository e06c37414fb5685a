// Goal: a rename that would leave a new type error changes nothing and says where; with --accept-unplaced it is done, and
// the place is in the summary. Method: the whole program on a small repository.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endOf } from '../support/called.ts';
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

test('texts, undecided places and a second declaration are taken when a person asks for them', async () => {
  const repository = makeRepository({
    'api.ts': 'export interface Api { total(): number } // total of all\n',
    'impl.js': 'class Impl { total() { return 1; } }\nmodule.exports = { Impl };\n',
    'use.js': 'exports.show = (cart) => cart.total();\n',
    'notes.md': 'Call `total`.\n',
  });
  const call = (...words: string[]) => vtcode.call(['run', '--plan', ...words, '--no-checks', '-C', repository.root]);
  const goal = 'rename Api.total and Impl.total to sum';
  const dry = await call(goal, '--text', '--dry-run');
  assert.match(dry.stdout, /could not be decided:\n +use\.js:1:\d+ /);
  assert.match(dry.stdout, /--take-unplaced renames them too/);
  const done = await call(goal, '--text', '--take-unplaced', '--yes', '--json');
  assert.equal(done.code, 0, done.stdout + done.stderr);
  const run = endOf(done).run ?? '';
  const at = (path: string) => repository.git('show', `vtcode/${run}:${path}`);
  assert.deepEqual(['api.ts', 'impl.js', 'use.js', 'notes.md'].map(at), [
    'export interface Api { sum(): number } // sum of all',
    'class Impl { sum() { return 1; } }\nmodule.exports = { Impl };',
    'exports.show = (cart) => cart.sum();',
    'Call `sum`.',
  ]);
  const shown = await vtcode.call(['show', run, '--sites']);
  assert.equal(shown.stdout.match(/^change /gm)?.length, 5, shown.stdout);
  const refused = await call('move api.ts to lib/api.ts', '--text', '--yes');
  assert.equal(refused.code, 2);
  assert.match(refused.stdout + refused.stderr, /Only a rename takes texts/);
  repository.remove();
});
