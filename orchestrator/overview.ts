import { toFault } from '../ipc/fault.ts';
import { foldAll } from '../state/fold.ts';
import { failedHosts, hostWish } from '../state/host-wish.ts';
import { isHeld } from '../state/lease.ts';
import { runPaths } from '../state/paths.ts';
import { openRunLog } from '../state/run-log.ts';
import { loneAgent } from '../state/run-machine.ts';
import type { AgentState, RunState } from '../state/run-state.ts';
import { memoryOf, type Taken } from '../supervisor/memory.ts';
import { pendingApprovals } from './approvals.ts';
import { hasAccount, listRuns } from './find-run.ts';
import type { Place } from './place.ts';
import { asksPerson } from './waiting.ts';

/** A run, or an agent of one, as it is now. `agent` null: the run itself. Times are ISO 8601, sizes bytes. */
export type Row = {
  run: string;
  agent: string | null;
  name: string | null;
  state: string;
  live: boolean;
  detached: boolean;
  role: string | null;
  task: string;
  /** When something was written about it last. */
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
 * Every run of this user on this machine with the agents at work in it, newest first: those that have not finished, or
 * with `all` every one. A run that cannot be read is told to `unreadable` and left out.
 */
export function overview(place: Place, options: { all: boolean; unreadable(run: string, why: string): void }): Row[] {
  const seen: { state: RunState; live: boolean }[] = [];
  for (const run of listRuns(place)) {
    // Most runs of a long life have finished: their logs are not read.
    if (!options.all && hasAccount(place, run)) continue;
    try {
      const look = lookAt(place, run);
      if (options.all || look.live || !look.state.finished) seen.push(look);
    } catch (error) {
      options.unreadable(run, toFault(error).message);
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

function lookAt(place: Place, run: string): { state: RunState; live: boolean } {
  const paths = runPaths(place.state, run);
  // The lease first: what its holder wrote before letting go of it is then read for certain.
  const live = isHeld(paths.lease);
  const log = openRunLog(paths.log, run, { readonly: true });
  try {
    return { state: foldAll(log.read()), live };
  } finally {
    log.close();
  }
}

function rowsOf(state: RunState, live: boolean, taken: Taken | null): Row[] {
  const { created, usage } = state;
  const { run, repository, options, goal } = created;
  const merged = [...state.tasks.values()].filter((task) => task.value === 'merged').length;
  const [line = ''] = goal.split('\n');
  const asked = [...state.agents.values()].map(({ model }) => model).filter(Boolean);
  const shared = { run, name: created.name ?? null, live, detached: options.detached === true, root: repository.root };
  const own: Row = {
    ...shared,
    agent: null,
    state: stateWord(state, live),
    role: created.role ?? null,
    task: state.tasks.size > 0 ? `${merged}/${state.tasks.size} ${line}` : line,
    progressAt: state.at,
    models: state.models.size > 0 ? [...state.models.keys()] : [...new Set(asked)],
    tokens: usage.inputTokens + usage.outputTokens,
    usd: usage.usd,
    memoryBytes: taken?.bytes ?? null,
    restarts: failedHosts(state).length - (live && state.hosts.at(-1)?.exitCode === null ? 1 : 0),
  };
  const working = [...state.agents].filter(([name, agent]) => live && name !== loneAgent && isAtWork(agent, state));
  const rows = working.map(([name, agent]) => ({
    ...shared,
    agent: name,
    state: [...agent.open.keys()].some((call) => asksPerson(state, name, call)) ? waitsForPerson : agentWord(agent),
    role: agent.role,
    task: state.tasks.get(name)?.context.task.title ?? agent.delegated?.prompt.split('\n')[0] ?? line,
    progressAt: agent.at,
    models: agent.model === '' ? [] : [agent.model],
    tokens: agent.usage.tokens,
    usd: agent.usage.usd,
    memoryBytes: taken?.agents.get(name) ?? null,
    restarts: agent.crashes,
  }));
  return [own, ...rows];
}

const waitsForPerson = 'waiting for you';

function isAtWork(agent: AgentState, state: RunState): boolean {
  return agent.handoff === null && (agent.life > 0 || agent.queued) && !state.finished;
}

/** What a run is at, in a word or two. What it says of a run without a host is what will become of it. */
function stateWord(state: RunState, live: boolean): string {
  if (state.finished) return state.finished.outcome;
  const phase = state.phase.value;
  if (phase === 'proposed') return 'waiting';
  if (pendingApprovals(state).length > 0) return waitsForPerson;
  if (live) return phase === 'planning' || phase === 'preparing' ? phase : 'working';
  if (state.gaveUp) return 'gave up';
  if (state.intent !== 'run') return state.intent;
  const isWanted = state.created.options.detached === true && hostWish(state) === 'host';
  if (isWanted) return state.hosts.length === 0 ? 'starting' : 'restarting';
  return state.hostStopped?.exitCode === 4 ? 'at a limit' : 'interrupted';
}

function agentWord(agent: AgentState): string {
  const [call] = agent.open.values();
  if (agent.queued) return 'queued';
  if (agent.parked) return 'parked';
  if (!agent.running) return 'restarting';
  if (call) return call.name;
  return agent.calls > agent.heard ? 'thinking' : 'waiting';
}
