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
import { ignoredByPerson, personSettings } from '../git/person-settings.ts';
import { submodulesIn } from './worktree.ts';

/**
 * Saves of a folder: its files at one moment, byte for byte, as commits in a repository of the run's own. Files that
 * git would ignore are neither saved nor changed. The folder's own repository lends its objects and is never written
 * to.
 */
export type FolderSaves = {
  /** The repository of the saves. */
  store: string;
  folder: string;
  /** The folder's own git directory, absolute; '' if there is none. */
  gitDir: string;
  /** Variables for git: the user's PATH, and the mark of the host's process tree. */
  environment?: Record<string, string>;
  /** The person's environment, for the rules of their git about ignored files. */
  person?: Record<string, string>;
};

/** The saves of a conversation's folder. */
export function savesOf(
  { saves }: RunPaths,
  { root, gitDir }: Repository,
  environment: Record<string, string>,
  person: Record<string, string>,
): FolderSaves {
  return { store: saves, folder: root, gitDir, environment, person };
}

/** A folder that is no repository may hold anything: with more than this its files are not saved. */
const filesMax = 10_000;
const megabytesMax = 256;
/** The beginning of each such reason. */
export const tooMuchWords = 'the folder is no git repository';

/** The longest time for a save, in milliseconds, because the turn waits for it. The first 500 MB take about 20 s. */
const savingMs = 30_000;

/**
 * Saves the folder; returns the commit, or the reason why its files are not saved. `without`: git's message about files
 * that cannot be saved. Two saves of the same files are the same tree.
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
 * Restores the files of a save. The present files are saved first; `note` gets that commit before anything is changed.
 * Throws git_failed: if `note` was called, the folder may then be partly restored.
 */
export async function restoreFolder(saves: FolderSaves, commit: string, note: (now: string) => void): Promise<string> {
  const place = placeOfSaves(saves);
  const signal = AbortSignal.timeout(savingMs);
  try {
    await stage(saves, signal);
    await stageInTheWay(saves, commit, signal);
    // Files that git could not save must not be overwritten.
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
  // The index holds the present files, so that files missing from the save are removed, and no others.
  await git(place, ['read-tree', '--reset', '-u', commit]);
  return now;
}

/** The files that differ between two saves. */
export async function changedBetween(saves: FolderSaves, from: string, to: string): Promise<string[]> {
  return splitNul(
    await git(placeOfSaves(saves), ['diff', '--no-ext-diff', '--name-only', '-z', '--no-renames', from, to]),
  );
}

/** Adds the present files to the index; returns git's message about files that it cannot save. */
async function stage(saves: FolderSaves, signal: AbortSignal): Promise<string> {
  await ensureStore(saves);
  const place = placeOfSaves(saves);
  // Only the run's owner works in this repository, so a lock here was left by a git that was killed.
  rmSync(join(saves.store, 'index.lock'), { force: true });
  await takeRules(saves, signal);
  if (saves.gitDir !== '') await stageFollowed(saves, signal);
  const others = (await submodulesIn(place)).map((path) => `:(exclude,top,literal)${path}`);
  const added = await gitTry(place, ['add', '--all', '--ignore-errors', '--', '.', ...others], { signal });
  if (added.code === 0) return '';
  if (added.code === 1) return added.stderr.match(/^error: .*$/m)?.[0].slice('error: '.length) ?? added.stderr.trim();
  throw new Fault('git_failed', `git add failed: ${added.stderr.trim() || `exit ${added.code}`}`);
}

/** Adds files to the index even if they are ignored. Missing files are skipped. */
async function stageAnyway(saves: FolderSaves, paths: string[], signal: AbortSignal): Promise<void> {
  const there = paths.filter((path) => lstatSync(join(saves.folder, path), { throwIfNoEntry: false }));
  if (there.length === 0) return;
  const input = there.map((path) => `:(top,literal)${path}`).join('\0');
  const words = ['add', '--force', '--ignore-errors', '--pathspec-from-file=-', '--pathspec-file-nul'];
  await gitTry(placeOfSaves(saves), words, { input, signal });
}

/** Also saves ignored files at paths that a restore will write. Throws git_failed if git cannot save them. */
async function stageInTheWay(saves: FolderSaves, commit: string, signal: AbortSignal): Promise<void> {
  const words = ['diff-index', '--cached', '--name-only', '-z', '--no-renames', '--diff-filter=DT', commit];
  const missing = splitNul(await git(placeOfSaves(saves), words, { signal }));
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

/** Has the store ignore what the person's git ignores, everywhere and in this repository. */
async function takeRules(saves: FolderSaves, signal: AbortSignal): Promise<void> {
  const { store, folder, gitDir, environment = {}, person = {} } = saves;
  const words = ['rev-parse', '--path-format=absolute', '--git-path', 'info/exclude'];
  const excluded = gitDir === '' ? undefined : await git({ gitDir, environment }, words, { signal });
  // A plain file: the original could be a pipe, and git would wait for it.
  writeFileSync(join(store, 'info', 'exclude'), ignoredByPerson(await personSettings(folder, person), excluded));
}

/** Adds files that the person's git tracks although they are ignored. */
async function stageFollowed(saves: FolderSaves, signal: AbortSignal): Promise<void> {
  const { store, folder, gitDir, environment = {} } = saves;
  const words = ['rev-parse', '--path-format=absolute', '--git-path', 'index'];
  const index = await git({ gitDir, environment }, words, { signal });
  const listing = { gitDir: store, workTree: folder, index, environment };
  const { stdout } = await gitTry(listing, ['ls-files', '-ciz', '--exclude-standard'], { signal });
  await stageAnyway(saves, splitNul(stdout), signal);
}

async function commitOf(saves: FolderSaves): Promise<string> {
  const place = placeOfSaves(saves);
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

/** The repository of the saves as git takes it: its index holds the files of the newest save. */
export function placeOfSaves({ store, folder, environment = {} }: FolderSaves): GitLocation {
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
  // Bytes are kept unchanged, whatever the repository sets for line ends and filters.
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
