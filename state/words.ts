import type { Manifest, ManifestTask } from '../ipc/manifest.ts';
import { loneAgent, person } from '../ipc/run-kind.ts';
import { hostWish } from './desired-host.ts';
import type { AgentState, RunState, TaskState } from './run-state.ts';

/**
 * The words for the state of a run, a task and an agent. `list`, `ps`, `show`, `wait`, `result`, the dashboard and the
 * manifest take them from here. `live` always means: a host holds the lease of the run now. Pure.
 */

/** A person has to act: accept the plan or answer an approval. */
export const waitsForPerson = 'waiting for you';
/** A conversation in which no call is under way and no question is open. */
const idle = 'idle';

/** The state of a run in one to three words. For a run without a host they also say whether another host will come. */
export function runWord(state: RunState, live: boolean): string {
  if (state.finished) return state.finished.outcome;
  const phase = state.phase.value;
  if (phase === 'proposed' || state.waiting.size > 0) return waitsForPerson;
  if (phase === 'resting') return idle;
  if (live && state.agents.get(loneAgent)?.phase.value === 'queued') return 'queued';
  if (live) return phase === 'planning' || phase === 'preparing' ? phase : 'working';
  if (state.gaveUp) return 'gave up';
  if (state.intent !== 'run') return state.intent;
  const isWanted = state.created.options.detached === true && hostWish(state) === 'host';
  if (isWanted) return state.hosts.length === 0 ? 'starting' : 'restarting';
  return state.hostStopped?.exitCode === 4 ? 'at a limit' : 'interrupted';
}

/** The state of a run as one of six fixed values, for programs that read the manifest. `runWord` says it more exactly. */
export function runStage(state: RunState, live: boolean): Manifest['state'] {
  const phase = state.phase.value;
  if (phase === 'finished' || phase === 'undoing') return 'finished';
  if (phase === 'proposed') return 'waiting';
  if (!live) return 'interrupted';
  if (phase === 'failing') return 'planning';
  return phase === 'planning' || phase === 'preparing' ? phase : 'working';
}

const taskWords = {
  waiting: 'waiting',
  working: 'working',
  collecting: 'checking',
  checking: 'checking',
  merging: 'merging',
  merged: 'merged',
  failing: 'parked',
  parked: 'parked',
  undone: 'undone',
} as const satisfies Record<TaskState['value'], ManifestTask['state']>;

/** The state of a task of a plan, in one word. */
export function taskWord(task: TaskState): ManifestTask['state'] {
  return taskWords[task.value];
}

/** These states last until the run goes on or a person acts, with or without a host. */
const lastingTaskWords: ReadonlySet<ManifestTask['state']> = new Set(['waiting', 'merged', 'parked', 'undone']);

/**
 * The state of an agent, or of a task that has no agent yet, by its name. An agent at work is named after the tool that
 * it uses; an agent that is not at work takes the word of its task, of its hand-in, or of its run.
 */
export function agentWord(state: RunState, name: string, live: boolean): string {
  const agent = state.agents.get(name);
  if (name === person) return agent?.open.values().next().value?.name ?? idle;
  if (live && agent && isAtWork(agent, state)) return workWord(agent, state);
  const task = state.tasks.get(name);
  if (task) {
    const word = taskWord(task);
    return lastingTaskWords.has(word) || live ? word : runWord(state, live);
  }
  const handoff = agent?.phase.context.handoff;
  if (handoff) return handoff.outcome;
  return live ? 'waiting' : runWord(state, live);
}

/** Whether an agent was started, or waits to be started, and has not handed in. */
export function isAtWork(agent: AgentState, state: RunState): boolean {
  const { handoff, life } = agent.phase.context;
  return handoff === null && (life > 0 || agent.phase.value === 'queued') && !state.finished;
}

function workWord(agent: AgentState, state: RunState): string {
  const calls = [...agent.open.values()];
  if (calls.some(({ approval }) => state.waiting.has(approval ?? ''))) return waitsForPerson;
  if (agent.phase.value === 'queued') return 'queued';
  if (agent.phase.value === 'parked') return 'parked';
  if (agent.phase.value !== 'working') return 'restarting';
  return calls[0]?.name ?? (agent.calls > agent.heard ? 'thinking' : 'waiting');
}
