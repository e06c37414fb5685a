import { join, normalize } from 'node:path/posix';
import { belowTop } from '../../security/shell/paths.ts';
import type { RunAccess } from '../runs/run-access.ts';
import { topsOf } from '../worktrees/follow-links.ts';
import { plannerTree } from '../worktrees/run-trees.ts';

/** The absolute paths by which a planner, or a person's plan file, may name the repository's top. */
export function planTops({ run, paths, state }: Pick<RunAccess, 'run' | 'paths' | 'state'>): string[] {
  return [...topsOf(state().created.repository.root), ...topsOf(join(paths.trees, `${run}-${plannerTree}`))];
}

/** Tasks with scopes as paths from the repository's top; a scope that leads elsewhere stays, and is a fault of the plan. */
export function scopesFromTop<One extends { scope: string[] }>(tasks: One[], tops: readonly string[]): One[] {
  const fromTop = (glob: string) => {
    const own = belowTop(glob, tops) ?? glob;
    return own.startsWith('/') || own === '' ? own || '**' : normalize(own).replace(/^\.$/, '**');
  };
  return tasks.map((task) => ({ ...task, scope: task.scope.map(fromTop) }));
}
