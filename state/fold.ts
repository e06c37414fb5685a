import { initialTransition, transition } from 'xstate';
import type { Limits } from '../ipc/config.ts';
import type { Event } from '../ipc/events.ts';
import { Fault } from '../ipc/fault.ts';
import { isConversation } from '../ipc/run-kind.ts';
import { foldAgent, foldHostStart } from './fold-agents.ts';
import { runMachine } from './run-machine.ts';
import type { RunState, TaskState } from './run-state.ts';
import { taskMachine } from './task-machine.ts';

/** The state after `run.created`, which must be a log's first event. */
export function begin(first: Event | undefined): RunState {
  if (first?.type !== 'run.created')
    throw new Fault('state_damaged', 'The log does not begin with the creation of a run.');
  const [phase] = initialTransition(runMachine, {
    options: first.options,
    restartsMax: first.config.limits.restarts,
    isSilent: first.goal === '',
  });
  const { seq, goal: text, at } = first;
  const isTurn = isConversation(first.options) && text !== '';
  return {
    created: first,
    turns: isTurn ? [{ seq, text, at, saved: null }] : [],
    seq: first.seq,
    at: first.at,
    workingSince: null,
    check: null,
    phase,
    tasks: new Map(),
    active: new Set(),
    ready: new Set(),
    lost: new Map(),
    followers: new Map(),
    treeMb: 0,
    unended: 0,
    agents: new Map(),
    approvals: new Map(),
    waiting: new Set(),
    tip: null,
    merge: null,
    merged: [],
    undone: [],
    trees: new Map(),
    usage: { calls: 0, inputTokens: 0, outputTokens: 0, usd: 0 },
    models: new Map(),
    switches: [],
    walls: '',
    warnings: [],
    baseChecked: null,
    draft: null,
    dryRuns: new Map(),
    finished: null,
    hostStopped: null,
    intent: 'run',
    wanted: { at: first.at, hosts: 0 },
    gaveUp: null,
    hosts: [],
    families: [],
  };
}

/**
 * The events that the machines handle. Most events are about agents, and a transition costs more than the rest of a
 * fold.
 */
const phaseEvents: ReadonlySet<string> = new Set(runMachine.events);
const taskEvents: ReadonlySet<string> = new Set(taskMachine.events);

export function foldAll(events: Event[]): RunState {
  let state = begin(events[0]);
  for (const event of events.slice(1)) state = fold(state, event);
  return state;
}

export function fold(state: RunState, event: Event): RunState {
  if (event.seq !== state.seq + 1)
    throw new Fault('state_damaged', `Event ${event.seq} follows event ${state.seq}: the log has a gap.`);
  state.seq = event.seq;
  state.at = event.at;
  const isResting = state.phase.value === 'resting';
  if (phaseEvents.has(event.type)) state.phase = transition(runMachine, state.phase, event)[0];
  if (isResting && state.phase.value === 'alone' && event.type === 'agent.told')
    state.turns.push({ seq: event.seq, text: event.text, at: event.at, saved: null });
  foldAgent(state, event);
  foldTasks(state, event);
  foldRun(state, event);
  if (isConversation(state.created.options)) foldConversation(state, event);
  return state;
}

/** The task of an event; the planner is no task. */
function taskOf(event: Event): string | null {
  if ('task' in event) return event.task;
  if ('agent' in event) return event.agent;
  return null;
}

function foldTasks(state: RunState, event: Event): void {
  if (event.type === 'plan.accepted') {
    beginTasks(state);
    return;
  }
  const names = event.type === 'undo.finished' ? event.tasks : [taskOf(event) ?? ''];
  for (const name of names) {
    const task = state.tasks.get(name);
    if (!task || !taskEvents.has(event.type)) continue;
    const next = transition(taskMachine, task, event)[0];
    state.tasks.set(name, next);
    if (next.value !== task.value) foldTaskChange(state, name, next.value);
  }
  if (event.type === 'workspace.assigned') state.trees.set(event.tree, event.task);
  if (event.type === 'merge.finished' || event.type === 'task.parked')
    for (const [tree, name] of state.trees) if (name === event.task) state.trees.delete(tree);
}

