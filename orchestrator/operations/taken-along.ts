import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../ipc/fault.ts';
import { type GitLocation, userGit } from '../git/git.ts';
import { publish } from '../git/refs.ts';
import { ownGitDir } from '../git/repository.ts';
import type { RunAccess } from '../runs/run-access.ts';
import { uncommittedTree } from '../worktrees/uncommitted.ts';
import { changedFiles, commitTree, mergeTrees } from '../worktrees/worktree.ts';

type Access = Pick<RunAccess, 'state' | 'paths'> & {
  git: GitLocation;
  userGit: GitLocation;
  person: Record<string, string>;
};

/**
 * Commits the files that --include-dirty took along and that still lie uncommitted in the folder: git would refuse to
 * merge over them. The run's base has just these contents, so the branch takes the base first, and no file is touched.
 * Does nothing when no such file is left. Returns the way back, which also restores the index. Throws merge_conflict,
 * with nothing changed, when a file differs from what the run took.
 */
export async function commitTakenAlong(context: Access, root: string, head: string): Promise<() => Promise<void>> {
  const { created, phase } = context.state();
  const base = phase.context.base ?? created.repository.head;
  const nothing = async () => {};
  if (!created.options.includeDirty || base === created.repository.head) return nothing;
  const index = join(context.paths.folder, 'apply.index');
  const now = await uncommittedTree(context.git, root, { index, person: context.person });
  const uncommitted = new Set(await changedFiles(context.git, head, now.tree));
  const taken = await changedFiles(context.git, created.repository.head, base);
  if (!taken.some((path) => uncommitted.has(path))) return nothing;
  const merged = await mergeTrees(context.git, head, base);
  const other = new Set(await changedFiles(context.git, merged.tree, now.tree));
  const changed = [...new Set([...merged.conflicts, ...taken.filter((path) => other.has(path))])];
  if (changed.length > 0)
    throw new Fault(
      'merge_conflict',
      `The run took uncommitted files along, and these are not as it took them: ${changed.slice(0, 10).join(', ')}. Nothing was changed.`,
      { advice: 'Commit or stash them, then run vtcode apply again.' },
    );
  return moveUnderFiles(context, root, head, await commitOf(context, head, base, merged.tree));
}

/** The base itself, or a merge with it when the branch has moved on. */
async function commitOf(context: Access, head: string, base: string, tree: string): Promise<string> {
  const { created, at } = context.state();
  if (head === created.repository.head) return base;
  const message = 'Merge the uncommitted changes that the run was started with\n';
  const words = { tree, parents: [head, base], message, at, identity: created.identity };
  const commit = await commitTree(context.git, words);
  await publish(context.git, context.userGit, commit, created.repository.head);
  return commit;
}

/** Moves the branch and the index to a commit whose contents the files already have. */
async function moveUnderFiles(
  context: Access,
  root: string,
  head: string,
  commit: string,
): Promise<() => Promise<void>> {
  const index = join(ownGitDir(root), 'index');
  const kept = join(context.paths.folder, 'person.index');
  if (existsSync(index)) copyFileSync(index, kept);
  const moved = await userGit(root, ['reset', '--quiet', '--mixed', commit], context.person);
  if (moved.code !== 0)
    throw new Fault('git_failed', `The files that were taken along cannot be committed: ${moved.stderr.trim()}`, {
      advice: 'Commit or stash them, then run vtcode apply again.',
    });
  return async () => {
    await userGit(root, ['reset', '--quiet', '--soft', head], context.person);
    if (existsSync(kept)) copyFileSync(kept, index);
    rmSync(kept, { force: true });
  };
}
