import type { EventBody } from '../../../ipc/events.ts';
import type { GitLocation } from '../../git/git.ts';
import { moveRef } from '../../git/refs.ts';
import type { RunAccess } from '../../runs/run-access.ts';
import type { Step } from '../../schedule/due.ts';
import { treeOf } from '../../worktrees/run-trees.ts';
import { changedFiles, commitTree, snapshotTree } from '../../worktrees/worktree.ts';
import { commitMessage, madeByTools, taskContext } from './task.ts';

/** Parks a task that cannot go on; a commit in the private repository keeps its work so far. */
export const park: Step<'park', RunAccess & { git: GitLocation }> = async (act, context) => {
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
  return [{ type: 'task.parked', task: act.task, reason: act.reason, wip }];
};
