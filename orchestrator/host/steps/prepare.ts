import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../../ipc/fault.ts';
import { type GitLocation, git } from '../../git/git.ts';
import { moveRef, refTarget } from '../../git/refs.ts';
import type { RunAccess } from '../../runs/run-access.ts';
import type { Step } from '../../schedule/due.ts';
import { plannerTree, type TreeAccess } from '../../worktrees/run-trees.ts';
import { expectHands, wakeHands } from '../../worktrees/tree-hands.ts';
import { dirtyCommit } from '../../worktrees/uncommitted.ts';
import { ensurePrivateRepository } from '../../worktrees/worktree.ts';

/** Makes the private repository ready, takes uncommitted files along if asked, and pins the base in the user's. */
export const prepare: Step<
  'prepare',
  RunAccess & TreeAccess & { userGit: GitLocation; person: Record<string, string> }
> = async (_act, context) => {
  const { repository, options, identity, at } = context.state().created;
  for (const folder of [context.paths.out, context.paths.trees, context.paths.home])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  // The planner's hands start while the repository is made ready.
  if (context.state().created.plan === undefined) expectHands(context, plannerTree, 'read');
  await ensurePrivateRepository(context.git, repository, context.person);
  const pin = `refs/vtcode/${context.run}/base`;
  const index = join(context.paths.folder, 'dirty.index');
  // An earlier host that died here already chose the base, and the files may have changed since.
  const chosen = options.includeDirty ? await refTarget(context.git, pin) : repository.head;
  const words = { identity, at, index, person: context.person };
  const { commit: base, warnings: without } =
    chosen === null ? await dirtyCommit(context.git, repository, words) : { commit: chosen, warnings: [] };
  if (context.state().created.plan === undefined) wakeHands(context, plannerTree, base);
  const [treeMb] = await Promise.all([
    treeMbOf(context, base),
    // Only a base with uncommitted files lies in our own repository; any other base lies in the person's.
    options.includeDirty && moveRef(context.git, pin, null, base),
    moveRef(context.userGit, pin, null, repository.head),
  ]);
  const warnings = identity.fallback
    ? [
        ...without,
        `git has no user.name and user.email here: commits are made as ${identity.name} <${identity.email}>.`,
      ]
    : without;
  return [{ type: 'repository.ready', base, treeMb, warnings }];
};

/** The size of a commit's files, in MiB. Throws limit_reached when one task's tree and the check tree do not fit. */
async function treeMbOf(context: Pick<RunAccess, 'state'> & { git: GitLocation }, commit: string): Promise<number> {
  const listed = await git(context.git, ['ls-tree', '-r', '--format=%(objectsize)', commit]);
  const bytes = listed.split('\n').reduce((sum, size) => sum + (Number(size) || 0), 0);
  const megabytes = Math.ceil(bytes / 1024 / 1024);
  const { disk_mb } = context.state().created.config.limits;
  if (2 * megabytes <= disk_mb) return megabytes;
  throw new Fault(
    'limit_reached',
    `Two work trees of this repository take ${2 * megabytes} MiB, more than limits.disk_mb = ${disk_mb}.`,
    {
      advice: 'Raise limits.disk_mb in your agents.toml.',
    },
  );
}
