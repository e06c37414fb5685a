import { toFault } from '../../ipc/fault.ts';
import { loneAgent } from '../../ipc/run-kind.ts';
import { failedHosts } from '../../state/desired-host.ts';
import { isHeld } from '../../state/lease.ts';
import { runPaths } from '../../state/paths.ts';
import type { RunState } from '../../state/run-state.ts';
import { agentWord, isAtWork, runWord } from '../../state/words.ts';
import { memoryOf, type Taken } from '../../supervisor/memory.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { hasAccount, listRuns } from './find-run.ts';
import { stateOf } from './read-run.ts';

/** A run, or an agent of one, in its present state. `agent` null: the run itself. Times are ISO 8601, sizes bytes. */
export type Row = {
  run: string;
  agent: string | null;
  name: string | null;
  state: string;
  live: boolean;
  detached: boolean;
  role: string | null;
  task: string;
  /** The time of its last event. */
  progressAt: string;
  models: string[];
  tokens: number;
  usd: number;
  /** Of all processes of the run, or of an agent's own; null: not known, or it has none (a thread shares its host's). */
  memoryBytes: number | null;
  restarts: number;
  root: string;
};

/**
 * Every run of this user on this machine with its working agents, newest first: the unfinished runs, or with `all`
 * every run. A run that cannot be read is left out, and `unreadable` is called for it.
 */
export function overview(
  place: UserEnvironment,
  options: { all: boolean; unreadable(run: string, why: string): void },
): Row[] {
  const seen: { state: RunState; live: boolean }[] = [];
  for (const run of listRuns(place)) {
    // Most runs have finished: their logs are not read.
    if (!options.all && hasAccount(place, run)) continue;
    try {
      const look = lookAt(place, run);
      if (options.all || look.live || !look.state.finished) seen.push(look);
    } catch (error) {
      const { code, message } = toFault(error);
      if (code !== 'run_unknown') options.unreadable(run, message); // else it is being made
    }
  }
  const households = seen.flatMap(({ state, live }) => {
    const [pid, family] = [Number(state.hosts.at(-1)?.process), state.families.at(-1)];
    return live && pid > 0 && family !== undefined ? [{ pid, family }] : [];
  });
  const memory = memoryOf(households);
  seen.sort((a, b) => b.state.created.at.localeCompare(a.state.created.at));
  return seen.flatMap(({ state, live }) => rowsOf(state, live, memory.get(state.families.at(-1) ?? '') ?? null));
}

function lookAt(place: UserEnvironment, run: string): { state: RunState; live: boolean } {
  const paths = runPaths(place.state, run);
  // The lease first: then everything that its holder wrote before releasing it is certainly read.
  const live = isHeld(paths.lease);
  return { state: stateOf(place, run), live };
}

function rowsOf(state: RunState, live: boolean, taken: Taken | null): Row[] {
  const working = [...state.agents].filter(([name, agent]) => live && name !== loneAgent && isAtWork(agent, state));
  const commands = [...state.agents].flatMap(([name, agent]) =>
    [...agent.commands].flatMap(([id, one]) => (live && one.ended === null ? [commandRow(state, name, id, one)] : [])),
  );
  return [runRow(state, live, taken), ...working.map(([name]) => agentRow(state, name, live, taken)), ...commands];
}

/** The row of a run, from its state and whether a host is at work on it. Pure. */
export function runRow(state: RunState, live: boolean, taken: Taken | null): Row {
  const { usage } = state;
  const merged = [...state.tasks.values()].filter((task) => task.value === 'merged').length;
  const asked = [...state.agents.values()].map(({ model }) => model).filter(Boolean);
  const line = goalLine(state);
  return {
    ...sharedBy(state, live),
    agent: null,
    state: runWord(state, live),
    role: state.created.role ?? null,
    task: state.tasks.size > 0 ? `${merged}/${state.tasks.size} ${line}` : line,
    progressAt: state.at,
    models: state.models.size > 0 ? [...state.models.keys()] : [...new Set(asked)],
    tokens: usage.inputTokens + usage.outputTokens,
    usd: usage.usd,
    memoryBytes: taken?.bytes ?? null,
    restarts: failedHosts(state).length - (live && state.hosts.at(-1)?.exitCode === null ? 1 : 0),
  };
}

/**
 * The row of an agent, or of a task that has no agent yet. For an agent that does not work, the row says how it ended,
 * or how its run goes on. Pure.
 */
export function agentRow(state: RunState, name: string, live: boolean, taken: Taken | null): Row {
  const agent = state.agents.get(name);
  const task = state.tasks.get(name)?.context.task;
  return {
    ...sharedBy(state, live),
    agent: name,
    state: agentWord(state, name, live),
    role: agent?.role || (task?.role ?? null),
    task: task?.title ?? agent?.delegated?.prompt.split('\n')[0] ?? goalLine(state),
    progressAt: agent?.at || state.at,
    models: agent && agent.model !== '' ? [agent.model] : [],
    tokens: agent?.usage.tokens ?? 0,
    usd: agent?.usage.usd ?? 0,
    memoryBytes: taken?.agents.get(name) ?? null,
    restarts: agent?.phase.context.crashes ?? 0,
  };
}

/** The row of a command that an agent has in the background. */
function commandRow(state: RunState, agent: string, id: string, { command }: { command: string }): Row {
  const none = { models: [], tokens: 0, usd: 0, memoryBytes: null, restarts: 0 };
  const { at } = state.agents.get(agent) ?? state;
  const words = { agent: `${agent} ${id}`, state: 'running', role: 'command', task: command.split('\n')[0] ?? '' };
  return { ...sharedBy(state, true), ...words, progressAt: at, ...none };
}

function sharedBy({ created }: RunState, live: boolean) {
  const { run, repository, options } = created;
  return { run, name: created.name ?? null, live, detached: options.detached === true, root: repository.root };
}

function goalLine({ created }: RunState): string {
  return created.goal.split('\n')[0] ?? '';
}
