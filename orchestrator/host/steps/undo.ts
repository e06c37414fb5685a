import type { Perform } from '../context.ts';
import { moveBranch } from './work.ts';

/** Carries out an undo that was written down: moves the run's branch to the commit without the tasks. Repeatable. */
export const undo: Perform<'undo'> = async (_act, context) => {
  const intent = context.state().undo;
  if (!intent) return [];
  await moveBranch(context, intent.ref, intent.old, intent.new);
  return [{ type: 'undo.finished', tasks: intent.tasks, commit: intent.new }];
};
