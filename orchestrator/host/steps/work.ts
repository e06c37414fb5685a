import type { EventBody } from '../../../ipc/events.ts';
import { isGuarded } from '../../../security/paths/instructing.ts';
import { inScope, namesOutright } from '../../../security/paths/scope.ts';
import { isSecretPath } from '../../../security/paths/secret-files.ts';
import { runBranch } from '../../../state/manifest.ts';
import { protectedPatterns } from '../../checks/detect.ts';
import { runChecks } from '../../checks/run-checks.ts';
import { moveRef, publish, refuseCheckedOut } from '../../git/refs.ts';
import { allowedFiles } from '../../schedule/approvals.ts';
import { readyTree, treeOf } from '../../worktrees/run-trees.ts';
import { changedFiles, commitTree, mergeTrees, snapshotTree } from '../../worktrees/worktree.ts';
import type { HostContext, Perform } from '../context.ts';

/** The newest commit that tasks start from and merge onto. */
export function tipOf(context: HostContext): string {
  const state = context.state();
  return state.tip ?? state.phase.context.base ?? state.created.repository.head;
}

/** Lends a task a work tree at the newest commit: the lowest numbered free one, or its own again after a conflict. */
export const assign: Perform<'assign'> = async (act, context) => {
  const state = context.state();
  const own = state.tasks.get(act.task)?.context.tree;
  let number = 1;
  while (state.trees.has(`t${number}`) || claimed(context).has(`t${number}`)) number += 1;
  const tree = own ?? `t${number}`;
  const commit = tipOf(context);
  claimed(context).add(tree);
  try {
    await context.hands.stop(`${tree}:write`);
    await readyTree(context, tree, commit);
    await context.record([{ type: 'workspace.assigned', task: act.task, tree, commit }]);
  } finally {
    claimed(context).delete(tree);
  }
  return [];
};

/** Trees that an assignment under way has chosen but not yet written down. */
const claims = new WeakMap<HostContext, Set<string>>();
function claimed(context: HostContext): Set<string> {
  const found = claims.get(context) ?? new Set();
  claims.set(context, found);
  return found;
}

/** Takes what an agent handed in: the work tree's content as a git tree, and what of it lies outside the scope. */
export const collect: Perform<'collect'> = async (act, context) => {
  const { task, tree: name, base } = taskContext(context, act.task);
  const tree = treeOf(context, name ?? '');
  const written = await snapshotTree(tree, madeByTools(context, act.task));
  const files = await changedFiles(context.git, base ?? '', written);
  const protect = [...protectedPatterns(), ...context.state().created.config.checks.protect];
  const scope = [...task.scope, ...allowedFiles(context.state(), act.task)];
  // Whatever wrote it, a tool or a program that nobody looked into.
  const needsName = (file: string) => inScope(file, protect) || isSecretPath(file);
  const outside = files.filter(
    (file) => !inScope(file, scope) || isGuarded(file, scope) || (needsName(file) && !namesOutright(file, scope)),
  );
  return [
    { type: 'task.collected', task: act.task, attempt: act.attempt, base: base ?? '', tree: written, files, outside },
  ];
};

/** Files that the task's tools made: a module that was moved to where `.gitignore` reaches must not get lost. */
function madeByTools(context: HostContext, task: string): string[] {
  const intents = context.log.readAbout(task).filter((event) => event.type === 'tool.started');
  const changes = intents.flatMap((event) => event.changes ?? []);
  return changes.filter(({ kind }) => kind === 'create' || kind === 'move').map(({ path }) => path);
}

/** Checks the tree that will become the commit: the task's work merged onto the newest commit, in a clean tree. */
export const check: Perform<'check'> = async (act, context) => {
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

/** Merges a checked commit: the intent is written with the old and the new id, then the refs are moved. Repeatable. */
export const merge: Perform<'merge'> = async (act, context) => {
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

/** Moves the run's branch in the user's repository, after the objects are there, and our own copy of it. */
export async function moveBranch(context: HostContext, ref: string, old: string | null, next: string): Promise<void> {
  await refuseCheckedOut(context.userGit, ref, next);
  await moveRef(context.git, `refs/vtcode/${context.run}/tip`, null, next, { force: true });
  await publish(context.git.gitDir, context.userGit.gitDir, next, context.state().created.repository.head);
  await moveRef(context.userGit, ref, old, next);
}

/** Parks a task that cannot go on; what it did so far is kept as a commit in the private repository. */
export const park: Perform<'park'> = async (act, context) => {
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

function taskContext(context: HostContext, id: string) {
  const task = context.state().tasks.get(id);
  if (!task) throw new Error(`there is no task ${id}`);
  return task.context;
}

/** The message of a task's commit; its trailers let any later host know its own work. */
function commitMessage(context: HostContext, id: string): string {
  const { task, attempt, collected } = taskContext(context, id);
  const trailers = [`Vtcode-Run: ${context.run}`, `Vtcode-Task: ${id}`, `Vtcode-Attempt: ${attempt}`];
  // The log up to the hand-in: whoever changes it afterwards contradicts the commit.
  if (collected) trailers.push(`Vtcode-Log: ${collected.seq}:${context.log.hashAt(collected.seq)}`);
  return `${task.title}\n\n${task.prompt.trim()}\n\n${trailers.join('\n')}\n`;
}
