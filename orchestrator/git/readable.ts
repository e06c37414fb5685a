import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../ipc/fault.ts';
import { type GitLocation, gitTry } from './git.ts';

/** Repositories that are not wholly here, or that this git cannot read: each is refused with the way out. */

/**
 * Refuses a partial clone that lacks files of `commit`: a change of every place of a name, or a check, needs all files,
 * and our git fetches nothing. Throws repository_state.
 */
export async function refuseMissingFiles(place: GitLocation, commonDir: string, commit: string): Promise<void> {
  const config = join(commonDir, 'config');
  if (!existsSync(config) || !/promisor|partialclone/i.test(readFileSync(config, 'utf8'))) return;
  // This is the one walk over objects that asks no server for what is missing.
  const words = ['rev-list', '--objects', '--no-walk', '--missing=print', commit];
  const listed = await gitTry(place, words);
  const missing = listed.stdout.split('\n').filter((line) => line.startsWith('?')).length;
  if (listed.code === 0 && missing === 0) return;
  const count = missing === 0 ? 'Files' : missing === 1 ? 'One file or folder' : `${missing} files or folders`;
  const verb = missing === 1 ? 'was' : 'were';
  throw new Fault(
    'repository_state',
    `This is a partial clone. ${count} of the commit ${commit.slice(0, 10)} ${verb} never fetched, and a run needs all of them.`,
    { advice: 'Fetch them first: git fetch --refetch --no-filter', details: { git: listed.stderr.trim() } },
  );
}

/** The fault for a repository in a format that this git is too old for; undefined: git complains about something else. */
export function formatFault(root: string, gitWords: string, version: string): Fault | undefined {
  const extensions = /unknown repository extensions? found:\s*([\s\S]*)$/.exec(gitWords)?.[1]?.trim().split(/\s+/);
  if (extensions === undefined && !/Expected git repo version/.test(gitWords)) return undefined;
  const what = extensions === undefined ? 'a newer repository format' : `the extension ${extensions.join(', ')}`;
  return new Fault('repository_state', `The repository at ${root} uses ${what}, which this git does not know.`, {
    advice: `Install a newer git (${version} is the one on PATH), or make a clone in the plain format and work there.`,
  });
}
