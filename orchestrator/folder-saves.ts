import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../ipc/fault.ts';
import { folderFiles } from './folder-files.ts';
import { type GitPlace, git, gitTry, splitNul } from './git.ts';
import { submodulesIn } from './workspace.ts';

/**
 * Saves of a folder: its files as they were at a moment, byte for byte, as commits in a repository of the run's own. What
 * git would ignore is neither saved nor touched. The folder's own repository is borrowed from and never written to.
 */
export type FolderSaves = {
  /** The repository of the saves. */
  store: string;
  folder: string;
  /** The folder's own git directory, absolute; '' where there is none. */
  gitDir: string;
};

/** A folder that is no repository may hold anything: with more than this its files are not kept. */
const filesMax = 10_000;
const megabytesMax = 256;
/** How such a reason begins. */
export const tooMuchWords = 'the folder is no git repository';

/** Saves the folder; the commit, or why its files are not kept. Two saves with the same files are the same tree. */
export async function saveFolder(
  saves: FolderSaves,
  signal: AbortSignal,
): Promise<{ commit: string } | { why: string }> {
  const tooMuch = saves.gitDir === '' ? await tooMuchIn(saves.folder, signal) : null;
  if (tooMuch !== null) return { why: tooMuch };
  try {
    return { commit: await commitOf(saves) };
  } catch (error) {
    return { why: error instanceof Fault ? error.message : String(error) };
  }
}

/** Brings the files back as a save has them. What lies in the folder now is saved first; answers that commit. Throws git_failed. */
export async function restoreFolder(saves: FolderSaves, commit: string): Promise<string> {
  const now = await commitOf(saves);
  // The index holds what lies there now, so that what is not in the save is taken away, and nothing else.
  await git(placeOf(saves), ['read-tree', '--reset', '-u', commit]);
  return now;
}

/** The files in which two saves differ. */
export async function changedBetween(saves: FolderSaves, from: string, to: string): Promise<string[]> {
  return splitNul(await git(placeOf(saves), ['diff', '--no-ext-diff', '--name-only', '-z', '--no-renames', from, to]));
}

async function commitOf(saves: FolderSaves): Promise<string> {
  await ensureStore(saves);
  const place = placeOf(saves);
  // A lock here is of a git that was killed: only the run's owner is at work in this repository.
  rmSync(join(saves.store, 'index.lock'), { force: true });
  const excluded = join(saves.gitDir, 'info', 'exclude');
  const own = saves.gitDir !== '' && existsSync(excluded) ? ['-c', `core.excludesFile=${excluded}`] : [];
  const others = (await submodulesIn(place)).map((path) => `:(exclude,top,literal)${path}`);
  await git(place, [...own, 'add', '--all', '--', '.', ...others]);
  const tree = await git(place, ['write-tree']);
  const when = '1700000000 +0000';
  const who = { NAME: 'vtcode', EMAIL: 'vtcode@localhost', DATE: when };
  const environment = Object.fromEntries(
    Object.entries(who).flatMap(([key, value]) => [
      [`GIT_AUTHOR_${key}`, value],
      [`GIT_COMMITTER_${key}`, value],
    ]),
  );
  const commit = await git(place, ['commit-tree', tree, '-m', 'saved'], { environment });
  await git(place, ['update-ref', `refs/saves/${commit}`, commit]);
  return commit;
}

function placeOf({ store, folder }: FolderSaves): GitPlace {
  return { gitDir: store, workTree: folder, index: join(store, 'index') };
}

async function ensureStore({ store, gitDir }: FolderSaves): Promise<void> {
  if (existsSync(join(store, 'HEAD'))) return;
  const fresh = `${store}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const found =
    gitDir === '' ? null : await gitTry({ gitDir }, ['rev-parse', '--show-object-format', '--git-common-dir']);
  const [format, common] = found?.code === 0 ? found.stdout.trim().split('\n') : [];
  await git(null, ['init', '--quiet', '--bare', `--object-format=${format ?? 'sha1'}`, fresh]);
  mkdirSync(join(fresh, 'info'), { recursive: true });
  // Bytes are kept as they are, whatever the repository says of line ends and filters.
  writeFileSync(join(fresh, 'info', 'attributes'), '* -text -ident -filter -working-tree-encoding\n');
  const objects = common === undefined ? null : join(common.startsWith('/') ? common : join(gitDir, common), 'objects');
  if (objects !== null && existsSync(objects))
    writeFileSync(join(fresh, 'objects', 'info', 'alternates'), `${objects}\n`);
  renameSync(fresh, store);
}

async function tooMuchIn(folder: string, signal: AbortSignal): Promise<string | null> {
  const files = await folderFiles(folder, signal);
  if (files.length > filesMax) return `${tooMuchWords} and has more than ${filesMax} files`;
  let bytes = 0;
  for (const file of files) bytes += statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0;
  const megabytes = Math.round(bytes / 2 ** 20);
  return megabytes > megabytesMax ? `${tooMuchWords} and holds ${megabytes} MB` : null;
}
