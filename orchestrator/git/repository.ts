import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Repository } from '../../ipc/events.ts';
import { Fault, toFault } from '../../ipc/fault.ts';
import { withoutFilters } from './filters.ts';
import { type GitSetting, git, gitTry, splitNul, userGit } from './git.ts';
import { personSettings } from './person-settings.ts';
import { formatFault, refuseMissingFiles } from './readable.ts';
import { repositoryText } from './repository-file.ts';

/** merge-tree --write-tree came with git 2.38. */
const gitOldest = [2, 38] as const;

export async function requireGit(environment: Record<string, string>): Promise<string> {
  const words = await git({ gitDir: '', environment }, ['version']);
  const [major = 0, minor = 0] = (words.match(/\d+\.\d+/)?.[0] ?? '0.0').split('.').map(Number);
  if (major > gitOldest[0] || (major === gitOldest[0] && minor >= gitOldest[1])) return words;
  throw new Fault('git_unavailable', `This git is too old (${words}); vtcode needs ${gitOldest.join('.')} or newer.`, {
    advice: 'Install a newer git.',
  });
}

/**
 * Inspects the user's repository around `directory` and changes nothing. `person`: the person's environment.
 * Throws not_a_repository and repository_state (no commit yet, a rebase or merge under way, files that were never
 * fetched) with what to do.
 */
export async function inspectRepository(
  directory: string,
  options: { includeDirty: boolean; environment: Record<string, string>; person: Record<string, string> },
): Promise<Repository> {
  const found = await asked(directory, options.environment, options.person);
  const { head, branch, dirty } = (found.bare ? null : await lookAtFiles(found)) ?? (await lookAtHead(found));
  refuseUnderWay(found.gitDir, found.root);
  await refuseMissingFiles({ gitDir: found.gitDir, environment: found.environment }, found.commonDir, head);
  const notes = notesOf(found, branch !== null, dirty, options.includeDirty);
  return { root: found.root, gitDir: found.commonDir, branch, head, notes };
}

/**
 * The branch and the changed files of a folder, at a glance: null without git, without a commit, or when it takes longer
 * than `longestMs`. Never throws, changes nothing and starts no program of the repository.
 */
export async function glanceAt(
  folder: string,
  environment: Record<string, string>,
  person: Record<string, string>,
  longestMs: number,
): Promise<{ branch: string | null; changed: string[] } | null> {
  try {
    const found = await asked(folder, environment, person);
    const looked = found.bare ? null : await lookAtFiles(found, AbortSignal.timeout(longestMs));
    return looked && { branch: looked.branch, changed: looked.dirty };
  } catch {
    return null;
  }
}

type Looked = { head: string; branch: string | null; dirty: string[] };

