import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import type { Limits } from '../ipc/config.ts';
import type { Event, EventOf } from '../ipc/events.ts';
import { Fault } from '../ipc/fault.ts';
import type { Usage } from '../ipc/message.ts';
import { runMachine } from './run-machine.ts';
import { taskMachine } from './task-machine.ts';

/**
 * Run state: what a log says, folded. Nothing here is stored; a host, a screen and a resume all fold the same events.
 * `fold` alters the state it is given and returns it: its owner is the one caller, and copying a thousand tasks for
 * every event would be the slowest thing a host does.
 */
export type OpenCall = { name: string; arguments: unknown; started: EventOf<'tool.started'> | null };
export type AgentState = {
  role: string;
  life: number;
  running: boolean;
  /** Number of the last model call that was granted, and of the last that was heard; they count over all lives. */
  calls: number;
  heard: number;
  turns: number;
  open: Map<string, OpenCall>;
  crashes: number;
  handoff: EventOf<'agent.finished'>['handoff'] | null;
  /** Why it gave its thread back, while it has not been started again. */
  parked: EventOf<'agent.parked'> | null;
  /** How it was started by another agent; null for a task's own agent. */
  delegated: EventOf<'agent.delegated'> | null;
  /** Agents that it started, by the call that waits for them. */
  delegates: Map<string, string>;
  usage: Spent;
  /** What the call that is under way may take at most. */
  reserved: EventOf<'model.granted'>['reserved'] | null;
};
/** What was spent on models: `tokens` in and out. */
export type Spent = { calls: number; tokens: number; usd: number };
export type TaskState = SnapshotFrom<typeof taskMachine>;

export type RunState = {
  created: EventOf<'run.created'>;
  seq: number;
  at: string;
  /** The check that was started last, while it runs. */
  check: EventOf<'check.started'> | null;
  /** When the plan was accepted and work began. */
  workingSince: string | null;
  phase: SnapshotFrom<typeof runMachine>;
  tasks: Map<string, TaskState>;
  /** Tasks that somebody is at work on, by name: not waiting, not ended. */
  active: Set<string>;
  /** Waiting tasks whose way is free, in the order of the plan, and those whose way is lost with the task that blocks it. */
  ready: Set<string>;
  lost: Map<string, string>;
  /** The tasks that wait for a task, by its name. */
  followers: Map<string, string[]>;
  /** What one work tree takes on disk, in MiB, without what is linked or built in it. */
  treeMb: number;
  /** How many tasks have not ended. */
  unended: number;
  agents: Map<string, AgentState>;
  /** The newest commit of the run's branch; null until the first merge. */
  tip: string | null;
  merge: EventOf<'merge.started'> | null;
  undo: EventOf<'undo.started'> | null;
  /** The merges, oldest first. */
  merged: { task: string; commit: string; at: string }[];
  undone: string[];
  /** Work trees in use: name → task. */
  trees: Map<string, string>;
  usage: Usage & { calls: number };
  /** What the calls under way may take at most, together. */
  reserved: { tokens: number; usd: number };
  /** Answered calls by model, and every change from one to another. */
  models: Map<string, number>;
  switches: EventOf<'model.switched'>[];
  walls: string;
  warnings: string[];
  baseChecked: EventOf<'base.checked'> | null;
  /** The planner's accepted proposal: arguments of its propose_plan call. */
  draft: unknown;
  /** Sites of dry runs by call id, for the plan. */
  dryRuns: Map<string, unknown>;
  finished: EventOf<'run.finished'> | null;
  hostStopped: EventOf<'host.stopped'> | null;
  families: string[];
};

/** The state after `run.created`, which must be a log's first event. */
export function begin(first: Event | undefined): RunState {
  if (first?.type !== 'run.created')
    throw new Fault('state_damaged', 'The log does not begin with the creation of a run.');
  const [phase] = initialTransition(runMachine, {
    options: first.options,
    restartsMax: first.config.limits.restarts,
  });
  return {
    created: first,
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
    tip: null,
    merge: null,
    undo: null,
    merged: [],
    undone: [],
    trees: new Map(),
    usage: { calls: 0, inputTokens: 0, outputTokens: 0, usd: 0 },
    reserved: { tokens: 0, usd: 0 },
    models: new Map(),
    switches: [],
    walls: '',
    warnings: [],
    baseChecked: null,
    draft: null,
    dryRuns: new Map(),
    finished: null,
    hostStopped: null,
    families: [],
  };
}

/** What the machines heed at all. Most events are about agents, and a transition costs more than the rest of a fold. */
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
  if (phaseEvents.has(event.type)) state.phase = transition(runMachine, state.phase, event)[0];
  foldAgent(state, event);
  foldTasks(state, event);
  foldRun(state, event);
  return state;
}

/** Which task an event is about; the planner is no task. */
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

/** Keeps the lists of what may be due up to date, so that nobody has to look through a thousand tasks for it. */
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

