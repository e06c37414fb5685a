import type { RunAccess } from '../../runs/run-access.ts';
import type { Step } from '../../schedule/due.ts';
import { readyTree } from '../../worktrees/ready-tree.ts';
import type { TreeAccess } from '../../worktrees/run-trees.ts';
import { tipOf } from './task.ts';

/**
 * Lends a task a work tree at the newest commit: the free tree with the lowest number, or after a conflict its own
 * again.
 */
export const assign: Step<'assign', TreeAccess & RunAccess> = async (act, context) => {
  const state = context.state();
  const own = state.tasks.get(act.task)?.context.tree;
  let number = 1;
  while (state.trees.has(`t${number}`) || context.trees.claimed.has(`t${number}`)) number += 1;
  const tree = own ?? `t${number}`;
  const commit = tipOf(context);
  context.trees.claimed.add(tree);
  try {
    await Promise.all(['write', 'read'].map((mode) => context.hands.stop(`${tree}:${mode}`)));
    await readyTree(context, tree, commit);
    await context.record([{ type: 'workspace.assigned', task: act.task, tree, commit }]);
  } finally {
    context.trees.claimed.delete(tree);
  }
  return [];
};
