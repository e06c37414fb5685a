// Goal: taking uncommitted files along follows the rules of the person's own git, and leaves the person's index and objects alone.
// Method: real repositories in every form; the tree that is written, compared with HEAD file by file.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { git } from '../../../orchestrator/git/git.ts';
import { locateRepository } from '../../../orchestrator/git/repository.ts';
import { uncommittedTree } from '../../../orchestrator/worktrees/uncommitted.ts';
import {
  ensurePrivateRepository,
  openTree,
  privateGit,
  resetTree,
  snapshotTree,
  unfilteredFiles,
} from '../../../orchestrator/worktrees/worktree.ts';
import { makeRepository, type TestRepository, temporaryFolder } from '../../support/repository.ts';

const top = temporaryFolder('uncommitted');
const made: TestRepository[] = [];
after(() => {
  for (const one of made) one.remove();
  rmSync(top, { recursive: true, force: true });
});
let count = 0;

function repositoryOf(files: Record<string, string>): TestRepository {
  const repository = makeRepository(files);
  made.push(repository);
  return repository;
}

/** Status and path of every file in which the written tree differs from HEAD; the reasons of those left out. */
async function taken(root: string, person: Record<string, string> = {}) {
  const { commonDir, gitDir } = locateRepository(root);
  const own = { gitDir: join(top, `private-${count++}`) };
  await ensurePrivateRepository(own, { root, gitDir: commonDir }, person);
  const before = readFileSync(join(gitDir, 'index'));
  const { tree, leftOut } = await uncommittedTree(own, root, { index: join(top, 'index'), person });
  assert.deepEqual(readFileSync(join(gitDir, 'index')), before, 'the index of the person');
  const head = await git({ gitDir }, ['rev-parse', 'HEAD']);
  const differ = await git({ gitDir: own.gitDir }, ['diff-tree', '-r', '--no-renames', '--name-status', head, tree]);
  return { differ: differ.split('\n').filter((line) => line !== ''), leftOut, own, head };
}

function homeWith(files: Record<string, string>): Record<string, string> {
  const home = join(top, `home-${count++}`);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(home, path, '..'), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  return { HOME: home, PATH: process.env.PATH ?? '' };
}

test('files that the person ignores everywhere or in this repository alone stay out', async () => {
  const repository = repositoryOf({ 'a.txt': 'a\n' });
  repository.write({ 'a.secret': 's', 'b.local': 'l', 'c.txt': 'c', '.git/info/exclude': '*.local\n' });
  const named = homeWith({ '.gitconfig': '[core]\n\texcludesFile = ~/ignore\n', ignore: '*.secret\n' });
  assert.deepEqual((await taken(repository.root, named)).differ, ['A\tc.txt']);
  const standard = homeWith({ '.config/git/ignore': '*.secret\n' });
  assert.deepEqual((await taken(repository.root, standard)).differ, ['A\tc.txt']);
});

test('a task commits no file that the person ignores', async () => {
  const repository = repositoryOf({ 'a.txt': 'a\n' });
  const { own, head } = await taken(repository.root, homeWith({ '.config/git/ignore': '.DS_Store\n' }));
  const tree = openTree(privateGit(own.gitDir, {}), join(top, 'trees'), 'one', head);
  await resetTree(tree, head);
  writeFileSync(join(tree.path, '.DS_Store'), '');
  writeFileSync(join(tree.path, 'new.txt'), '');
  const written = await snapshotTree(tree);
  assert.equal(await git(own, ['ls-tree', '--name-only', written]), 'a.txt\nnew.txt');
});

test('line ends that the person’s git converts are no change', async () => {
  const repository = repositoryOf({ 'a.txt': 'a\nb\n' });
  repository.write({ 'a.txt': 'a\r\nc\r\n' });
  const { own, differ } = await taken(repository.root, homeWith({ '.gitconfig': '[core]\n\tautocrlf = true\n' }));
  assert.deepEqual(differ, ['M\ta.txt']);
  const { tree } = await uncommittedTree(own, repository.root, {
    index: join(top, 'index'),
    person: homeWith({ '.gitconfig': '[core]\n\tautocrlf = true\n' }),
  });
  assert.equal(await git(own, ['cat-file', 'blob', `${tree}:a.txt`]), 'a\nc');
});

