import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A git repository in a temporary folder, for one test. */
export type TestRepository = {
  root: string;
  /** Runs the machine's own git in it and returns what it printed. */
  git(...args: string[]): string;
  write(files: Record<string, string>): void;
  remove(): void;
};

const identity = {
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.org',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.org',
};

export function temporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `vtcode-${name}-`));
}

/** Makes a repository with these files in one commit; none when `files` is empty. */
export function makeRepository(files: Record<string, string>): TestRepository {
  const root = temporaryFolder('repo');
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: root,
      env: { ...process.env, ...identity },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  const write = (wanted: Record<string, string>) => {
    for (const [path, text] of Object.entries(wanted)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  };
  git('init', '--quiet', '--initial-branch=main');
  // Written, not told to git: each git that is saved here is saved some hundred times.
  appendFileSync(join(root, '.git', 'config'), '[user]\n\tname = Test\n\temail = test@example.org\n');
  if (Object.keys(files).length > 0) {
    write(files);
    git('add', '--all');
    git('-c', 'maintenance.auto=false', 'commit', '--quiet', '-m', 'first');
  }
  return { root, git, write, remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }) };
}
