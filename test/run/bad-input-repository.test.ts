// Goal: what is wrong with the repository is said clearly, before anything is written, with the right exit code.
// Method: real repositories in every awkward state; the user's HEAD, refs, index and files are compared before and after.
import assert from 'node:assert/strict';
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { assertRefused, endOf } from '../support/called.ts';
import { makeRepository, type TestRepository, temporaryFolder } from '../support/repository.ts';
import { sampleGoal, sampleRepository } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import type { TestVtcode } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode: TestVtcode = vtcodeHere();
const made: TestRepository[] = [];
after(() => {
  for (const repository of made) repository.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

function kept<Repository extends TestRepository>(repository: Repository): Repository {
  made.push(repository);
  return repository;
}

const run = (directory: string) => ['run', '--plan', sampleGoal, '--dry-run', '--no-checks', '-C', directory];

test('a folder outside of any repository is refused and told how to make one', async () => {
  const folder = temporaryFolder('bare-folder');
  await assertRefused(vtcode, run(folder), {
    exitCode: 2,
    code: 'not_a_repository',
    says: [/is not inside a git repository/, /git init/],
  });
  rmSync(folder, { recursive: true });
});

test('a folder that does not exist, and a file given as one, are refused by name', async () => {
  const repository = kept(sampleRepository());
  for (const name of ['nowhere', 'README.md'])
    await assertRefused(vtcode, run(join(repository.root, name)), {
      exitCode: 2,
      code: 'usage',
      says: [new RegExp(`${name} is not a folder`), /-C/],
    });
});

test('a repository without a commit is refused with the two commands that make one', async () => {
  const repository = kept(makeRepository({}));
  await assertRefused(vtcode, run(repository.root), {
    exitCode: 2,
    code: 'repository_state',
    says: [/no commit/, /git add -A && git commit/],
  });
});

test('a repository in the middle of a merge is refused until the merge is ended', async () => {
  const repository = kept(sampleRepository());
  conflictingBranches(repository);
  assert.throws(() => repository.git('merge', 'other'));
  const before = fingerprint(repository);
  await assertRefused(vtcode, run(repository.root), {
    exitCode: 2,
    code: 'repository_state',
    says: [/in the middle of a merge/, /git merge --continue or --abort/],
  });
  assert.deepEqual(fingerprint(repository), before);
});

test('a repository in the middle of a rebase is refused until the rebase is ended', async () => {
  const repository = kept(sampleRepository());
  conflictingBranches(repository);
  assert.throws(() => repository.git('rebase', 'other'));
  const before = fingerprint(repository);
  await assertRefused(vtcode, run(repository.root), {
    exitCode: 2,
    code: 'repository_state',
    says: [/in the middle of a rebase/, /git rebase --continue or --abort/],
  });
  assert.deepEqual(fingerprint(repository), before);
});

function conflictingBranches(repository: TestRepository): void {
  repository.git('checkout', '--quiet', '-b', 'other');
  repository.write({ 'README.md': 'other\n' });
  repository.git('commit', '--quiet', '-am', 'other');
  repository.git('checkout', '--quiet', 'main');
  repository.write({ 'README.md': 'main\n' });
  repository.git('commit', '--quiet', '-am', 'mine');
}

test('a branch called vtcode, loose or packed, is refused with the command that renames it', async () => {
  const repository = kept(sampleRepository());
  repository.git('branch', 'vtcode');
  const wanted = {
    exitCode: 2,
    code: 'repository_state',
    says: [/A branch called 'vtcode' exists/, /git branch -m vtcode/],
  };
  await assertRefused(vtcode, run(repository.root), wanted);
  repository.git('pack-refs', '--all');
  await assertRefused(vtcode, run(repository.root), wanted);
});

test('a work tree whose git folder is gone is refused with the command that repairs it', async () => {
  const folder = temporaryFolder('lost');
  writeFileSync(join(folder, '.git'), 'gitdir: /nowhere/at/all\n');
  await assertRefused(vtcode, run(folder), {
    exitCode: 2,
    code: 'not_a_repository',
    says: [/names a git folder that does not exist/, /git worktree repair/],
  });
  rmSync(folder, { recursive: true });
});

test('a git folder of somebody else is refused as git does it, and taken once the person trusts it', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can give a folder to somebody else');
  const repository = kept(sampleRepository());
  for (const path of ['.git', '.']) chownSync(join(repository.root, path), 12_345, 12_345);
  const environment = { GIT_CONFIG_GLOBAL: join(vtcode.state, '..', 'gitconfig'), GIT_CONFIG_NOSYSTEM: '1' };
  const wanted = {
    exitCode: 2,
    code: 'repository_state',
    says: [/belongs to another user/, /git config --global --add safe\.directory/],
  };
  await assertRefused(vtcode, run(repository.root), wanted, { environment });
  writeFileSync(environment.GIT_CONFIG_GLOBAL, `[safe]\n  directory = ${repository.root}\n`);
  const trusted = await vtcode.call(run(repository.root), { environment });
  assert.equal(trusted.code, 0, trusted.stderr);
});

/** What runs although the repository is unusual: each has its note, and the user's things stay as they are. */
async function assertPlanned(directory: string, repository: TestRepository, note: RegExp | null): Promise<void> {
  const before = fingerprint(repository);
  const called = await vtcode.call([...run(directory), '--json']);
  const end = endOf(called);
  assert.deepEqual(
    { code: called.code, outcome: end.manifest?.outcome, sites: end.manifest?.sites.total },
    { code: 0, outcome: 'planned', sites: 3 },
    called.stderr,
  );
  if (note) assert.match(end.manifest?.warnings.join('\n') ?? '', note);
  else assert.deepEqual(end.manifest?.warnings, []);
  assert.deepEqual(fingerprint(repository), before);
}

test('a detached HEAD is planned from, and the plan says so', async () => {
  const repository = kept(sampleRepository());
  repository.git('checkout', '--quiet', '--detach');
  await assertPlanned(repository.root, repository, /HEAD is detached/);
});

test('a subfolder, and a path with spaces and letters of other alphabets, are planned from', async () => {
  const outer = kept(makeRepository({}));
  const folder = join(outer.root, 'Ünïcode ünd spaces 日本');
  outer.git('clone', '--quiet', kept(sampleRepository()).root, folder);
  for (const key of ['user.name', 'user.email']) outer.git('-C', folder, 'config', key, 'somebody@example.org');
  const inner: TestRepository = { ...outer, root: folder, git: (...args) => outer.git('-C', folder, ...args) };
  await assertPlanned(join(folder, 'src'), inner, null);
});

test('a shallow clone is planned from, and the plan says so', async () => {
  const origin = kept(sampleRepository());
  origin.git('commit', '--quiet', '--allow-empty', '-m', 'second');
  const clone = join(kept(makeRepository({})).root, 'clone');
  origin.git('clone', '--quiet', '--depth=1', `file://${origin.root}`, clone);
  const shallow: TestRepository = { ...origin, root: clone, git: (...args) => origin.git('-C', clone, ...args) };
  await assertPlanned(clone, shallow, /history is shallow/);
});

test('a repository with submodules is planned from, and the plan says that they are left alone', async () => {
  const inner = kept(makeRepository({ 'lib.ts': 'export function fetchUser() {}\n' }));
  const repository = kept(sampleRepository());
  repository.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, 'lib');
  repository.git('commit', '--quiet', '-m', 'with a submodule');
  await assertPlanned(repository.root, repository, /Submodules are left empty/);
});

