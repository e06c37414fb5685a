import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { sampleGoal, sampleRepository } from '../support/sample.ts';
import { testVtcode } from '../support/vtcode.ts';

/** Goal: locks that a killed git left behind do not end a run. Method: a run is killed, and every lock it could have left is put there. */
test('a run goes on over the locks of gits that were killed', async () => {
  const vtcode = testVtcode();
  const repository = sampleRepository();
  after(() => repository.remove());
  const child = vtcode.start(['run', '--plan', sampleGoal, '--yes', '--json', '-C', repository.root]);
  let output = '';
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('"workspace.assigned"')) child.kill('SIGKILL');
    });
    child.on('close', () => resolve());
  });
  const run = /"run":"(run_\w+)"/.exec(output)?.[1] ?? '';
  const [name = ''] = readdirSync(join(vtcode.state, 'repositories'));
  const own = join(vtcode.state, 'repositories', name);
  const trees = readdirSync(join(own, 'worktrees')).map((tree) => join(own, 'worktrees', tree));
  assert.ok(trees.length > 0);
  const locks = [
    ...trees.flatMap((tree) => ['HEAD.lock', 'index.lock', 'ORIG_HEAD.lock'].map((lock) => join(tree, lock))),
    join(own, 'refs', 'vtcode', run, 'tip.lock'),
    join(repository.root, '.git', 'refs', 'heads', 'vtcode', `${run}.lock`),
  ];
  const before = new Date(Date.now() - 10_000);
  for (const lock of locks) {
    mkdirSync(dirname(lock), { recursive: true });
    writeFileSync(lock, '');
    utimesSync(lock, before, before);
  }
  const resumed = await vtcode.call(['resume', run, '--json']);
  assert.equal(resumed.code, 0, resumed.stderr);
});
