import { gitTry, splitNul } from '../git/git.ts';
import { ownGitDir } from '../git/repository.ts';
import { handsPlace } from './agent-hands.ts';
import { type TreeAccess, treeOf } from './run-trees.ts';

/** More such files are a committed build: a refactoring that read them all would take minutes. */
const filesMax = 2_000;

/**
 * Files of an agent's folder that git tracks although a rule of `.gitignore` names them, or that lie in a `node_modules`:
 * a search leaves them out, and a refactoring must not. Relative paths; empty where there is no git.
 */
export async function unsearchedFiles(context: TreeAccess, agent: string): Promise<string[]> {
  const { tree } = handsPlace(agent, context.state());
  const { root, gitDir } = context.state().created.repository;
  if (tree === null && gitDir === '') return [];
  const { environment } = context.git;
  const own = () => ({ gitDir: ownGitDir(root), workTree: root, ...(environment && { environment }) });
  const place = tree === null ? own() : treeOf(context, tree).place;
  const words = ['ls-files', '-z', '--cached', '--ignored', '--exclude-standard', '--exclude=node_modules/'];
  const found = await gitTry(place, words);
  return found.code === 0 ? splitNul(found.stdout).slice(0, filesMax) : [];
}
