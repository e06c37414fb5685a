import type { EventBody } from '../../../ipc/events.ts';
import { Fault } from '../../../ipc/fault.ts';
import { parkedBranch } from '../../../state/manifest.ts';
import { moveRef, publish, refuseCheckedOut } from '../../git/refs.ts';
import type { RunAccess } from '../../runs/run-access.ts';
import type { Step } from '../../schedule/due.ts';
import { treeOf } from '../../worktrees/run-trees.ts';
import { changedFiles, commitTree, snapshotTree } from '../../worktrees/worktree.ts';
import type { BranchAccess } from './move-branch.ts';
import { commitMessage, madeByTools, taskContext } from './task.ts';

/** Parks a task that cannot go on; a commit keeps its work so far, and a branch in the user's repository leads to it. */
export const park: Step<'park', RunAccess & BranchAccess> = async (act, context) => {
  const { tree: name, base } = taskContext(context, act.task);
  const facts: EventBody[] = [{ type: 'task.parked', task: act.task, reason: act.reason, wip: null }];
  if (!name || !base) return facts;
  const tree = treeOf(context, name);
  const written = await snapshotTree(tree, madeByTools(context, act.task));
  if ((await changedFiles(context.git, base, written)).length === 0) return facts;
  const { identity } = context.state().created;
  const words = { tree: written, parents: [base], at: context.state().at, identity };
  const wip = await commitTree(context.git, { ...words, message: `Unfinished: ${commitMessage(context, act.task)}` });
  await moveRef(context.git, `refs/vtcode/${context.run}/parked/${act.task}`, null, wip, { force: true });
  const branch = await openBranch(context, act.task, wip);
  return [{ type: 'task.parked', task: act.task, reason: act.reason, wip, ...(branch !== null && { branch }) }];
};

/** Null: the branch cannot be made, and only the private repository keeps the work. Parking goes on in any case. */
async function openBranch(context: BranchAccess, task: string, wip: string): Promise<string | null> {
  const branch = parkedBranch(context.run, task);
  const ref = `refs/heads/${branch}`;
  try {
    await refuseCheckedOut(context.userGit, ref, wip);
    await publish(context.git, context.userGit, wip, context.state().created.repository.head);
    // A host that died here may have made it already, from the same work.
    await moveRef(context.userGit, ref, null, wip, { force: true });
    return branch;
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}
