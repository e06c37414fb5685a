import type { RunAccess } from '../../runs/run-access.ts';
/** The newest commit that tasks start from and merge onto. */
export function tipOf({ state: now }: Pick<RunAccess, 'state'>): string {
  const state = now();
  return state.tip ?? state.phase.context.base ?? state.created.repository.head;
}

/** The state of a task. Throws when the run has no task with this id: a defect of the caller. */
export function taskContext({ state }: Pick<RunAccess, 'state'>, id: string) {
  const task = state().tasks.get(id);
  if (!task) throw new Error(`there is no task ${id}`);
  return task.context;
}

/** Files that the task's tools made: a module moved to a path that `.gitignore` covers must not get lost. */
export function madeByTools({ log }: Pick<RunAccess, 'log'>, task: string): string[] {
  const intents = log.readAbout(task).filter((event) => event.type === 'tool.started');
  const changes = intents.flatMap((event) => event.changes ?? []);
  return changes.filter(({ kind }) => kind === 'create' || kind === 'move').map(({ path }) => path);
}

/** The message of a task's commit; by its trailers any later host recognizes its own work. */
export function commitMessage(context: Pick<RunAccess, 'run' | 'log' | 'state'>, id: string): string {
  const { task, attempt, collected } = taskContext(context, id);
  const trailers = [`Vtcode-Run: ${context.run}`, `Vtcode-Task: ${id}`, `Vtcode-Attempt: ${attempt}`];
  // The log up to the hand-in: a later change of that part contradicts the commit.
  if (collected) trailers.push(`Vtcode-Log: ${collected.seq}:${context.log.hashAt(collected.seq)}`);
  return `${task.title}\n\n${task.prompt.trim()}\n\n${trailers.join('\n')}\n`;
}
