import { Fault } from '../ipc/fault.ts';
import { type GitPlace, git, gitTry } from './git.ts';

/** The commit that `ref` names, or null. */
export async function refTarget(place: GitPlace, ref: string): Promise<string | null> {
  const result = await gitTry(place, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
  return result.code === 0 ? result.stdout.trim() : null;
}

/**
 * Moves `ref` from `old` (null: it must not exist) to `next`, or throws ref_moved. Already at `next` counts as done,
 * so that an interrupted move may be repeated. `force`: for refs of our own that nobody else moves.
 */
export async function moveRef(
  place: GitPlace,
  ref: string,
  old: string | null,
  next: string,
  options: { force?: boolean } = {},
): Promise<void> {
  if (options.force) {
    await git(place, ['update-ref', '-m', 'vtcode', ref, next]);
    return;
  }
  const zero = '0'.repeat(next.length);
  const result = await gitTry(place, ['update-ref', '-m', 'vtcode', ref, next, old ?? zero]);
  if (result.code === 0) return;
  const now = await refTarget(place, ref);
  if (now === next) return;
  throw new Fault(
    'ref_moved',
    `${ref} is at ${now ?? 'no commit'}, not at ${old ?? 'no commit'} where vtcode left it.`,
    {
      advice: `Somebody else moved it. Move it back (git update-ref ${ref} ${old ?? next}) and run vtcode resume, or keep it and start a new run.`,
      details: { git: result.stderr.trim() },
    },
  );
}

/** Copies the objects that `commit` needs and `known` does not have from the private repository into the user's. */
export async function publish(privatePath: string, userGitDir: string, commit: string, known: string): Promise<void> {
  const input = `${commit}\n^${known}\n`;
  const pack = await gitTry({ gitDir: privatePath }, ['pack-objects', '--revs', '--stdout', '-q'], { input });
  if (pack.code !== 0) throw new Fault('git_failed', `git pack-objects failed: ${pack.stderr.trim()}`);
  await git({ gitDir: userGitDir }, ['unpack-objects', '-q'], { input: pack.bytes });
}