test('a linked work tree has its own index: what it tracks against .gitignore stays', async () => {
  const main = repositoryOf({ 'a.txt': 'a\n' });
  const linked = join(top, 'linked');
  main.git('worktree', 'add', '--quiet', '-b', 'side', linked);
  const side = (...args: string[]) => main.git('-C', linked, ...args);
  mkdirSync(join(linked, 'dist'));
  writeFileSync(join(linked, '.gitignore'), 'dist/\n');
  writeFileSync(join(linked, 'dist/keep.js'), '');
  side('add', '--force', '.gitignore', 'dist/keep.js');
  side('commit', '--quiet', '-m', 'side');
  writeFileSync(join(linked, 'draft.txt'), 'd');
  assert.deepEqual((await taken(linked)).differ, ['A\tdraft.txt']);
});

test('a split index and a sparse one are read as git reads them, and get no new half', async () => {
  const split = repositoryOf({ 'a.txt': 'a\n' });
  split.git('update-index', '--split-index');
  split.write({ 'b.txt': 'b' });
  split.git('add', 'b.txt');
  const halves = () => readdirSync(join(split.root, '.git')).filter((name) => name.startsWith('sharedindex'));
  const before = halves();
  assert.deepEqual((await taken(split.root)).differ, ['A\tb.txt']);
  assert.deepEqual(halves(), before);

  const sparse = repositoryOf({ 'src/a.txt': 'a\n', 'big/b.txt': 'b\n' });
  sparse.git('sparse-checkout', 'set', '--cone', '--sparse-index', 'src');
  sparse.write({ 'src/a.txt': 'changed\n' });
  assert.deepEqual((await taken(sparse.root)).differ, ['M\tsrc/a.txt']);
});

test('a file behind a filter stays as git has it, and is named: its filter is a program, which is not run', async () => {
  const repository = repositoryOf({});
  const ran = join(top, 'ran');
  repository.git('config', 'filter.crypt.clean', 'tr a-z n-za-m');
  repository.git('config', 'filter.crypt.required', 'true');
  repository.write({ '.gitattributes': '*.key filter=crypt\n', 'a.key': 'secret' });
  repository.git('add', '--all');
  repository.git('commit', '--quiet', '-m', 'first');
  repository.git('config', 'filter.crypt.clean', `touch ${ran}; cat`);
  repository.write({ 'a.key': 'secret two', 'b.key': 'secret three', 'c.txt': 'c' });
  const { differ, leftOut } = await taken(repository.root);
  assert.deepEqual(differ, ['A\tc.txt']);
  assert.deepEqual(leftOut.toSorted(), [
    "a.key (kept by the filter 'crypt'; commit it yourself)",
    "b.key (kept by the filter 'crypt'; commit it yourself)",
  ]);
  assert.ok(!readdirSync(top).includes('ran'));
});

test('a repository inside the folder, even one without a commit, is left out and named', async () => {
  const repository = repositoryOf({ 'a.txt': 'a\n' });
  mkdirSync(join(repository.root, 'inner'));
  repository.git('-C', 'inner', 'init', '--quiet');
  repository.write({ 'inner/x': 'x', 'b.txt': 'b' });
  const { differ, leftOut } = await taken(repository.root);
  assert.deepEqual({ differ, leftOut }, { differ: ['A\tb.txt'], leftOut: ['inner/ (a repository of its own)'] });
});

test('a file that a task writes behind a filter is named; one that only changes its place is not', async () => {
  const repository = repositoryOf({ '.gitattributes': '*.key filter=crypt\n', 'a.key': 'hidden\n' });
  const { own, head } = await taken(repository.root);
  const tree = openTree(privateGit(own.gitDir, {}), join(top, 'filtered'), 'one', head);
  await resetTree(tree, head);
  mkdirSync(join(tree.path, 'in'));
  renameSync(join(tree.path, 'a.key'), join(tree.path, 'in/a.key'));
  assert.deepEqual(await unfilteredFiles(tree, head, await snapshotTree(tree)), []);
  writeFileSync(join(tree.path, 'new.key'), 'plain\n');
  assert.deepEqual(await unfilteredFiles(tree, head, await snapshotTree(tree)), [
    "new.key is kept by the filter 'crypt', which vtcode does not run: its content is committed as it is. Before you push: git add --renormalize new.key",
  ]);
});
