import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Repository } from '../../ipc/events.ts';
import { Fault } from '../../ipc/fault.ts';
import { filtersOf } from '../git/filters.ts';
import { type GitLocation, git, gitTry, removeLocks, splitNul } from '../git/git.ts';
import { ignoredByPerson, personSettings } from '../git/person-settings.ts';

/**
 * Work trees: folders of vtcode's private repository, which borrows the objects of the user's and is never inside a
 * sandbox. `place` addresses a tree by its administrative folder, so that a `.git` found in the tree is never obeyed.
 */
export type Tree = { name: string; path: string; place: GitLocation };

/** Folders that checks and tools fill and that are worth keeping when a tree is reused. */
const keptFolders = ['node_modules'];

/**
 * Makes the private repository for the user's if there is none yet, and refreshes what it borrows. Idempotent, and safe
 * beside other runs that do the same at the same moment: everything appears whole, by one rename. Files that the person's
 * git ignores are ignored here too.
 */
export async function ensurePrivateRepository(
  own: GitLocation,
  { root, gitDir: userGitDir }: Pick<Repository, 'root' | 'gitDir'>,
  person: Record<string, string>,
): Promise<void> {
  const path = own.gitDir;
  if (!existsSync(path)) await makePrivateRepository(own, userGitDir);
  replaceFile(join(path, 'objects', 'info', 'alternates'), `${join(userGitDir, 'objects')}\n`);
  const shallow = join(userGitDir, 'shallow');
  if (existsSync(shallow)) replaceFile(join(path, 'shallow'), readFileSync(shallow, 'utf8'));
  else rmSync(join(path, 'shallow'), { force: true });
  replaceFile(
    ignoredFile(path),
    ignoredByPerson(await personSettings(root, person), join(userGitDir, 'info', 'exclude')),
  );
  exclude(
    path,
    keptFolders.map((folder) => `${folder}/`),
  );
}

const ignoredFile = (privatePath: string): string => join(privatePath, 'person.ignore');

/** A private repository as our git works in it. */
export function privateGit(gitDir: string, environment: Record<string, string>): GitLocation {
  return { gitDir, environment, settings: [['core.excludesFile', ignoredFile(gitDir)]] };
}

async function makePrivateRepository(
  { gitDir: path, environment = {} }: GitLocation,
  userGitDir: string,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const format = await gitTry({ gitDir: userGitDir, environment }, ['rev-parse', '--show-object-format']);
  const objectFormat = format.code === 0 ? format.stdout.trim() : 'sha1';
  const fresh = `${path}.${process.pid}.new`;
  rmSync(fresh, { recursive: true, force: true });
  await git({ gitDir: '', environment }, ['init', '--quiet', '--bare', `--object-format=${objectFormat}`, fresh]);
  mkdirSync(join(fresh, 'objects', 'info'), { recursive: true });
  mkdirSync(join(fresh, 'info'), { recursive: true });
  try {
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(join(path, 'HEAD'))) throw error; // else another run made it in the meantime
  }
}

/** Replaces a file by a rename, so that no reader sees half of it; does nothing if the content is the same. */
function replaceFile(path: string, content: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === content) return;
  const fresh = `${path}.${process.pid}.new`;
  writeFileSync(fresh, content);
  renameSync(fresh, path);
}

/** Names paths that set-up makes, so that no diff and no commit ever contains them. */
export function exclude(privatePath: string, patterns: string[]): void {
  const file = join(privatePath, 'info', 'exclude');
  const known = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const missing = patterns.filter((pattern) => !known.includes(pattern));
  if (missing.length > 0) appendFileSync(file, `${missing.join('\n')}\n`);
}

/**
 * The tree called `name` (unique in the private repository) under `folder`. If it is missing it is made empty, to be
 * reset to `commit`. An existing tree is left unchanged, filled or not.
 */
export function openTree(own: GitLocation, folder: string, name: string, commit: string): Tree {
  const tree = treeAt(own, folder, name);
  if (existsSync(join(tree.place.gitDir, 'index')) && existsSync(tree.path)) return tree;
  if (isRegistered(tree)) return tree;
  rmSync(tree.path, { recursive: true, force: true });
  rmSync(tree.place.gitDir, { recursive: true, force: true });
  register(own.gitDir, tree, commit);
  return tree;
}

/**
 * Writes the records of an empty work tree (gitrepository-layout(5)). Not `git worktree add`: it reads the records of
 * all other trees and fails on one that is being made at the same moment.
 */
function register(privatePath: string, { name, path }: Tree, commit: string): void {
  const records = join(privatePath, 'worktrees', name);
  mkdirSync(records, { recursive: true });
  mkdirSync(path, { recursive: true, mode: 0o700 });
  writeFileSync(join(records, 'gitdir'), `${join(path, '.git')}\n`);
  writeFileSync(join(records, 'commondir'), '../..\n');
  writeFileSync(join(records, 'HEAD'), `${commit}\n`);
  writeFileSync(join(path, '.git'), `gitdir: ${records}\n`);
}

/** Whether the records of an empty tree are complete (its `.git` is written last) and it is still empty. */
function isRegistered({ path, place }: Tree): boolean {
  return existsSync(place.gitDir) && existsSync(path) && readdirSync(path).join() === '.git';
}

/** The tree called `name` under `folder`, even if it does not exist; `own` is the private repository. */
export function treeAt(own: GitLocation, folder: string, name: string): Tree {
  const path = join(folder, name);
  return { name, path, place: { ...own, gitDir: join(own.gitDir, 'worktrees', name), workTree: path } };
}