test('a linked work tree is planned from at its own HEAD', async () => {
  const repository = kept(sampleRepository());
  const linked = join(temporaryFolder('linked'), 'tree');
  repository.git('worktree', 'add', '--quiet', '-b', 'side', linked);
  writeFileSync(join(linked, 'side.ts'), `import { fetchUser } from './src/user.ts';\nfetchUser();\n`);
  repository.git('-C', linked, 'add', '--all');
  repository.git('-C', linked, 'commit', '--quiet', '-m', 'side');
  const before = fingerprint(repository);
  const end = endOf(await vtcode.call([...run(linked), '--json']));
  assert.deepEqual(
    { sites: end.manifest?.sites.total, branch: end.manifest?.repository.branch, root: end.manifest?.repository.root },
    { sites: 5, branch: 'side', root: linked },
  );
  assert.deepEqual(fingerprint(repository), before);
  rmSync(join(linked, '..'), { recursive: true });
});

test('a bare repository is planned from, and the plan says what that means', async () => {
  const origin = kept(sampleRepository());
  const bare = join(kept(makeRepository({})).root, 'bare.git');
  origin.git('clone', '--quiet', '--bare', origin.root, bare);
  const end = endOf(await vtcode.call([...run(bare), '--json']));
  assert.equal(end.manifest?.outcome, 'planned');
  assert.match(end.manifest?.warnings.join('\n') ?? '', /repository is bare/);
});

test('a branch vtcode/… of somebody else stays where it is, and the run makes its own beside it', async () => {
  const repository = kept(sampleRepository());
  repository.git('branch', 'vtcode/mine');
  const before = fingerprint(repository);
  const called = await vtcode.call(['run', '--plan', sampleGoal, '--yes', '--json', '-C', repository.root]);
  assert.equal(called.code, 0, called.stderr);
  assert.deepEqual(fingerprint(repository), before);
  const branches = repository.git('branch', '--list', '--format=%(refname:short)', 'vtcode/*').split('\n');
  assert.deepEqual(branches.sort(), ['vtcode/mine', endOf(called).manifest?.branch ?? ''].sort());
});

test('an untracked repository inside is not entered', async () => {
  const repository = kept(sampleRepository());
  mkdirSync(join(repository.root, 'inner'));
  repository.git('init', '--quiet', 'inner');
  await assertPlanned(repository.root, repository, /leaves out 1 uncommitted file: inner/);
});
