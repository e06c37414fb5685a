// Goal: apply works where --include-dirty took files along that still lie uncommitted, and refuses with all as it was.
// Method: one run with a draft taken along per case; the folder, the index and the branch are compared around apply.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endOf } from '../support/called.ts';
import type { TestRepository } from '../support/repository.ts';
import { sampleGoal, sampleRepository } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const made: TestRepository[] = [];
after(() => {
  for (const one of made) one.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});
const draft = `import { fetchUser } from './user.ts';\n\nexport const more = fetchUser();\n`;

/** A finished run that took an untracked draft and a changed file along; both lie in the folder as before. */
async function withTaken() {
  const repository = sampleRepository();
  made.push(repository);
  repository.write({ 'src/draft.ts': draft, 'README.md': 'changed\n' });
  repository.git('add', 'README.md');
  const args = ['run', '--plan', sampleGoal, '--yes', '--include-dirty', '--json', '-C', repository.root];
  const { run, manifest } = endOf(await vtcode.call(args));
  assert.ok(run && manifest?.tip);
  return { repository, run, tip: manifest.tip };
}

const apply = (run: string, repository: TestRepository) => vtcode.call(['apply', run, '-C', repository.root]);

test('files that are as they were taken are committed, and get the change of the run', async () => {
  const { repository, run, tip } = await withTaken();
  const applied = await apply(run, repository);
  assert.equal(applied.code, 0, applied.stderr);
  assert.equal(repository.git('rev-parse', 'HEAD'), tip);
  assert.equal(repository.git('status', '--porcelain'), '');
  assert.equal(readFileSync(join(repository.root, 'src/draft.ts'), 'utf8'), draft.replaceAll('fetchUser', 'loadUser'));
  assert.equal(readFileSync(join(repository.root, 'README.md'), 'utf8'), 'changed\n');
});

test('a branch that has moved on gets them too', async () => {
  const { repository, run } = await withTaken();
  repository.write({ 'other.txt': 'other\n' });
  repository.git('commit', '--quiet', '-m', 'moved on', '--', 'README.md');
  const applied = await apply(run, repository);
  assert.equal(applied.code, 0, applied.stderr);
  assert.equal(repository.git('status', '--porcelain'), '?? other.txt');
  assert.match(readFileSync(join(repository.root, 'src/draft.ts'), 'utf8'), /loadUser/);
});

test('a file that was changed since is named, and nothing is touched', async () => {
  const { repository, run } = await withTaken();
  repository.write({ 'src/draft.ts': `${draft}// more\n` });
  const before = fingerprint(repository);
  const applied = await apply(run, repository);
  assert.equal(applied.code, 1);
  assert.match(applied.stderr, /not as it took them: src\/draft\.ts\. Nothing was changed\./);
  assert.match(applied.stderr, /Commit or stash them, then run vtcode apply again/);
  assert.deepEqual(fingerprint(repository), before);
});

test('a merge that a hook refuses leaves files, index and branch as they were', async () => {
  const { repository, run } = await withTaken();
  repository.write({ 'other.txt': 'other\n' });
  repository.git('add', 'other.txt');
  repository.git('commit', '--quiet', '-m', 'moved on', '--', 'other.txt');
  repository.write({ '.git/hooks/pre-merge-commit': '#!/bin/sh\nexit 1\n' });
  chmodSync(join(repository.root, '.git/hooks/pre-merge-commit'), 0o755);
  const [before, head] = [repository.git('status', '--porcelain'), repository.git('rev-parse', 'HEAD')];
  const applied = await apply(run, repository);
  assert.equal(applied.code, 1);
  assert.deepEqual([repository.git('status', '--porcelain'), repository.git('rev-parse', 'HEAD')], [before, head]);
});
