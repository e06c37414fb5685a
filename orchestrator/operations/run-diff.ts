import { Fault } from '../../ipc/fault.ts';
import { hasPlan } from '../../ipc/run-kind.ts';
import { privateRepository, runPaths } from '../../state/paths.ts';
import type { RunState } from '../../state/run-state.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { type GitLocation, git, gitTry, splitNul, userGit } from '../git/git.ts';
import { treeAt } from '../worktrees/worktree.ts';

/** Only text that git itself makes: no program that a repository chooses is run for it. */
const plain = ['--no-ext-diff', '--no-textconv', '--ignore-submodules=all'];
/** How many new files of a work tree are shown whole. */
const newFilesMax = 200;

/**
 * The changes of a run, or of one of its tasks, as git's diff: the merged work, else the present content of the task's
 * work tree, with new files. For an agent in the folder itself: the files that it changed, against the folder's index.
 * Changes nothing. '' when there is no difference. Throws usage, and git's Faults.
 */
export async function runDiff(
  place: UserEnvironment,
  state: RunState,
  task: string | null,
  touched: string[],
): Promise<string> {
  const { run, options, repository } = state.created;
  if (!hasPlan(options)) {
    if (touched.length === 0) return '';
    const words = ['--no-optional-locks', '-c', 'core.fsmonitor=false', 'diff', ...plain, '--', ...touched];
    return (await userGit(repository.root, words, place.environment)).stdout;
  }
  const environment = { PATH: place.searchPath };
  const own: GitLocation = { gitDir: privateRepository(place.state, repository.gitDir), environment };
  const between = (from: string, to: string) => git(own, ['diff', ...plain, from, to]);
  if (task === null) {
    const { base } = state.phase.context;
    return base !== null && state.tip !== null ? between(base, state.tip) : '';
  }
  const known = state.tasks.get(task)?.context;
  if (!known) throw new Fault('usage', `${task} is no task of ${run}: it has no changes of its own.`);
  if (state.tasks.get(task)?.value === 'merged' && known.commit) return between(`${known.commit}^`, known.commit);
  if (known.wip !== null && known.base !== null) return between(known.base, known.wip);
  if (known.tree === null || known.base === null) return '';
  return treeDiff(treeAt(own, runPaths(place.state, run).trees, `${run}-${known.tree}`).place, known.base);
}

async function treeDiff(tree: GitLocation, base: string): Promise<string> {
  const changed = await git(tree, ['diff', ...plain, base]);
  const fresh = splitNul(await git(tree, ['ls-files', '--others', '--exclude-standard', '-z'])).slice(0, newFilesMax);
  const whole: string[] = [];
  // Exit code 1 only says that the two files differ.
  for (const file of fresh)
    whole.push((await gitTry(tree, ['diff', ...plain, '--no-index', '--', '/dev/null', file])).stdout);
  return [changed, ...whole].filter((text) => text !== '').join('\n');
}
