import { existsSync, readdirSync } from 'node:fs';
import { Fault } from '../../ipc/fault.ts';
import { isRunId } from '../../ipc/ids.ts';
import { nearest } from '../../ipc/nearest.ts';
import { runPaths, statePaths } from '../../state/paths.ts';
import { runName } from '../../state/run-name.ts';
import type { UserEnvironment } from '../environment/environment.ts';

/** Ids of all runs on this machine. Throws state_unwritable when the folder cannot be read. */
export function listRuns(place: UserEnvironment): string[] {
  const folder = statePaths(place.state).runs;
  try {
    return existsSync(folder) ? readdirSync(folder).filter(isRunId) : [];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('state_unwritable', `The state folder ${folder} cannot be read (${why}).`, {
      cause,
      advice: 'Check its permissions, or point XDG_STATE_HOME elsewhere.',
    });
  }
}

/** Whether a run has written its manifest, which it does when it finishes: known without reading its log. */
export function hasAccount(place: UserEnvironment, run: string): boolean {
  return existsSync(runPaths(place.state, run).manifest);
}

/** How many characters of an id a person must give at least. */
const startMin = 3;

/**
 * The run that a person means: an id, the start of exactly one id, or a name that exactly one run has. Throws
 * run_unknown with similar names, and usage when two runs have the name.
 */
export function requireRun(place: UserEnvironment, wanted: string): string {
  if (isRunId(wanted) && existsSync(runPaths(place.state, wanted).log)) return wanted;
  const all = listRuns(place);
  // An empty shell variable must never select the only run there is.
  const start = wanted.replace(/^run_/, '');
  const matching = start.length < startMin ? [] : all.filter((run) => run.startsWith(`run_${start}`));
  const names: Map<string, string> = wanted.startsWith('run_') ? new Map() : namesOf(place, all); // reading each takes a moment
  const named = all.filter((run) => wanted !== '' && names.get(run) === wanted);
  if (named.length === 1 && named[0]) return named[0];
  if (named.length > 1)
    throw new Fault('usage', `${named.length} runs are called '${wanted}': ${named.join(', ')}.`, {
      advice: 'Say which one by its id; vtcode ps -a shows what each does.',
    });
  if (matching.length === 1 && matching[0]) return matching[0];
  const meant = matching.length > 1 ? matching.slice(0, 3).join(', ') : nearest(wanted, [...all, ...names.values()]);
  throw new Fault('run_unknown', `There is no run ${wanted}.`, {
    advice: meant ? `Did you mean ${meant}?` : `vtcode list shows the runs.`,
  });
}

/** A run and perhaps one of its agents, written as `run/agent`. */
export function requireAgent(place: UserEnvironment, wanted: string): { run: string; agent: string | null } {
  const slash = wanted.indexOf('/');
  if (slash === -1) return { run: requireRun(place, wanted), agent: null };
  return { run: requireRun(place, wanted.slice(0, slash)), agent: wanted.slice(slash + 1) };
}

/** The names of the runs that have one. */
function namesOf(place: UserEnvironment, runs: string[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const run of runs) {
    const name = nameOf(place, run);
    if (name !== null) names.set(run, name);
  }
  return names;
}

function nameOf(place: UserEnvironment, run: string): string | null {
  try {
    return runName(runPaths(place.state, run).log);
  } catch {
    return null; // a person who asks for this run is told why it cannot be read
  }
}

/** A name that cannot be confused with an id, an agent or an option. Throws usage. */
export function requireName(name: string | undefined): void {
  if (name === undefined || (/^[A-Za-z0-9][\w.-]{0,63}$/.test(name) && !name.startsWith('run_'))) return;
  throw new Fault('usage', `'${name}' cannot be the name of a run.`, {
    advice: 'Use up to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit.',
  });
}
