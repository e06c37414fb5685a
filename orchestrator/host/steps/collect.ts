import { isGuarded } from '../../../security/paths/instructing.ts';
import { inScope, namesOutright } from '../../../security/paths/scope.ts';
import { isSecretPath } from '../../../security/paths/secret-files.ts';
import { protectedPatterns } from '../../checks/detect.ts';
import type { GitLocation } from '../../git/git.ts';
import type { RunAccess } from '../../runs/run-access.ts';
import { allowedFiles } from '../../schedule/approvals.ts';
import type { Step } from '../../schedule/due.ts';
import { treeOf } from '../../worktrees/run-trees.ts';
import { changedFiles, snapshotTree, unfilteredFiles } from '../../worktrees/worktree.ts';
import { madeByTools, taskContext } from './task.ts';

/** Takes the agent's work: the content of the work tree as a git tree, and the changes outside the scope. */
export const collect: Step<'collect', RunAccess & { git: GitLocation }> = async (act, context) => {
  const { task, tree: name, base } = taskContext(context, act.task);
  const tree = treeOf(context, name ?? '');
  const written = await snapshotTree(tree, madeByTools(context, act.task));
  const files = await changedFiles(context.git, base ?? '', written);
  const protect = [...protectedPatterns(), ...context.state().created.config.checks.protect];
  const scope = [...task.scope, ...allowedFiles(context.state(), act.task)];
  // All changes count, whether a tool or an unchecked program wrote them.
  const needsName = (file: string) => inScope(file, protect) || isSecretPath(file);
  const outside = files.filter(
    (file) => !inScope(file, scope) || isGuarded(file, scope) || (needsName(file) && !namesOutright(file, scope)),
  );
  const warnings = await unfilteredFiles(tree, base ?? '', written);
  const collected = { task: act.task, attempt: act.attempt, base: base ?? '', tree: written, files, outside };
  return [{ type: 'task.collected', ...collected, ...(warnings.length > 0 && { warnings }) }];
};
