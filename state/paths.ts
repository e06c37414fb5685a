import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** The places of all files below the state folder `root` (absolute). Pure; nothing is created here. */
export function statePaths(root: string) {
  return {
    root,
    runs: join(root, 'runs'),
    repositories: join(root, 'repositories'),
    index: join(root, 'index.db'),
    live: join(root, 'live.db'),
    /** The lock of the only `supervise` of this state folder, and the file that wakes it when touched. */
    supervise: join(root, 'supervise.db'),
    wake: join(root, 'supervise.wake'),
    /** A private folder for each running `vtcode sandbox`. */
    sandboxes: join(root, 'sandboxes'),
    superviseOut: join(root, 'supervise.log'),
  };
}

export function runPaths(root: string, run: string) {
  const folder = join(root, 'runs', run);
  return {
    folder,
    log: join(folder, 'log.db'),
    lease: join(folder, 'lease.db'),
    out: join(folder, 'out'),
    /** The output of a detached host. */
    hostOut: join(folder, 'out', 'host.log'),
    /** The output of an agent that is a process of its own. */
    agentOut: (agent: string) => join(folder, 'out', `agent-${agent.replaceAll('/', '.')}.log`),
    trees: join(folder, 'trees'),
    home: join(folder, 'home'),
    /** The key for the markers of its secrets. */
    redactionKey: join(folder, 'redaction.key'),
    /** A conversation's folder at each turn (orchestrator/worktrees/folder-saves.ts). */
    saves: join(folder, 'saves.git'),
    manifest: join(folder, 'manifest.json'),
    /** Viewers touch the first; the second holds the agents' words meanwhile (orchestrator/host/live-text.ts). */
    looking: join(folder, 'looking'),
    said: join(folder, 'said.jsonl'),
    /** Reserved space for the last events of a host with a full disk. */
    reserve: join(folder, 'reserve'),
  };
}
export type RunPaths = ReturnType<typeof runPaths>;

/** vtcode's private bare repository for the user's repository whose common git folder is `gitDir`. */
export function privateRepository(root: string, gitDir: string): string {
  return join(root, 'repositories', `${createHash('sha256').update(gitDir).digest('hex').slice(0, 16)}.git`);
}
