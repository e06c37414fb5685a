import type { GitLocation } from '../../git/git.ts';
import { moveRef, publish, refuseCheckedOut } from '../../git/refs.ts';
import type { RunAccess } from '../../runs/run-access.ts';

/** The parts that moving the run's branch needs: the private repository, and objects and refs of the user's own. */
export type BranchAccess = Pick<RunAccess, 'run' | 'state'> & { git: GitLocation; userGit: GitLocation };

/** Moves the run's branch in the user's repository, after the objects are there, and our own copy of it. */
export async function moveBranch(context: BranchAccess, ref: string, old: string | null, next: string): Promise<void> {
  await refuseCheckedOut(context.userGit, ref, next);
  await moveRef(context.git, `refs/vtcode/${context.run}/tip`, null, next, { force: true });
  await publish(context.git, context.userGit, next, context.state().created.repository.head);
  await moveRef(context.userGit, ref, old, next);
}
