import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from '../../ipc/events.ts';
import { type GitLocation, git } from '../git/git.ts';
import { commitTree, submodulesIn } from './worktree.ts';

/**
 * A commit of the user's work tree in its present form, on top of HEAD, without a change to their index or objects: a
 * copy of the index is brought up to date, and new objects are written into the private repository.
 */
export async function dirtyCommit(
  privateGit: GitLocation,
  repository: Repository,
  words: { identity: { name: string; email: string }; at: string; index: string },
): Promise<string> {
  const indexOfUser = join(repository.gitDir, 'index');
  rmSync(words.index, { force: true });
  if (existsSync(indexOfUser)) copyFileSync(indexOfUser, words.index);
  const place = { ...privateGit, workTree: repository.root, index: words.index };
  const others = (await submodulesIn(place)).map((path) => `:(exclude,top,literal)${path}`);
  await git(place, ['add', '--all', '--', '.', ...others]);
  const tree = await git(place, ['write-tree']);
  rmSync(words.index, { force: true });
  return commitTree(privateGit, {
    tree,
    parents: [repository.head],
    message: 'Uncommitted changes that the run was started with\n',
    at: words.at,
    identity: words.identity,
  });
}
