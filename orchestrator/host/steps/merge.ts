import { runBranch } from '../../../state/manifest.ts';
import type { RunAccess } from '../../runs/run-access.ts';
import type { Step } from '../../schedule/due.ts';
import { type BranchAccess, moveBranch } from './move-branch.ts';
import { taskContext } from './task.ts';

/** Merges a checked commit: the intent is written with the old and the new id, then the refs are moved. Repeatable. */
export const merge: Step<'merge', RunAccess & BranchAccess> = async (act, context) => {
  const { commit } = taskContext(context, act.task);
  if (!commit) throw new Error(`task ${act.task} is merged before it was checked`);
  const state = context.state();
  const ref = `refs/heads/${runBranch(context.run)}`;
  if (state.merge?.new !== commit) {
    const intent = { type: 'merge.started' as const, task: act.task, attempt: act.attempt, ref };
    await context.record([{ ...intent, old: state.tip, new: commit }], { durable: true });
  }
  await moveBranch(context, ref, state.tip, commit);
  return [{ type: 'merge.finished', task: act.task, attempt: act.attempt, commit }];
};
