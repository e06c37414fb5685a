import { type ChecksAccess, runChecks } from '../../checks/run-checks.ts';
import type { RunAccess } from '../../runs/run-access.ts';
import type { Step } from '../../schedule/due.ts';
import { readyTree } from '../../worktrees/ready-tree.ts';
import { commitTree, mergeTrees } from '../../worktrees/worktree.ts';
import { commitMessage, taskContext, tipOf } from './task.ts';

/** Checks the tree that will become the commit: the task's work merged onto the newest commit, in a clean tree. */
export const check: Step<'check', RunAccess & ChecksAccess> = async (act, context) => {
  const state = context.state();
  const { task, base, collected } = taskContext(context, act.task);
  if (!base || !collected) throw new Error(`task ${act.task} is checked before it was collected`);
  const tip = tipOf(context);
  const { identity } = state.created;
  const words = { message: commitMessage(context, act.task), at: collected.at, identity };
  const own = await commitTree(context.git, { ...words, tree: collected.tree, parents: [base] });
  const fact = { type: 'task.checked' as const, task: act.task, attempt: act.attempt, tip };
  const merged = tip === base ? { tree: collected.tree, conflicts: [] } : await mergeTrees(context.git, tip, own);
  if (merged.conflicts.length > 0)
    return [{ ...fact, verdict: 'conflict', commit: null, conflicts: merged.conflicts, results: [] }];
  const commit = await commitTree(context.git, { ...words, tree: merged.tree, parents: [tip] });
  const wanted = (state.phase.context.plan?.checks ?? []).filter(
    ({ name }) =>
      !state.phase.context.dropped.includes(name) && (task.checks.length === 0 || task.checks.includes(name)),
  );
  if (wanted.length > 0) await readyTree(context, 'check', commit);
  const results = await runChecks(context, wanted, state.baseChecked?.results ?? [], (name) =>
    context.note([{ type: 'check.started', subject: act.task, name }]),
  );
  const green = results.every((result) => result.outcome !== 'failed');
  return [{ ...fact, verdict: green ? 'green' : 'red', commit, conflicts: [], results }];
};