function newAgent(role: string): AgentState {
  const counts = { life: 0, calls: 0, heard: 0, turns: 0, crashes: 0 };
  const none = { running: false, handoff: null, parked: null, delegated: null, reserved: null };
  const usage = { calls: 0, tokens: 0, usd: 0 };
  return { role, ...counts, ...none, usage, open: new Map(), delegates: new Map() };
}

function foldAgent(state: RunState, event: Event): void {
  if (!('agent' in event)) return;
  const agent = state.agents.get(event.agent) ?? newAgent('role' in event ? event.role : '');
  state.agents.set(event.agent, agent);
  switch (event.type) {
    case 'agent.delegated':
      agent.delegated = event;
      state.agents.get(event.parent)?.delegates.set(event.call, event.agent);
      break;
    case 'agent.started':
      Object.assign(agent, { role: event.role, life: event.life, running: true, handoff: null, parked: null });
      break;
    case 'agent.parked':
      Object.assign(agent, { running: false, parked: event });
      break;
    case 'agent.crashed':
      agent.running = false;
      agent.crashes += 1;
      break;
    case 'agent.finished':
      Object.assign(agent, { running: false, handoff: event.handoff, turns: 0, parked: null });
      agent.open.clear();
      break;
    case 'tool.requested':
      agent.open.set(event.call, { name: event.name, arguments: event.arguments, started: null });
      break;
    case 'tool.started': {
      const call = agent.open.get(event.call);
      if (call) call.started = event;
      break;
    }
    case 'tool.finished':
      foldToolResult(state, agent, event);
      break;
    default:
      foldModelCall(state, agent, event);
  }
}

/** Keeps account of model calls: reserved when granted, settled when they end in whatever way. */
function foldModelCall(state: RunState, agent: AgentState, event: Event): void {
  switch (event.type) {
    case 'model.granted':
      agent.calls = event.call;
      agent.usage.calls += 1;
      state.usage.calls += 1;
      reserve(state, agent, event.reserved ?? null);
      break;
    case 'model.finished':
      agent.turns += 1;
      agent.heard = event.call;
      settle(state, agent, event.usage);
      if (event.message.role === 'assistant' && event.message.from !== undefined)
        state.models.set(event.message.from, (state.models.get(event.message.from) ?? 0) + 1);
      break;
    case 'context.compacted':
      agent.heard = event.call;
      settle(state, agent, event.usage);
      break;
    case 'model.failed':
    case 'model.abandoned':
      settle(state, agent, event.usage);
      break;
    case 'model.switched':
      state.switches.push(event);
      break;
  }
}

function reserve(state: RunState, agent: AgentState, reserved: AgentState['reserved']): void {
  settle(state, agent, undefined);
  agent.reserved = reserved;
  state.reserved.tokens += reserved?.tokens ?? 0;
  state.reserved.usd += reserved?.usd ?? 0;
}

function settle(state: RunState, agent: AgentState, usage: Usage | undefined): void {
  state.reserved.tokens -= agent.reserved?.tokens ?? 0;
  state.reserved.usd -= agent.reserved?.usd ?? 0;
  agent.reserved = null;
  if (!usage) return;
  agent.usage.tokens += usage.inputTokens + usage.outputTokens;
  agent.usage.usd += usage.usd;
  state.usage.inputTokens += usage.inputTokens;
  state.usage.outputTokens += usage.outputTokens;
  state.usage.usd += usage.usd;
  const { cachedTokens = 0, reasoningTokens = 0, cacheWriteTokens = 0 } = usage;
  if (cachedTokens > 0) state.usage.cachedTokens = (state.usage.cachedTokens ?? 0) + cachedTokens;
  if (cacheWriteTokens > 0) state.usage.cacheWriteTokens = (state.usage.cacheWriteTokens ?? 0) + cacheWriteTokens;
  if (reasoningTokens > 0) state.usage.reasoningTokens = (state.usage.reasoningTokens ?? 0) + reasoningTokens;
}

function foldToolResult(state: RunState, agent: AgentState, event: EventOf<'tool.finished'>): void {
  const call = agent.open.get(event.call);
  agent.open.delete(event.call);
  if (event.agent !== 'planner') return;
  if (event.result.data !== undefined) state.dryRuns.set(event.call, event.result.data);
  if (event.name === 'propose_plan' && !event.result.isError) state.draft = call?.arguments ?? null;
}

function withLimits(created: RunState['created'], limits: Limits): RunState['created'] {
  return { ...created, config: { ...created.config, limits } };
}

function foldRun(state: RunState, event: Event): void {
  switch (event.type) {
    case 'host.started':
      state.families.push(event.family);
      if (event.limits) state.created = withLimits(state.created, event.limits);
      state.hostStopped = null;
      state.check = null;
      for (const agent of state.agents.values()) agent.running = false;
      break;
    case 'host.stopped':
      state.hostStopped = event;
      break;
    case 'walls.reported':
      state.walls = event.summary;
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
    case 'undo.started':
      state.undo = event;
      break;
    case 'undo.finished':
      state.undo = null;
      state.tip = event.commit;
      state.undone.push(...event.tasks);
      break;
    case 'run.finished':
      state.finished = event;
      break;
  }
}
