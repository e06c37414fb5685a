import type { Event } from '../../ipc/events.ts';
import { Fault } from '../../ipc/fault.ts';
import type { Manifest } from '../../ipc/manifest.ts';
import { nearest } from '../../ipc/nearest.ts';
import type { CheckResult } from '../../ipc/plan.ts';
import { manifestOf, runBranch } from '../../state/manifest.ts';
import type { RunState } from '../../state/run-state.ts';
import type { ChecksAccess } from '../checks/run-checks.ts';
import { runChecks } from '../checks/run-checks.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { type GitLocation, git } from '../git/git.ts';
import { ownRun } from '../host/run-host.ts';
import { writeManifest } from '../host/steps/finish.ts';
import type { RunAccess } from '../runs/run-access.ts';
import { readyTree } from '../worktrees/ready-tree.ts';
import { treeOf } from '../worktrees/run-trees.ts';
import { commitTree, mergeTrees, removeTree } from '../worktrees/worktree.ts';

export type Undone = { tasks: string[]; commit: string; results: CheckResult[]; manifest: Manifest };

/**
 * Removes a merged task, and the merged tasks that depend on it, from the run's branch by one new commit, checks the
 * result and moves the branch. Nothing is changed when later work conflicts. Repeatable after a crash.
 */
export async function undoTask(
  place: UserEnvironment,
  run: string,
  task: string,
  onEvent: (event: Event) => void,
): Promise<Undone> {
  const owned = await ownRun(place, run, { onEvents: (events) => events.forEach(onEvent) });
  try {
    const { context } = owned;
    const state = owned.state();
    // An interrupted undo may have moved the branch already: it is finished, never started a second time.
    const intent = state.phase.context.undo ?? (await intentOf(context, task));
    // A failed write ends the loop, which reports the reason.
    if (state.phase.value !== 'undoing') context.record([intent], { durable: true }).catch(() => {});
    const ending = await owned.work();
    if (ending.kind === 'failed') throw ending.fault;
    writeManifest(context);
    const { tasks, results } = intent;
    if (!tasks.includes(task))
      throw new Fault(
        'usage',
        `An interrupted undo of ${tasks.join(', ')} was finished first; '${task}' still stands.`,
        {
          advice: `Say it again: vtcode undo ${run} ${task}`,
        },
      );
    const manifest = manifestOf(owned.state(), { live: false, logHead: owned.log.newest().hash });
    return { tasks, commit: intent.new, results, manifest };
  } finally {
    removeTree(treeOf(owned.context, 'check'));
    await owned.close();
  }
}

/** The result of undoing the task: the commit without it, checked. */
async function intentOf(context: RunAccess & ChecksAccess, task: string) {
  const state = context.state();
  const tasks = affected(state, task);
  const old = state.tip ?? '';
  const commit = await revert(context, tasks, old);
  const results = await check(context, commit);
  const ref = `refs/heads/${runBranch(context.run)}`;
  return { type: 'undo.started' as const, tasks, ref, old, new: commit, results };
}

/** The task and its merged dependants, in the order they were merged. Throws usage when there is nothing to undo. */
function affected(state: RunState, name: string): string[] {
  const run = state.created.run;
  if (!state.finished)
    throw new Fault('usage', `Run ${run} is not finished; its tasks cannot be undone yet.`, {
      advice: `Go on with it first: vtcode resume ${run}`,
    });
  const task = state.tasks.get(name);
  if (!task) {
    const known = [...state.tasks.keys()];
    const meant = nearest(name, known);
    throw new Fault('usage', `Run ${run} has no task '${name}'.`, {
      advice: meant ? `Did you mean '${meant}'?` : `Its tasks: ${known.join(', ') || 'none'}`,
    });
  }
  if (task.value !== 'merged')
    throw new Fault('usage', `Task '${name}' of run ${run} is ${task.value}; only a merged task can be undone.`, {
      advice: `vtcode show ${run} shows the tasks.`,
    });
  const lost = new Set([name]);
  for (const { task: merged } of state.merged)
    if (state.tasks.get(merged)?.context.task.after.some((one) => lost.has(one))) lost.add(merged);
  return state.merged
    .map((merge) => merge.task)
    .filter((one) => lost.has(one) && state.tasks.get(one)?.value === 'merged');
}

/** A commit on top of `tip` without the tasks' changes. Later work on the same lines is a conflict. */
async function revert(
  context: Pick<RunAccess, 'run' | 'state'> & { git: GitLocation },
  tasks: string[],
  tip: string,
): Promise<string> {
  const state = context.state();
  const { identity } = state.created;
  const at = new Date().toISOString();
  let tree = await git(context.git, ['rev-parse', `${tip}^{tree}`]);
  for (const task of tasks.toReversed()) {
    const commit = state.tasks.get(task)?.context.commit ?? '';
    const before = await git(context.git, ['rev-parse', `${commit}^^{tree}`]);
    // merge-tree finds the merge base itself: give it two commits whose base is the task's own commit.
    const words = { at, identity, message: 'undo\n' };
    const without = await commitTree(context.git, { ...words, tree: before, parents: [commit] });
    const now = await commitTree(context.git, { ...words, tree, parents: [tip] });
    const merged = await mergeTrees(context.git, now, without);
    if (merged.conflicts.length > 0)
      throw new Fault(
        'merge_conflict',
        `Task '${task}' cannot be undone: later work changed the same places in ${merged.conflicts.join(', ')}.`,
        {
          advice: 'Undo that later task first, or mend it by hand on the branch. Nothing was changed.',
        },
      );
    tree = merged.tree;
  }
  const message = `Undo ${tasks.join(', ')}\n\nVtcode-Run: ${context.run}\nVtcode-Undo: ${tasks.join(' ')}\n`;
  return commitTree(context.git, { tree, parents: [tip], message, at, identity });
}

async function check(context: ChecksAccess, commit: string): Promise<CheckResult[]> {
  const { plan, dropped } = context.state().phase.context;
  const wanted = (plan?.checks ?? []).filter(({ name }) => !dropped.includes(name));
  if (wanted.length === 0) return [];
  await readyTree(context, 'check', commit);
  return runChecks(context, wanted, context.state().baseChecked?.results ?? []);
}
