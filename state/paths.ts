import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Where everything lies below the state folder `root` (absolute). Pure; nothing is created here. */
export function statePaths(root: string) {
  return {
    root,
    runs: join(root, 'runs'),
    repositories: join(root, 'repositories'),
    index: join(root, 'index.db'),
    live: join(root, 'live.db'),
  };
}

export function runPaths(root: string, run: string) {
  const folder = join(root, 'runs', run);
  return {
    folder,
    log: join(folder, 'log.db'),
    lease: join(folder, 'lease.db'),
    out: join(folder, 'out'),
    trees: join(folder, 'trees'),
    home: join(folder, 'home'),
    manifest: join(folder, 'manifest.json'),
  };
}
export type RunPaths = ReturnType<typeof runPaths>;

/** vtcode's private bare repository for the user's repository whose common git folder is `gitDir`. */
export function privateRepository(root: string, gitDir: string): string {
  return join(root, 'repositories', `${createHash('sha256').update(gitDir).digest('hex').slice(0, 16)}.git`);
}
