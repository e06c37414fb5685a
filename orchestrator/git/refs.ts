import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../ipc/fault.ts';
import { type GitLocation, type GitResult, git, gitTry } from './git.ts';

/** The commit that `ref` names, or null. */
export async function refTarget(place: GitLocation, ref: string): Promise<string | null> {
  const result = await gitTry(place, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
  return result.code === 0 ? result.stdout.trim() : null;
}

/**
 * Moves `ref` from `old` (null: it must not exist) to `next`, or throws ref_moved. Already at `next` counts as done,
 * so that an interrupted move may be repeated. `force`: for our own refs, which only vtcode moves.
 */
export async function moveRef(
  place: GitLocation,
  ref: string,
  old: string | null,
  next: string,
  options: { force?: boolean } = {},
): Promise<void> {
  const zero = '0'.repeat(next.length);
  const result = await updateRef(place, ref, options.force ? [next] : [next, old ?? zero]);
  if (result.code === 0) return;
  if (options.force) throw new Fault('git_failed', `${ref} cannot be moved: ${result.stderr.trim()}`);
  const now = await refTarget(place, ref);
  if (now === next) return;
  if (now === old)
    throw new Fault('git_failed', `${ref} cannot be moved: ${result.stderr.trim()}`, {
      advice:
        'Mend what git names (a .lock file may be left from a git that was killed), then go on with vtcode resume.',
    });
  throw new Fault(
    'ref_moved',
    `${ref} is at ${now ?? 'no commit'}, not at ${old ?? 'no commit'} where vtcode left it.`,
    {
      advice: `Somebody else moved it. Move it back (git update-ref ${ref} ${old ?? next}) and run vtcode resume, or keep it and start a new run.`,
      details: { git: result.stderr.trim() },
    },
  );
}

/** A git holds a lock for moments; an older lock, in milliseconds, was left by a git that was killed. */
const lockMsMax = 2_000;

/** A fresh lock of a killed git looks like a live one: wait until it is old enough. */
async function updateRef(place: GitLocation, ref: string, values: string[]): Promise<GitResult> {
  const words = ['update-ref', '-m', 'vtcode', ref, ...values];
  removeStaleLock(place, ref);
  const result = await gitTry(place, words);
  if (result.code === 0 || !existsSync(join(place.gitDir, `${ref}.lock`))) return result;
  await sleep(lockMsMax);
  removeStaleLock(place, ref);
  return gitTry(place, words);
}

/** Removes the lock that a killed git left on a ref with a run's id: only vtcode moves such a ref. */
function removeStaleLock({ gitDir }: GitLocation, ref: string): void {
  const file = join(gitDir, `${ref}.lock`);
  const lock = /run_\w{12}/.test(ref) ? statSync(file, { throwIfNoEntry: false }) : undefined;
  if (lock && Date.now() - lock.mtimeMs >= lockMsMax) rmSync(file, { force: true });
}

/**
 * Refuses to move a branch that a work tree has checked out, as git itself does: the index there would look as if the
 * work was reverted. If the branch is at `next` already, there is nothing to move.
 */
export async function refuseCheckedOut(place: GitLocation, ref: string, next: string): Promise<void> {
  const [commit, folder] = (await git(place, ['for-each-ref', '--format=%(objectname)%0a%(worktreepath)', ref])).split(
    '\n',
  );
  if (!folder || commit === next) return;
  const branch = ref.replace('refs/heads/', '');
  throw new Fault('ref_moved', `${branch} is checked out in ${folder} and is not moved under your files.`, {
    advice: `Switch to another branch there (git switch -), then go on: vtcode resume ${branch.replace('vtcode/', '')}`,
  });
}

/** Copies the objects that `commit` needs and `known` does not have from the private repository into the user's. */
export async function publish(own: GitLocation, user: GitLocation, commit: string, known: string): Promise<void> {
  const input = `${commit}\n^${known}\n`;
  const pack = await gitTry(own, ['pack-objects', '--revs', '--stdout', '-q'], { input });
  if (pack.code !== 0) throw new Fault('git_failed', `git pack-objects failed: ${pack.stderr.trim()}`);
  await git(user, ['unpack-objects', '-q'], { input: pack.bytes });
}
