import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from '../../ipc/events.ts';
import { Fault } from '../../ipc/fault.ts';
import { filtersOf, withoutFilters } from '../git/filters.ts';
import { type GitLocation, git, gitTry, splitNul } from '../git/git.ts';
import { personSettings } from '../git/person-settings.ts';
import { locateRepository } from '../git/repository.ts';
import { commitTree, submodulesIn } from './worktree.ts';

/** A person's uncommitted files as a git tree object, and the files that are not in it, each with the reason. */
export type Uncommitted = { tree: string; leftOut: string[] };

/**
 * A commit of the user's work tree in its present form, on top of HEAD, without a change to their index or objects. In a
 * bare repository it is HEAD itself.
 * `warnings`: sentences about files that could not be taken along.
 */
export async function dirtyCommit(
  privateGit: GitLocation,
  repository: Repository,
  words: {
    identity: { name: string; email: string };
    at: string;
    index: string;
    person: Record<string, string>;
  },
): Promise<{ commit: string; warnings: string[] }> {
  if (locateRepository(repository.root).bare) return { commit: repository.head, warnings: [] };
  const { tree, leftOut } = await uncommittedTree(privateGit, repository.root, words);
  const commit = await commitTree(privateGit, {
    tree,
    parents: [repository.head],
    message: 'Uncommitted changes that the run was started with\n',
    at: words.at,
    identity: words.identity,
  });
  return { commit, warnings: leftOut.map((words) => `Not taken along: ${words}.`) };
}

/**
 * Writes the user's work tree as a tree object into the private repository: a copy of this work tree's own index is
 * brought up to date at `index`. The person's rules about ignored files and line ends count; their filters are not run,
 * because they are programs, so a file behind one stays as git has it.
 */
export async function uncommittedTree(
  privateGit: GitLocation,
  root: string,
  { index, person }: { index: string; person: Record<string, string> },
): Promise<Uncommitted> {
  const found = locateRepository(root);
  const variables = privateGit.environment ?? {};
  const indexOfUser = join(found.gitDir, 'index');
  rmSync(index, { force: true });
  if (existsSync(indexOfUser)) copyFileSync(indexOfUser, index);
  const place: GitLocation = {
    gitDir: found.gitDir,
    workTree: root,
    index,
    objects: join(privateGit.gitDir, 'objects'),
    environment: { ...variables, ...(await withoutFilters({ ...found, environment: variables })) },
    // A split index would write its other half into the user's repository.
    settings: [...(await personSettings(root, person)), ['core.splitIndex', 'false']],
  };
  try {
    const { without, leftOut } = await notToAdd(place);
    const input = ['.', ...without.map((path) => `:(exclude,top,literal)${path}`)].join('\0');
    const words = ['add', '--all', '--ignore-errors', '--pathspec-from-file=-', '--pathspec-file-nul'];
    const added = await gitTry(place, words, { input });
    const unread = [...added.stderr.matchAll(unreadable)].map(([, path, why]) => `${path ?? ''} (${why ?? ''})`);
    if (added.code !== 0 && unread.length === 0)
      throw new Fault('git_failed', `The uncommitted files cannot be taken along: ${added.stderr.trim()}`, {
        advice: 'Mend what git names, or start the run without --include-dirty.',
      });
    return { tree: await git(place, ['write-tree']), leftOut: [...leftOut, ...unread] };
  } finally {
    rmSync(index, { force: true });
  }
}

/** Git's words for a file or folder that it may not read: it goes on with the others. */
const unreadable = /^(?:error: open\("|warning: could not open directory ')(.+?)["']\)?: (.+)$/gm;

/** Paths that git is not to add: submodules, repositories inside the folder, and changed files behind a filter. */
async function notToAdd(place: GitLocation): Promise<{ without: string[]; leftOut: string[] }> {
  const changed = splitNul(await git(place, ['ls-files', '--modified', '--others', '--exclude-standard', '-z']));
  const inside = changed.filter((path) => path.endsWith('/'));
  const filtered = await filtersOf(place, changed);
  const reasons = [
    ...inside.map((path) => `${path} (a repository of its own)`),
    ...[...filtered].map(([path, filter]) => `${path} (kept by the filter '${filter}'; commit it yourself)`),
  ];
  const without = [...(await submodulesIn(place)), ...inside.map((path) => path.slice(0, -1)), ...filtered.keys()];
  return { without, leftOut: reasons };
}
