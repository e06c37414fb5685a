import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GitLocation, git, gitTry, splitNul } from './git.ts';

/**
 * Filters: programs of a repository that turn a file into what git keeps of it (clean) and back (smudge), such as git LFS
 * and git-crypt. Our git runs none.
 */

/** Settings that switch off the filters of a repository, one by one: git has no switch for all of them. */
export async function withoutFilters({
  gitDir,
  commonDir,
  environment,
}: {
  gitDir: string;
  commonDir: string;
  environment: Record<string, string>;
}): Promise<Record<string, string>> {
  // Section names have only one spelling, and no other file is read here (orchestrator/git/git.ts).
  const files = [join(commonDir, 'config'), join(gitDir, 'config.worktree')].filter((file) => existsSync(file));
  if (!files.some((file) => /filter|include/i.test(readFileSync(file, 'utf8')))) return {};
  const listed = await gitTry({ gitDir, environment }, [
    'config',
    '--null',
    '--name-only',
    '--get-regexp',
    '^filter\\.',
  ]);
  const names = new Set(splitNul(listed.stdout).map((key) => key.slice(0, key.lastIndexOf('.'))));
  const off = [...names].flatMap((name) => [
    ...['clean', 'smudge', 'process'].map((part) => [`${name}.${part}`, '']),
    [`${name}.required`, 'false'],
  ]);
  const numbered = off.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ]);
  return Object.fromEntries([['GIT_CONFIG_COUNT', String(off.length)], ...numbered]) as Record<string, string>;
}

/** The filter of each path that has one, by the attributes of the work tree. */
export async function filtersOf(place: GitLocation, paths: readonly string[]): Promise<Map<string, string>> {
  const filters = new Map<string, string>();
  if (paths.length === 0) return filters;
  const input = paths.map((path) => `${path}\0`).join('');
  const answered = splitNul(await git(place, ['check-attr', '-z', '--stdin', 'filter'], { input }));
  for (let at = 0; at + 2 < answered.length; at += 3) {
    const [path = '', , filter = ''] = answered.slice(at, at + 3);
    if (!/^(?:unspecified|unset|set)$/.test(filter)) filters.set(path, filter);
  }
  return filters;
}
