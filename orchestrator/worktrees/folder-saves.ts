import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Repository } from '../../ipc/events.ts';
import { Fault } from '../../ipc/fault.ts';
import type { RunPaths } from '../../state/paths.ts';
import { filesMatching } from '../../tools/files/source-files.ts';
import { type GitLocation, git, gitTry, splitNul } from '../git/git.ts';
import { repositoryText } from '../git/repository-file.ts';
import { submodulesIn } from './worktree.ts';

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
  /** Variables for git: the user's PATH, and the mark of the host's process tree. */
  environment?: Record<string, string>;
};

/** The saves of a conversation's folder. */
export function savesOf(
  { saves }: RunPaths,
  { root, gitDir }: Repository,
  environment: Record<string, string> = {},
): FolderSaves {
  return { store: saves, folder: root, gitDir, environment };
}

/** A folder that is no repository may hold anything: with more than this its files are not kept. */
const filesMax = 10_000;
const megabytesMax = 256;
/** How such a reason begins. */
export const tooMuchWords = 'the folder is no git repository';

/** A save waits for nobody for longer, in milliseconds: the turn waits for it. 500 MB of new files take some 20 s once. */
const savingMs = 30_000;

/**
 * Saves the folder; the commit, or why its files are not kept. `without`: what git said of files that cannot be kept. Two
 * saves with the same files are the same tree.
 */
export async function saveFolder(
  saves: FolderSaves,
  signal: AbortSignal,
): Promise<{ commit: string; without: string } | { why: string }> {
  const tooMuch = saves.gitDir === '' ? await tooMuchIn(saves.folder, signal) : null;
  if (tooMuch !== null) return { why: tooMuch };
  const ends = AbortSignal.any([signal, AbortSignal.timeout(savingMs)]);
  try {
    const without = await stage(saves, ends);
    return { commit: await commitOf(saves), without };
  } catch (error) {
    if (ends.aborted) return { why: tooLong };
    return { why: error instanceof Fault ? error.message : String(error) };
  }
}

const tooLong = `to save them took longer than ${savingMs / 1000} seconds`;

/**
 * Brings the files back as a save has them. What lies in the folder now is saved first; `note` is told that commit, and
 * that before anything is changed. Throws git_failed: then the folder may be half brought back if `note` was told.
 */
export async function restoreFolder(saves: FolderSaves, commit: string, note: (now: string) => void): Promise<string> {
  const place = placeOf(saves);
  const signal = AbortSignal.timeout(savingMs);
  try {
    await stage(saves, signal);
    await stageInTheWay(saves, commit, signal);
    // Files that git could not keep are nobody's to be written over.
    const others = (await submodulesIn(place)).map((path) => `:(exclude,top,literal)${path}`);
    const unkept = splitNul(await git(place, ['diff-files', '--name-only', '-z', '--', '.', ...others], { signal }));
    if (unkept.length > 0)
      throw new Fault('git_failed', `Git cannot keep what lies there now: ${unkept.slice(0, 5).join(', ')}.`, {
        advice: 'Make these files readable, or move them away. Nothing was brought back.',
      });
  } catch (error) {
    if (signal.aborted) throw new Fault('git_failed', `What lies there now could not be kept: ${tooLong}.`);
    throw error;
  }
  const now = await commitOf(saves);
  note(now);
  // The index holds what lies there now, so that what is not in the save is taken away, and nothing else.
  await git(place, ['read-tree', '--reset', '-u', commit]);
  return now;
}

/** The files in which two saves differ. */
export async function changedBetween(saves: FolderSaves, from: string, to: string): Promise<string[]> {
  return splitNul(await git(placeOf(saves), ['diff', '--no-ext-diff', '--name-only', '-z', '--no-renames', from, to]));
}

/** Takes the folder as it is into the index; answers what git said of files that it cannot keep. */
async function stage(saves: FolderSaves, signal: AbortSignal): Promise<string> {
  await ensureStore(saves);
  const place = placeOf(saves);
  // A lock here is of a git that was killed: only the run's owner is at work in this repository.
  rmSync(join(saves.store, 'index.lock'), { force: true });
  if (saves.gitDir !== '') await stageFollowed(saves, signal);
  const others = (await submodulesIn(place)).map((path) => `:(exclude,top,literal)${path}`);
  const added = await gitTry(place, ['add', '--all', '--ignore-errors', '--', '.', ...others], { signal });
  if (added.code === 0) return '';
  if (added.code === 1) return added.stderr.match(/^error: .*$/m)?.[0].slice('error: '.length) ?? added.stderr.trim();
  throw new Fault('git_failed', `git add failed: ${added.stderr.trim() || `exit ${added.code}`}`);
}

