import type { Step } from '../../schedule/due.ts';
import { type BranchAccess, moveBranch } from './move-branch.ts';

/** Carries out a recorded undo: moves the run's branch to the commit without the tasks. Repeatable. */
export const undo: Step<'undo', BranchAccess> = async (_act, context) => {
  const intent = context.state().phase.context.undo;
  if (!intent) return [];
  await moveBranch(context, intent.ref, intent.old, intent.new);
  return [{ type: 'undo.finished', tasks: intent.tasks, commit: intent.new }];
};