function beginTasks(state: RunState): void {
  const { attempts, restarts } = state.created.config.limits;
  for (const task of state.phase.context.plan?.tasks ?? []) {
    const input = { task, attemptsMax: attempts, restartsMax: restarts };
    state.tasks.set(task.id, initialTransition(taskMachine, input)[0]);
    if (task.after.length === 0) state.ready.add(task.id);
    for (const before of task.after) {
      const followers = state.followers.get(before) ?? [];
      state.followers.set(before, [...followers, task.id]);
    }
  }
  state.unended = state.tasks.size;
}

/** Updates the lists of tasks that may be due, so that no caller has to search a thousand tasks. */
function foldTaskChange(state: RunState, name: string, value: TaskState['value']): void {
  state.ready.delete(name);
  state.lost.delete(name);
  const ended = value === 'merged' || value === 'parked' || value === 'undone';
  if (!ended) {
    state.active.add(name);
    return;
  }
  state.active.delete(name);
  if (value === 'undone') return; // it had ended before
  state.unended -= 1;
  for (const follower of state.followers.get(name) ?? []) {
    const task = state.tasks.get(follower);
    if (task?.value !== 'waiting') continue;
    if (value === 'parked') state.lost.set(follower, name);
    else if (task.context.task.after.every((one) => state.tasks.get(one)?.value === 'merged'))
      state.ready.add(follower);
  }
}

function withLimits(created: RunState['created'], limits: Limits): RunState['created'] {
  return { ...created, config: { ...created.config, limits } };
}

/** Events that occur only in conversations. */
function foldConversation(state: RunState, event: Event): void {
  if (event.type === 'model.chosen') {
    const { config } = state.created;
    const role = config.roles[event.role];
    const roles = role ? { ...config.roles, [event.role]: { ...role, models: event.models } } : config.roles;
    state.created = { ...state.created, config: { ...config, roles } };
  } else if (event.type === 'folder.saved') {
    const turn = state.turns.findLast(({ seq }) => seq === event.turn);
    if (turn) turn.saved = { commit: event.commit, reason: event.reason };
  }
}

function foldRun(state: RunState, event: Event): void {
  switch (event.type) {
    case 'host.started':
      state.families.push(event.family);
      state.hosts.push({ at: event.at, process: event.process, exitCode: null });
      if (event.limits) state.created = withLimits(state.created, event.limits);
      state.hostStopped = null;
      state.check = null;
      foldHostStart(state, event);
      break;
    case 'host.stopped': {
      state.hostStopped = event;
      const host = state.hosts.at(-1);
      if (host) host.exitCode = event.exitCode;
      break;
    }
    case 'run.intended':
      state.intent = event.intent;
      if (event.intent === 'run') {
        const wanted = { at: event.at, hosts: state.hosts.length };
        Object.assign(state, { hostStopped: null, gaveUp: null, wanted });
      }
      break;
    case 'run.gave_up':
      state.gaveUp = event;
      break;
    case 'walls.reported':
      state.walls = event.summary;
      break;
    case 'task.collected':
      state.warnings.push(...(event.warnings ?? []).filter((words) => !state.warnings.includes(words)));
      break;
    case 'repository.ready':
      state.warnings.push(...event.warnings);
      state.treeMb = event.treeMb;
      break;
    case 'plan.accepted':
      state.workingSince = event.at;
      break;
    case 'check.started':
      state.check = event;
      break;
    case 'task.checked':
      state.check = null;
      break;
    case 'base.checked':
      state.check = null;
      state.baseChecked = event;
      state.warnings.push(...event.warnings);
      break;
    case 'merge.started':
      state.merge = event;
      break;
    case 'merge.finished':
      state.merge = null;
      state.tip = event.commit;
      state.merged.push({ task: event.task, commit: event.commit, at: event.at });
      break;
    case 'undo.finished':
      state.tip = event.commit;
      state.undone.push(...event.tasks);
      break;
    case 'run.finished':
      state.finished = event;
      break;
  }
}
