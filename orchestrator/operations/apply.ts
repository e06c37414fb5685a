import { Fault } from '../../ipc/fault.ts';
import { runBranch } from '../../state/manifest.ts';
import type { RunState } from '../../state/run-state.ts';
import type { ChecksAccess } from '../checks/run-checks.ts';
import { runChecks } from '../checks/run-checks.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { gitTry, userGit } from '../git/git.ts';
import { refTarget } from '../git/refs.ts';
import { inspectRepository, locateRepository } from '../git/repository.ts';
import { ownRun } from '../host/run-host.ts';
import type { RunAccess } from '../runs/run-access.ts';
import { readyTree } from '../worktrees/ready-tree.ts';
import { treeOf } from '../worktrees/run-trees.ts';
import { commitTree, mergeTrees, removeTree } from '../worktrees/worktree.ts';
import { commitTakenAlong } from './taken-along.ts';

/**
 * Merges a run's branch into the checked-out branch of the user's work tree (the one around `directory` when it belongs
 * to the same repository). It is refused, with nothing changed, on a conflict, on uncommitted changes in the way, and
 * when the branch has moved on and the checks fail on the merge. The user's own git makes the merge: their hooks and
 * signing apply. May be repeated.
 */
export async function applyRun(place: UserEnvironment, run: string, directory: string): Promise<{ message: string }> {
  const owned = await ownRun(place, run, {});
  try {
    const { context } = owned;
    const state = owned.state();
    const tip = state.tip;
    if (!tip)
      throw new Fault('nothing_to_do', `Run ${run} has merged nothing, so there is nothing to apply.`, {
        advice: `vtcode show ${run} says why.`,
      });
    const root = rootFor(directory, state);
    const asked = { includeDirty: false, environment: { PATH: place.searchPath }, person: place.environment };
    const here = await inspectRepository(root, asked);
    const branch = here.branch ?? 'the detached HEAD';
    const target = await refTarget(context.userGit, `refs/heads/${runBranch(run)}`);
    if (target !== tip)
      throw new Fault('ref_moved', `${runBranch(run)} is not where vtcode left it (${tip.slice(0, 10)}).`, {
        advice: 'Merge it yourself with git if that is what you want.',
      });
    const contained = await gitTry(context.userGit, ['merge-base', '--is-ancestor', tip, here.head]);
    if (contained.code === 0) return { message: `${branch} already has the work of ${run}.` };
    await tryMerge(context, here.head, tip);
    const undo = await commitTakenAlong(context, root, here.head);
    const result = await userGit(root, ['merge', '--no-edit', runBranch(run)], place.environment);
    if (result.code !== 0) {
      const words = `${result.stdout}\n${result.stderr}`.trim();
      const byHand = `Mend what it names, or merge by hand: git merge ${runBranch(run)}`;
      const isTakenBack = await takeBackMerge(root, place);
      await undo();
      throw new Fault('merge_conflict', `git merge refused, and nothing was changed:\n${words}`, {
        advice: isTakenBack ? byHand : 'Commit or stash the files it names, then run vtcode apply again.',
      });
    }
    const { head } = await inspectRepository(root, asked);
    context.log.append([{ type: 'apply.finished', commit: head, branch }], {
      at: new Date().toISOString(),
      durable: true,
    });
    return { message: `Applied ${run} to ${branch}: it is now at ${head.slice(0, 10)}.` };
  } finally {
    removeTree(treeOf(owned.context, 'check'));
    await owned.close();
  }
}

/**
 * A hook or signing that refuses leaves the merge half done; it is ours, as there was none before. True: it was
 * aborted.
 */
async function takeBackMerge(root: string, place: UserEnvironment): Promise<boolean> {
  const begun = await userGit(root, ['rev-parse', '--quiet', '--verify', 'MERGE_HEAD'], place.environment);
  if (begun.code !== 0) return false;
  return (await userGit(root, ['merge', '--abort'], place.environment)).code === 0;
}

/** The work tree around the directory when it belongs to the run's repository, else the one that the run began in. */
function rootFor(directory: string, { created: { repository } }: RunState): string {
  try {
    const around = locateRepository(directory);
    return around.commonDir === repository.gitDir ? around.root : repository.root;
  } catch {
    return repository.root;
  }
}

/** Merges without a change to any file, and checks the result unless exactly this was checked already. */
async function tryMerge(context: RunAccess & ChecksAccess, head: string, tip: string): Promise<void> {
  const state = context.state();
  const merged = await mergeTrees(context.git, head, tip);
  if (merged.conflicts.length > 0)
    throw new Fault(
      'merge_conflict',
      `The work conflicts with the branch in: ${merged.conflicts.join(', ')}. Nothing was changed.`,
      {
        advice: `Merge by hand: git merge ${runBranch(context.run)}`,
      },
    );
  const { plan, dropped } = state.phase.context;
  const checks = (plan?.checks ?? []).filter(({ name }) => !dropped.includes(name));
  if (head === state.phase.context.base || checks.length === 0) return;
  const words = { at: state.at, identity: state.created.identity, message: 'apply\n' };
  const commit = await commitTree(context.git, { ...words, tree: merged.tree, parents: [head, tip] });
  await readyTree(context, 'check', commit);
  const results = await runChecks(context, checks, state.baseChecked?.results ?? []);
  const red = results.filter((result) => result.outcome === 'failed');
  if (red.length > 0)
    throw new Fault(
      'merge_conflict',
      `The branch has moved on, and on the merge these checks fail: ${red.map((result) => result.name).join(', ')}. Nothing was changed.\n${red[0]?.tail.split('\n').slice(-12).join('\n')}`,
      {
        advice: `Merge by hand if you want it all the same: git merge ${runBranch(context.run)}`,
      },
    );
}