/** Makes the tree equal to `commit`: every other file is removed, except installed dependencies. */
export async function resetTree(tree: Tree, commit: string): Promise<void> {
  removeLocks(tree.place.gitDir);
  rmSync(madeList(tree), { force: true });
  const isNew = !existsSync(join(tree.place.gitDir, 'index'));
  await git(tree.place, ['reset', '--quiet', '--hard', commit]);
  if (isNew) return;
  const keep = keptFolders.flatMap((folder) => ['-e', folder]);
  await git(tree.place, ['clean', '-ffdxq', ...keep]);
}

/** Restores files of the tree's commit that were changed or removed. New files stay. */
export async function restoreFiles(tree: Tree): Promise<void> {
  removeLocks(tree.place.gitDir);
  await git(tree.place, ['checkout-index', '--all', '--force', '--index']);
}

/**
 * Writes the tree's content, without the files of set-up, as a git tree object and returns its id. `meant` are files
 * that belong to it even if `.gitignore` names them.
 */
export async function snapshotTree(tree: Tree, meant: string[] = []): Promise<string> {
  removeLocks(tree.place.gitDir);
  const there = meant.filter((path) => lstatSync(join(tree.path, path), { throwIfNoEntry: false })?.isFile());
  // Files that git refuses here lie in a submodule or behind a link, and are no part of the tree.
  if (there.length > 0) await gitTry(tree.place, [...addListed, '--force'], { input: there.map(literally).join('\0') });
  const made = existsSync(madeList(tree)) ? splitNul(readFileSync(madeList(tree), 'utf8')) : [];
  const input = [
    '.',
    ...[...made, ...(await submodulesIn(tree.place))].map((path) => `:(exclude,top,literal)${path}`),
  ].join('\0');
  await git(tree.place, [...addListed, '--all'], { input });
  return git(tree.place, ['write-tree']);
}

const addListed = ['add', '--pathspec-from-file=-', '--pathspec-file-nul'];
const literally = (path: string): string => `:(top,literal)${path}`;

/**
 * Paths of the submodules in the index. To compare one, git would start `git status` inside it, and that runs the
 * filters named by a `.git` that repository code may have made there.
 */
export async function submodulesIn(place: GitLocation): Promise<string[]> {
  const entries = splitNul(await git(place, ['ls-files', '--stage', '-z']));
  return entries.filter((entry) => entry.startsWith('160000 ')).map((entry) => entry.slice(entry.indexOf('\t') + 1));
}

/** Records new files as made by set-up, until the tree is reset. A folder of only such files counts as one. */
export async function keepOutNewFiles(tree: Tree): Promise<void> {
  const words = ['ls-files', '--others', '--exclude-standard', '--directory', '--no-empty-directory', '-z'];
  writeFileSync(madeList(tree), await git(tree.place, words));
}

function madeList(tree: Tree): string {
  return `${tree.path}.made`;
}

export function removeTree(tree: Tree): void {
  rmSync(tree.path, { recursive: true, force: true, maxRetries: 3 });
  rmSync(madeList(tree), { force: true });
  rmSync(tree.place.gitDir, { recursive: true, force: true, maxRetries: 3 });
}

/** Paths that differ between two trees or commits; a rename counts as both of its paths. */
export async function changedFiles(place: GitLocation, from: string, to: string): Promise<string[]> {
  return splitNul(await git(place, ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to]));
}

/** Files that a tree adds or changes behind a filter, which did not run: sentences for a person. */
export async function unfilteredFiles(tree: Tree, from: string, to: string): Promise<string[]> {
  // A file that only changes its place keeps the content that its filter once made.
  const words = ['diff-tree', '-r', '-z', '-M100%', '--name-only', '--diff-filter=AM', from, to];
  const filters = await filtersOf(tree.place, splitNul(await git(tree.place, words)));
  return [...filters].map(
    ([path, filter]) =>
      `${path} is kept by the filter '${filter}', which vtcode does not run: its content is committed as it is. Before you push: git add --renormalize ${path}`,
  );
}

export type CommitWords = {
  tree: string;
  parents: string[];
  message: string;
  /** ISO 8601: author and committer date, so that the same event always gives the same commit. */
  at: string;
  identity: { name: string; email: string };
};

/** Writes a commit object: a pure function of its arguments. */
export function commitTree(place: GitLocation, words: CommitWords): Promise<string> {
  const date = `${Math.floor(Date.parse(words.at) / 1000)} +0000`;
  const { name, email } = words.identity;
  return git(place, ['commit-tree', words.tree, ...words.parents.flatMap((parent) => ['-p', parent]), '-F', '-'], {
    input: words.message,
    environment: {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
      GIT_COMMITTER_DATE: date,
    },
  });
}

/** Merges two commits without a work tree: the merged tree's id, or the files in conflict. */
export async function mergeTrees(
  place: GitLocation,
  ours: string,
  theirs: string,
): Promise<{ tree: string; conflicts: string[] }> {
  const result = await gitTry(place, [
    'merge-tree',
    '--write-tree',
    '-z',
    '--name-only',
    '--no-messages',
    ours,
    theirs,
  ]);
  const [tree = '', ...conflicts] = splitNul(result.stdout);
  if (result.code === 0) return { tree, conflicts: [] };
  if (result.code === 1) return { tree, conflicts };
  throw new Fault('git_failed', `git merge-tree failed: ${result.stderr.trim()}`);
}
