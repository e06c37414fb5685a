// Goal: uncommitted work is left out by name or taken along on request, and is never touched either way.
// Method: a repository with staged, unstaged, untracked and ignored files; trees of the run and the user's index compared.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endOf } from '../support/called.ts';
import { makeRepository, temporaryFolder } from '../support/repository.ts';
import { sampleFiles, sampleGoal, sampleRepository } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const repository = sampleRepository({ '.gitignore': 'ignored.ts\n' });
after(() => {
  repository.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});
const use = `import { fetchUser } from './user.ts';\n\nexport const more = fetchUser();\n`;
repository.write({ 'src/staged.ts': use });
repository.git('add', 'src/staged.ts');
repository.write({ 'src/untracked.ts': use, 'README.md': 'changed\n', 'ignored.ts': use });
const before = fingerprint(repository);

test('a run works from HEAD and names what it leaves out', async () => {
  const called = await vtcode.call(['run', '--plan', sampleGoal, '--yes', '--json', '-C', repository.root]);
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  const note = manifest?.warnings.find((words) => words.includes('works from HEAD')) ?? '';
  assert.match(note, /leaves out 3 uncommitted files: /);
  for (const file of ['README.md', 'src/staged.ts', 'src/untracked.ts']) assert.ok(note.includes(file), file);
  assert.deepEqual(changed(manifest?.base ?? '', manifest?.tip ?? ''), ['src/page.ts', 'src/user.ts']);
  assert.equal(manifest?.base, repository.git('rev-parse', 'HEAD'));
  assert.deepEqual(fingerprint(repository), before);
});

test('with --include-dirty the run starts from everything but ignored files, and the index stays as it was', async () => {
  const args = ['run', '--plan', sampleGoal, '--yes', '--include-dirty', '--json', '-C', repository.root];
  const called = await vtcode.call(args);
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  assert.match(manifest?.warnings.join('\n') ?? '', /3 uncommitted files are taken along/);
  const renamed = ['src/page.ts', 'src/staged.ts', 'src/untracked.ts', 'src/user.ts'];
  assert.deepEqual(changed(manifest?.base ?? '', manifest?.tip ?? ''), renamed);
  assert.equal(repository.git('show', `${manifest?.branch}:README.md`), 'changed');
  assert.throws(() => repository.git('show', `${manifest?.branch}:ignored.ts`));
  assert.deepEqual(fingerprint(repository), before);
});

test('in a linked work tree --include-dirty takes the index and the files of that tree', async () => {
  const main = makeRepository(sampleFiles);
  const linked = join(temporaryFolder('linked'), 'tree');
  main.git('worktree', 'add', '--quiet', '-b', 'side', linked);
  const side = { ...main, root: linked, git: (...args: string[]) => main.git('-C', linked, ...args) };
  side.git('mv', 'src/page.ts', 'src/moved.ts');
  const at = join(main.root, '.git', 'worktrees', 'tree');
  const index = side.git('status', '--porcelain');
  const args = ['run', '--plan', sampleGoal, '--yes', '--include-dirty', '--json', '-C', linked];
  const called = await vtcode.call(args);
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  const files = main.git('diff', '--name-only', manifest?.base ?? '', manifest?.branch ?? '').split('\n');
  assert.deepEqual(files, ['src/moved.ts', 'src/user.ts']);
  assert.equal(side.git('status', '--porcelain'), index, at);
  main.remove();
  rmSync(join(linked, '..'), { recursive: true });
});

function changed(from: string, to: string): string[] {
  return repository.git('diff', '--name-only', from, to).split('\n');
}
