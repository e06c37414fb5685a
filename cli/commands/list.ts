import { toFault } from '../../ipc/fault.ts';
import type { Manifest } from '../../ipc/manifest.ts';
import { locateRepository } from '../../orchestrator/git/repository.ts';
import { listRuns } from '../../orchestrator/runs/find-run.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import { fit } from '../../tui/text/text.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode list`: the runs of this repository, or of all with `--all` and outside of one; newest first. */
export default async function list(session: Session, options: Record<string, unknown>): Promise<Outcome> {
  const root = options.all ? null : topOf(String(options.C));
  const runs: Manifest[] = [];
  for (const run of listRuns(session.place)) {
    const read = await readRun(session.place, run).catch((error: unknown) => {
      session.warn(`${run}: ${toFault(error).message}`);
      return null;
    });
    if (read && (root === null || read.manifest.repository.root === root)) runs.push(read.manifest);
  }
  runs.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  if (session.json) session.emit({ runs: runs.map(headerOf) });
  else if (runs.length === 0) session.say('No runs yet. Begin with: vtcode run --plan "rename fetchUser to loadUser"');
  else session.say(...runs.map(line));
  return { exitCode: 0 };
}

/** The top of the repository around `directory`; null outside of repositories. */
function topOf(directory: string): string | null {
  try {
    return locateRepository(directory).root;
  } catch {
    return null;
  }
}

function headerOf(manifest: Manifest) {
  const { run, goal, state, word, outcome, exitCode, repository, startedAt, updatedAt, verified, branch } = manifest;
  const merged = manifest.tasks.filter((task) => task.state === 'merged').length;
  return {
    run,
    goal,
    state,
    word,
    outcome,
    exitCode,
    root: repository.root,
    startedAt,
    updatedAt,
    verified,
    branch,
    tasks: manifest.tasks.length,
    merged,
  };
}

function line(manifest: Manifest): string {
  const { tasks, merged, run, word, startedAt, goal } = headerOf(manifest);
  return `${run}  ${startedAt.slice(0, 16).replace('T', ' ')}  ${fit(word, 15)}  ${fit(`${merged}/${tasks}`, 7)}  ${goal.split('\n')[0]}`;
}
