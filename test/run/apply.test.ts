// Goal: apply takes a run's work into the user's branch, or refuses with nothing changed.
// Method: one finished run per repository; the branch is then moved, dirtied or hooked, and apply called.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Manifest } from '../../ipc/manifest.ts';
import { endOf } from '../support/called.ts';
import type { TestRepository } from '../support/repository.ts';
import { sampleGoal, sampleRepository } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const repository = sampleRepository();
const start = repository.git('rev-parse', 'HEAD');
const finished = vtcode.call(['run', '--plan', sampleGoal, '--yes', '--json', '-C', repository.root]).then(endOf);
after(() => {
  repository.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

/** The user's branch as it was when the run began, everything of the tests before gone. */
async function fresh(): Promise<{ run: string; manifest: Manifest; repository: TestRepository }> {
  const { run, manifest } = await finished;
  assert.ok(run && manifest?.tip, 'the run merged something');
  repository.git('reset', '--quiet', '--hard', start);
  repository.git('clean', '-fdq');
  return { run, manifest, repository };
}

async function assertRefusedUnchanged(run: string, code: string, says: RegExp[]): Promise<void> {
  const before = fingerprint(repository);
  const called = await vtcode.call(['apply', run, '--json', '-C', repository.root]);
  const { error } = endOf(called);
  assert.deepEqual({ code: called.code, fault: error?.code }, { code: 1, fault: code }, called.stderr);
  for (const words of says) assert.match(called.stderr, words);
  assert.deepEqual(fingerprint(repository), before);
}

test('a branch that has not moved is forwarded, with the hooks of the user, and a second apply changes nothing', async () => {
  const { run, manifest } = await fresh();
  const hook = join(repository.root, '.git', 'hooks', 'post-merge');
  writeFileSync(hook, '#!/bin/sh\necho merged > .git/merged\n');
  chmodSync(hook, 0o755);
  const applied = await vtcode.call(['apply', run, '-C', repository.root]);
  assert.equal(applied.code, 0, applied.stderr);
  assert.equal(repository.git('rev-parse', 'HEAD'), manifest.tip);
  assert.match(readFileSync(join(repository.root, 'src/user.ts'), 'utf8'), /loadUser/);
  assert.equal(repository.git('status', '--porcelain'), '');
  assert.ok(existsSync(join(repository.root, '.git', 'merged')), 'the hook ran');
  const before = fingerprint(repository);
  const again = await vtcode.call(['apply', run, '-C', repository.root]);
  assert.equal(again.code, 0);
  assert.match(again.stdout, /main already has the work of run_/);
  assert.deepEqual(fingerprint(repository), before);
  rmSync(hook);
});

test('a branch that has moved on gets a merge, after the checks passed on it', async () => {
  const { run, manifest } = await fresh();
  repository.write({ 'README.md': 'moved on\n' });
  repository.git('commit', '--quiet', '-am', 'moved on');
  const applied = await vtcode.call(['apply', run, '-C', repository.root]);
  assert.equal(applied.code, 0, applied.stderr);
  const parents = repository.git('log', '-1', '--format=%P').split(' ');
  assert.deepEqual([parents.length, parents[1]], [2, manifest.tip]);
  assert.equal(readFileSync(join(repository.root, 'README.md'), 'utf8'), 'moved on\n');
});

test('a hook that refuses the merge leaves no half of it', async () => {
  const { run } = await fresh();
  repository.write({ 'README.md': 'moved on\n' });
  repository.git('commit', '--quiet', '-am', 'moved on');
  const hook = join(repository.root, '.git', 'hooks', 'pre-merge-commit');
  writeFileSync(hook, '#!/bin/sh\necho no merges please >&2; exit 1\n');
  chmodSync(hook, 0o755);
  const refused = await vtcode.call(['apply', run, '-C', repository.root]);
  assert.equal(refused.code, 1, refused.stderr);
  assert.match(refused.stderr, /nothing was changed[\s\S]*no merges please[\s\S]*merge by hand: git merge vtcode/);
  assert.equal(repository.git('status'), 'On branch main\nnothing to commit, working tree clean');
  rmSync(hook);
  assert.equal((await vtcode.call(['apply', run, '-C', repository.root])).code, 0);
});

test('uncommitted work elsewhere is kept; in a file that the run changed it is in the way', async () => {
  const { run } = await fresh();
  repository.write({ 'src/page.ts': 'mine\n' });
  await assertRefusedUnchanged(run, 'merge_conflict', [/src\/page\.ts/, /[Cc]ommit (your changes )?or stash/]);
  repository.git('checkout', '--quiet', 'src/page.ts');
  repository.write({ 'README.md': 'mine\n', 'new.txt': 'mine\n' });
  const applied = await vtcode.call(['apply', run, '-C', repository.root]);
  assert.equal(applied.code, 0, applied.stderr);
  assert.equal(repository.git('status', '--porcelain'), 'M README.md\n?? new.txt');
});

test('a conflict is refused before anything is touched, with the files it is in', async () => {
  const { run } = await fresh();
  repository.write({ 'src/user.ts': `export function fetchUser(id: string): string {\n  return id;\n}\n` });
  repository.git('commit', '--quiet', '-am', 'changed');
  await assertRefusedUnchanged(run, 'merge_conflict', [
    /conflicts with the branch in: src\/user\.ts/,
    /git merge vtcode/,
  ]);
});

test('a merge on which a check fails is refused, with the output of the check', async () => {
  const { run } = await fresh();
  repository.write({ 'src/late.ts': `import { fetchUser } from './user.ts';\nfetchUser();\n` });
  repository.git('add', '--all');
  repository.git('commit', '--quiet', '-m', 'a late use of the old name');
  await assertRefusedUnchanged(run, 'merge_conflict', [/checks fail: unit/, /not ok late\.ts imports fetchUser/]);
});

test('a branch of the run that somebody else moved is not applied', async () => {
  const { run, manifest } = await fresh();
  repository.git('update-ref', `refs/heads/${manifest.branch}`, start);
  await assertRefusedUnchanged(run, 'ref_moved', [/is not where vtcode left it/]);
  repository.git('update-ref', `refs/heads/${manifest.branch}`, manifest.tip ?? '');
});

test('a run that merged nothing has nothing to apply', async () => {
  await fresh();
  const dry = endOf(await vtcode.call(['run', '--plan', sampleGoal, '--dry-run', '--json', '-C', repository.root]));
  const called = await vtcode.call(['apply', dry.run ?? '', '--json', '-C', repository.root]);
  assert.deepEqual({ code: called.code, fault: endOf(called).error?.code }, { code: 2, fault: 'nothing_to_do' });
});