/** HEAD without its files: for a bare repository, or after `git status` failed. Throws repository_state. */
async function lookAtHead(found: Asked): Promise<Looked> {
  const place = { gitDir: found.gitDir, environment: found.environment };
  const [head, branch] = await Promise.all([
    gitTry(place, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']),
    gitTry(place, ['symbolic-ref', '--quiet', '--short', 'HEAD']),
  ]);
  if (head.code !== 0) throw await headFault(found);
  return { head: head.stdout.trim(), branch: branch.code === 0 ? branch.stdout.trim() : null, dirty: [] };
}

/** The repository around `directory`, which may be below its top. Throws usage and not_a_repository. */
export function locateRepository(directory: string): Found {
  if (!existsSync(directory) || !statSync(directory).isDirectory())
    throw new Fault('usage', `${directory} is not a folder.`, { advice: 'Give an existing folder with -C.' });
  return findGitDir(realpathSync(directory));
}

/** A repository, and the variables and settings of the git that reads it. */
type Asked = Found & { environment: Record<string, string>; settings: readonly GitSetting[] };
export type Found = { root: string; gitDir: string; commonDir: string; bare: boolean };

async function asked(folder: string, environment: Record<string, string>, person: Record<string, string>) {
  const found = locateRepository(folder);
  return { ...found, environment, settings: await personSettings(found.root, person) };
}

/** The git directory of the work tree at `root` itself: in a linked work tree its own index, HEAD and marks lie there. */
export function ownGitDir(root: string): string {
  return locateRepository(root).gitDir;
}

/** Finds the repository by reading folders, without git, so that no configuration on the way is obeyed. */
function findGitDir(start: string): Found {
  for (let folder = start; ; ) {
    const entry = join(folder, '.git');
    if (existsSync(entry)) return withCommonDir(folder, resolveGitFile(folder, entry), false);
    if (existsSync(join(folder, 'HEAD')) && existsSync(join(folder, 'objects')) && existsSync(join(folder, 'refs')))
      return withCommonDir(folder, folder, true);
    const above = resolve(folder, '..');
    if (above === folder) break;
    folder = above;
  }
  throw new Fault('not_a_repository', `${start} is not inside a git repository.`, {
    advice: `Go into one, name it with -C, or make one: git init && git add -A && git commit -m 'first'.`,
  });
}

function resolveGitFile(folder: string, entry: string): string {
  if (statSync(entry).isDirectory()) return entry;
  const target = readFileSync(entry, 'utf8')
    .match(/^gitdir: (.+)$/m)?.[1]
    ?.trim();
  const gitDir = target === undefined ? '' : isAbsolute(target) ? target : resolve(folder, target);
  if (gitDir !== '' && existsSync(gitDir)) return realpathSync(gitDir);
  throw new Fault('not_a_repository', `${entry} names a git folder that does not exist.`, {
    advice: 'Repair the work tree with: git worktree repair',
  });
}

function withCommonDir(root: string, gitDir: string, bare: boolean): Found {
  const file = join(gitDir, 'commondir');
  const commonDir = existsSync(file) ? resolve(gitDir, readFileSync(file, 'utf8').trim()) : gitDir;
  return { root, gitDir, commonDir: realpathSync(commonDir), bare };
}

async function headFault(found: Asked): Promise<Fault> {
  const place = { gitDir: found.gitDir, environment: found.environment };
  const any = await gitTry(place, ['rev-list', '--all', '--max-count=1']);
  const version = any.code === 0 ? '' : await git({ gitDir: '', environment: found.environment }, ['version']);
  const format = any.code === 0 ? undefined : formatFault(found.root, any.stderr, version);
  if (format) return format;
  if (any.code !== 0)
    return new Fault('repository_state', `The repository at ${found.root} cannot be read: ${any.stderr.trim()}`, {
      advice: 'Check it with: git fsck',
    });
  return new Fault('repository_state', `The repository at ${found.root} has no commit on its current branch yet.`, {
    advice: `Make one first: git add -A && git commit -m 'first'`,
  });
}

const underWay = [
  ['rebase-merge', 'a rebase', 'git rebase --continue or --abort'],
  ['rebase-apply', 'a rebase or git am', 'git rebase --continue or --abort (git am --abort)'],
  ['MERGE_HEAD', 'a merge', 'git merge --continue or --abort'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick', 'git cherry-pick --continue or --abort'],
  ['REVERT_HEAD', 'a revert', 'git revert --continue or --abort'],
] as const;

function refuseUnderWay(gitDir: string, root: string): void {
  for (const [file, what, how] of underWay)
    if (existsSync(join(gitDir, file)))
      throw new Fault('repository_state', `${root} is in the middle of ${what}.`, {
        advice: `End it first (${how}); vtcode would start from a state that you do not mean.`,
      });
}

function notesOf(found: Found, onBranch: boolean, dirty: string[], includeDirty: boolean): string[] {
  const notes: string[] = [];
  if (!onBranch) notes.push('HEAD is detached: the run starts from that commit.');
  if (existsSync(join(found.commonDir, 'shallow'))) notes.push('The history is shallow: enough for a run.');
  if (existsSync(join(found.gitDir, 'BISECT_LOG'))) notes.push('A bisect is under way: the run starts from its HEAD.');
  if (found.bare) return [...notes, 'The repository is bare: nothing installed is linked into work trees.'];
  if (existsSync(join(found.root, '.gitmodules')))
    notes.push('Submodules are left empty in work trees and never written.');
  const attributes = [join(found.root, '.gitattributes'), join(found.commonDir, 'info', 'attributes')];
  const filters = attributes.flatMap((file) => [...(repositoryText(file) ?? '').matchAll(/\sfilter=(\S+)/g)]);
  const names = new Set(filters.map(([, name = '']) => name));
  if (names.delete('lfs')) notes.push('Files kept by git LFS are pointer files in work trees.');
  for (const name of names) notes.push(`Files behind the filter '${name}' are in work trees as git keeps them.`);
  if (dirty.length > 0)
    notes.push(
      includeDirty
        ? `${dirty.length} uncommitted ${dirty.length === 1 ? 'file is' : 'files are'} taken along (--include-dirty): ${some(dirty)}`
        : `The run works from HEAD and leaves out ${dirty.length} uncommitted ${dirty.length === 1 ? 'file' : 'files'}: ${some(dirty)} (--include-dirty takes them).`,
    );
  return notes;
}

function some(files: string[]): string {
  return files.slice(0, 5).join(', ') + (files.length > 5 ? `, and ${files.length - 5} more` : '');
}

/**
 * HEAD, its branch, and the files of the user's work tree that differ from it or are not tracked: by one git instead of
 * three. The user's index is not refreshed. Null when git fails; `lookAtHead` then gives the reason.
 */
async function lookAtFiles(found: Asked, signal?: AbortSignal): Promise<Looked | null> {
  const { environment: variables, settings } = found;
  const place = { gitDir: found.gitDir, workTree: found.root, environment: variables, settings };
  const environment = await withoutFilters(found);
  const how = ['--porcelain=v2', '--branch', '--no-ahead-behind', '-z', '--no-renames', '--ignore-submodules=all'];
  const status = await gitTry(place, ['status', ...how], { environment, ...(signal && { signal }) });
  const lines = splitNul(status.stdout);
  const said = (what: string) => lines.find((line) => line.startsWith(`# branch.${what} `))?.slice(10 + what.length);
  const [head, branch] = [said('oid'), said('head')];
  if (status.code !== 0 || branch === undefined || !/^[0-9a-f]{40,}$/.test(head ?? '')) return null;
  const dirty = lines.filter((line) => !line.startsWith('#')).map(pathIn);
  return { head: head!, branch: branch === '(detached)' ? null : branch, dirty };
}

/** The path of a status line, which comes after 1, 8 or 10 other words: see git-status(1), porcelain format version 2. */
function pathIn(line: string): string {
  const before = { '1': 8, u: 10 }[line[0] ?? ''] ?? 1;
  return line.split(' ').slice(before).join(' ');
}

/**
 * Refuses a repository of another user that the person's own git refuses: vtcode names every folder to git explicitly,
 * so git's own check does not happen. Throws repository_state with the command that trusts the repository.
 */
export async function refuseForeign(repository: Repository, environment: Record<string, string>): Promise<void> {
  if (process.getuid === undefined || statSync(repository.gitDir).uid === process.getuid()) return;
  const asked = await userGit(repository.root, ['rev-parse', '--git-dir'], environment);
  if (asked.code === 0) return;
  throw new Fault('repository_state', `${repository.root} belongs to another user, and git refuses to work in it.`, {
    advice: `If you trust it: git config --global --add safe.directory '${repository.root}'`,
    details: { git: asked.stderr.trim() },
  });
}

/** Refuses a repository with a branch called `vtcode`, beside which there can be no `vtcode/<run>`. */
export async function refuseBlockedBranch(repository: Repository, environment: Record<string, string>): Promise<void> {
  const loose = join(repository.gitDir, 'refs', 'heads', 'vtcode');
  // Git is asked, because branches may also be packed or lie in a table.
  const place = { gitDir: repository.gitDir, environment };
  const asked = await gitTry(place, ['show-ref', '--verify', '--quiet', 'refs/heads/vtcode']);
  if (asked.code === 0)
    throw new Fault(
      'repository_state',
      `A branch called 'vtcode' exists, so no branch 'vtcode/…' can be made beside it.`,
      {
        advice: 'Rename it: git branch -m vtcode vtcode-old',
      },
    );
  if (existsSync(loose) && readdirSync(loose).length > 10_000)
    throw new Fault('repository_state', 'There are more than 10,000 branches vtcode/….', { advice: 'Run vtcode gc.' });
}

/** The top of the repository around a folder, or the folder itself where there is none. */
export function topOf(folder: string): string {
  try {
    return locateRepository(folder).root;
  } catch (error) {
    if (toFault(error).code === 'not_a_repository') return folder;
    throw error;
  }
}
