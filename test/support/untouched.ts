import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestRepository } from './repository.ts';

/** Everything of a repository that is the user's: where HEAD points, their refs, index, configuration and files. */
export type Fingerprint = {
  head: string;
  refs: string[];
  index: string;
  config: string;
  files: Record<string, string>;
};

/** Takes the fingerprint without git touching anything. `refs/vtcode/…` and the branches of runs are vtcode's own. */
export function fingerprint(repository: TestRepository, gitDir = join(repository.root, '.git')): Fingerprint {
  const refs = repository.git('for-each-ref', '--format=%(refname) %(objectname)').split('\n');
  return {
    head: readFileSync(join(gitDir, 'HEAD'), 'utf8'),
    refs: refs.filter((line) => !/^refs\/vtcode\/|^refs\/heads\/vtcode\/run_/.test(line)),
    index: hash(join(gitDir, 'index')),
    config: readFileSync(join(gitDir, 'config'), 'utf8'),
    files: filesBelow(repository.root),
  };
}

function filesBelow(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const own = files.filter((file) => !file.includes('/.git/')).sort();
  return Object.fromEntries(own.map((file) => [file.slice(folder.length + 1), hash(file)]));
}

function hash(file: string): string {
  if (!existsSync(file)) return 'absent';
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
