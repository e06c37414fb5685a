import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type GitSetting, splitNul, userGit } from './git.ts';
import { repositoryText } from './repository-file.ts';

/**
 * The settings of a person's own git that say which files count and how their lines end. Our git reads no configuration
 * of the person or the system, because it can name programs; these settings name none, and are handed over one by one.
 */
export async function personSettings(root: string, environment: Record<string, string>): Promise<GitSetting[]> {
  const keys = '^core\\.(excludesfile|attributesfile|autocrlf|eol)$';
  const words = ['-c', 'safe.directory=*', 'config', '--null', '--type=path', '--get-regexp', keys];
  const { stdout } = await userGit(root, words, environment);
  const home = environment.HOME ?? '/';
  const standard = join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'git');
  const found = new Map([
    ['core.excludesfile', join(standard, 'ignore')],
    ['core.attributesfile', join(standard, 'attributes')],
  ]);
  // The last value of a key counts, as in git itself.
  for (const entry of splitNul(stdout)) {
    const [key = '', value = ''] = entry.split(/\n(.*)/s);
    found.set(key, /file$/.test(key) ? resolve(root, value) : value);
  }
  // A pipe would never end.
  return [...found].filter(([key, value]) => !/file$/.test(key) || isFile(value));
}

/** The patterns by which the person's git ignores files beside `.gitignore`; `excluded`: the repository's info/exclude. */
export function ignoredByPerson(settings: readonly GitSetting[], excluded: string | undefined): string {
  const everywhere = settings.find(([key]) => key === 'core.excludesfile')?.[1];
  const files = [everywhere, excluded].filter((file) => file !== undefined);
  return files.map((file) => `${repositoryText(file) ?? ''}\n`).join('');
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false; // missing or unreadable: git would go on without it
  }
}