/** Takes files into the index whatever ignores them. Those that are not there are none. */
async function stageAnyway(saves: FolderSaves, paths: string[], signal: AbortSignal): Promise<void> {
  const there = paths.filter((path) => lstatSync(join(saves.folder, path), { throwIfNoEntry: false }));
  if (there.length === 0) return;
  const input = there.map((path) => `:(top,literal)${path}`).join('\0');
  const words = ['add', '--force', '--ignore-errors', '--pathspec-from-file=-', '--pathspec-file-nul'];
  await gitTry(placeOf(saves), words, { input, signal });
}

/** What is ignored and lies where something is brought back to is saved as well. Throws git_failed where git could not. */
async function stageInTheWay(saves: FolderSaves, commit: string, signal: AbortSignal): Promise<void> {
  const words = ['diff-index', '--cached', '--name-only', '-z', '--no-renames', '--diff-filter=DT', commit];
  const missing = splitNul(await git(placeOf(saves), words, { signal }));
  const inTheWay = missing.flatMap((path) => {
    const parts = path.split('/');
    const steps = parts.map((_, at) => parts.slice(0, at + 1).join('/'));
    const found = steps.find((step) => {
      const stat = lstatSync(join(saves.folder, step), { throwIfNoEntry: false });
      return stat && (step === path || !stat.isDirectory());
    });
    return found ?? [];
  });
  const paths = [...new Set(inTheWay)];
  const repository = paths.find((path) => holdsRepository(join(saves.folder, path)));
  if (repository !== undefined)
    throw new Fault('git_failed', `A repository lies in ${repository}, where a file is to be brought back.`, {
      advice: 'Move it away. Nothing was brought back.',
    });
  await stageAnyway(saves, paths, signal);
}

function holdsRepository(path: string): boolean {
  if (!lstatSync(path).isDirectory()) return false;
  return readdirSync(path).some((name) => name === '.git' || holdsRepository(join(path, name)));
}

/** What the person's git follows although it is ignored; what they ignore there themselves is not. */
async function stageFollowed(saves: FolderSaves, signal: AbortSignal): Promise<void> {
  const { store, folder, gitDir, environment = {} } = saves;
  const words = ['rev-parse', '--path-format=absolute', '--git-path', 'info/exclude', '--git-path', 'index'];
  const [excluded = '', index = ''] = (await git({ gitDir, environment }, words, { signal })).split('\n');
  // As a plain file: it could be a pipe, which git would wait for.
  writeFileSync(join(store, 'info', 'exclude'), repositoryText(excluded) ?? '');
  const listing = { gitDir: store, workTree: folder, index, environment };
  const { stdout } = await gitTry(listing, ['ls-files', '-ciz', '--exclude-standard'], { signal });
  await stageAnyway(saves, splitNul(stdout), signal);
}

async function commitOf(saves: FolderSaves): Promise<string> {
  const place = placeOf(saves);
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

function placeOf({ store, folder, environment = {} }: FolderSaves): GitLocation {
  return { gitDir: store, workTree: folder, index: join(store, 'index'), environment };
}

async function ensureStore({ store, gitDir, environment = {} }: FolderSaves): Promise<void> {
  if (existsSync(join(store, 'HEAD'))) return;
  const fresh = `${store}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const found =
    gitDir === ''
      ? null
      : await gitTry({ gitDir, environment }, ['rev-parse', '--show-object-format', '--git-common-dir']);
  const [format, common] = found?.code === 0 ? found.stdout.trim().split('\n') : [];
  await git({ gitDir: '', environment }, ['init', '--quiet', '--bare', `--object-format=${format ?? 'sha1'}`, fresh]);
  chmodSync(fresh, 0o700);
  mkdirSync(join(fresh, 'info'), { recursive: true });
  // Bytes are kept as they are, whatever the repository says of line ends and filters.
  writeFileSync(join(fresh, 'info', 'attributes'), '* -text -ident -filter -working-tree-encoding\n');
  const objects = common === undefined ? null : join(common.startsWith('/') ? common : join(gitDir, common), 'objects');
  if (objects !== null && existsSync(objects))
    writeFileSync(join(fresh, 'objects', 'info', 'alternates'), `${objects}\n`);
  renameSync(fresh, store);
}

async function tooMuchIn(folder: string, signal: AbortSignal): Promise<string | null> {
  const files = await filesMatching({ workspace: folder, signal }, []).catch(() => null);
  if (files === null) return `${tooMuchWords}, and has more files than can be listed`;
  if (files.length > filesMax) return `${tooMuchWords} and has more than ${filesMax} files`;
  let bytes = 0;
  for (const file of files) bytes += statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0;
  const megabytes = Math.round(bytes / 2 ** 20);
  return megabytes > megabytesMax ? `${tooMuchWords} and holds ${megabytes} MB` : null;
}
