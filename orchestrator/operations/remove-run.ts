import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../ipc/fault.ts';
import type { Manifest } from '../../ipc/manifest.ts';
import { hasPlan } from '../../ipc/run-kind.ts';
import { requireLease, takeLease } from '../../state/lease.ts';
import { parkedBranch, runBranch } from '../../state/manifest.ts';
import { privateRepository, runPaths, statePaths } from '../../state/paths.ts';
import type { RunState } from '../../state/run-state.ts';
import { sweepFamily } from '../../supervisor/process-tree.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { gitTry } from '../git/git.ts';
import { refTarget } from '../git/refs.ts';
import { listRuns } from '../runs/find-run.ts';
import { readRun } from '../runs/read-run.ts';

/** The suffix of a run's folder while the run is being removed. */
const removedMark = '.removed';

/**
 * Removes everything vtcode keeps of a run. Its branches in the user's repository stay; their names are returned.
 * Refused while a host works on it, and without `force` when it holds unfinished work that is nowhere else.
 */
export async function removeRun(place: UserEnvironment, run: string, options: { force: boolean }): Promise<string[]> {
  const paths = runPaths(place.state, run);
  const lease = requireLease(paths.lease, run);
  try {
    const read = await readRun(place, run).catch((error: unknown) => {
      if (options.force || (error instanceof Fault && error.code === 'state_damaged')) return null;
      throw error;
    });
    const unfinished = read ? await onlyHere(read.state, read.manifest) : [];
    if (unfinished.length > 0 && !options.force)
      throw new Fault(
        'usage',
        `Run ${run} holds unfinished work of ${unfinished.map((task) => task.id).join(', ')}, kept nowhere else.`,
        { advice: `vtcode rm --force ${run} removes it all the same.` },
      );
    const branches = read ? await forget(place, run, read.state) : [];
    // In one step: a half-removed run must not look like a run whose host has died.
    const removed = `${paths.folder}${removedMark}`;
    renameSync(paths.folder, removed);
    rmSync(removed, { recursive: true, force: true });
    return branches;
  } finally {
    lease.release();
  }
}

/** Tasks with unfinished work that no branch of the user's repository holds: the person may have deleted it. */
async function onlyHere({ created }: RunState, { tasks }: Manifest): Promise<Manifest['tasks']> {
  const user = { gitDir: created.repository.gitDir };
  const found = [];
  for (const task of tasks) {
    const branch = task.wipBranch === undefined ? null : await refTarget(user, `refs/heads/${task.wipBranch}`);
    if (task.wip !== null && branch === null) found.push(task);
  }
  return found;
}

/** Deletes the run's refs and work trees from both repositories; returns the branches that stay. */
async function forget(place: UserEnvironment, run: string, state: RunState): Promise<string[]> {
  for (const family of state.families) await sweepFamily(family);
  const { repository, options } = state.created;
  if (!hasPlan(options)) return []; // it made nothing outside its folder
  const own = { gitDir: privateRepository(place.state, repository.gitDir) };
  for (const git of [own, { gitDir: repository.gitDir }]) {
    const refs = await gitTry(git, ['for-each-ref', '--format=%(refname)', `refs/vtcode/${run}/`]);
    for (const ref of refs.stdout.split('\n').filter(Boolean)) await gitTry(git, ['update-ref', '-d', ref]);
  }
  removeTrees(own.gitDir, runPaths(place.state, run).trees, run);
  const ours = [runBranch(run), `${parkedBranch(run, '')}*`].map((name) => `refs/heads/${name}`);
  const user = { gitDir: repository.gitDir };
  const kept = await gitTry(user, ['for-each-ref', '--format=%(refname:lstrip=2)', ...ours]);
  return kept.stdout.split('\n').filter(Boolean);
}

/** Removes every work tree of a run: the folders and git's records of them. Returns how many there were. */
function removeTrees(gitDir: string, folder: string, run: string): number {
  const records = join(gitDir, 'worktrees');
  const names = existsSync(records) ? readdirSync(records).filter((name) => name.startsWith(`${run}-`)) : [];
  for (const name of names) {
    rmSync(join(folder, name), { recursive: true, force: true });
    rmSync(join(records, name), { recursive: true, force: true });
  }
  return names.length;
}

/** Folders whose removal was interrupted. */
function removeHalfRemoved(folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : [])
    if (name.endsWith(removedMark)) rmSync(join(folder, name), { recursive: true, force: true });
}

export type Collected = { trees: number; repositories: number; processes: number };

/** Removes leftovers of ended hosts: processes, work trees of finished runs, private repositories that no run uses. */
export async function collectGarbage(place: UserEnvironment): Promise<Collected> {
  const done = { trees: 0, repositories: 0, processes: 0 };
  removeHalfRemoved(statePaths(place.state).runs);
  const used = new Set<string>();
  const runs = listRuns(place);
  for (const run of runs) {
    const paths = runPaths(place.state, run);
    const read = await readRun(place, run).catch(() => null);
    if (!read) return done; // an unreadable run may use any repository, so remove none
    const gitDir = privateRepository(place.state, read.state.created.repository.gitDir);
    used.add(gitDir);
    const lease = takeLease(paths.lease);
    if (!lease) continue;
    for (const family of read.state.families) done.processes += await sweepFamily(family);
    if (read.state.finished) done.trees += removeTrees(gitDir, paths.trees, run);
    lease.release();
  }
  const folder = statePaths(place.state).repositories;
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (used.has(join(folder, name))) continue;
    // A run that began during this check may use any of them.
    if (listRuns(place).some((run) => !runs.includes(run))) break;
    rmSync(join(folder, name), { recursive: true, force: true });
    done.repositories += 1;
  }
  return done;
}
