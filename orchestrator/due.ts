import type { RunState, TaskState } from '../state/fold.ts';

/**
 * Due acts: what should be under way now, derived from the state alone. Starting, resuming and going on are the same
 * line: whatever is due and not in flight is started. An act's id names it across crashes; every act ends as a fact.
 */
export type Act =
  | { id: string; kind: 'prepare' }
  | { id: string; kind: 'base_checks' }
  | { id: string; kind: 'agent'; agent: string; role: string; task: string | null }
  | { id: string; kind: 'tool'; agent: string; call: string }
  | { id: string; kind: 'propose' }
  | { id: string; kind: 'accept' }
  | { id: string; kind: 'assign'; task: string }
  | { id: string; kind: 'collect'; task: string; attempt: number }
  | { id: string; kind: 'check'; task: string; attempt: number }
  | { id: string; kind: 'merge'; task: string; attempt: number }
  | { id: string; kind: 'park'; task: string; reason: string }
  | { id: string; kind: 'undo' }
  | { id: string; kind: 'finish' };

/** Ids of acts that were started and have not ended. */
export type UnderWay = { has(id: string): boolean };

/**
 * Everything due in `state`, most advanced work first: what is nearly merged goes before what has not begun.
 * `underWay` only decides which task goes on being checked when several could be.
 */
export function due(state: RunState, underWay: UnderWay = new Set()): Act[] {
  if (state.undo) return [{ id: `undo:${state.undo.seq}`, kind: 'undo' }];
  if (state.finished) return [];
  switch (state.phase.value) {
    case 'preparing':
      return [{ id: 'prepare', kind: 'prepare' }];
    case 'planning':
      return duePlanning(state);
    case 'proposed':
      return dueProposed(state);
    case 'failing':
      return [{ id: 'finish', kind: 'finish' }];
    case 'working':
      return dueWorking(state, underWay);
    default:
      return [];
  }
}

function duePlanning(state: RunState): Act[] {
  const acts: Act[] = [];
  if (!state.baseChecked) acts.push({ id: 'base_checks', kind: 'base_checks' });
  const planner = state.agents.get('planner');
  const given = state.created.plan !== undefined || planner?.handoff?.outcome === 'done';
  if (given && state.baseChecked) acts.push({ id: 'propose', kind: 'propose' });
  if (!given) acts.push(...dueAgent(state, 'planner', 'planner', null));
  return acts;
}

function dueProposed(state: RunState): Act[] {
  const { options } = state.created;
  const unplaced = state.phase.context.plan?.sites.some((site) => site.placement === 'unplaced') ?? false;
  if (options.dryRun || (unplaced && !options.acceptUnplaced)) return [{ id: 'finish', kind: 'finish' }];
  return options.accept === 'yes' ? [{ id: 'accept', kind: 'accept' }] : [];
}

function dueAgent(state: RunState, agent: string, role: string, task: string | null): Act[] {
  const life = state.agents.get(agent)?.crashes ?? 0;
  const acts: Act[] = [{ id: `agent:${agent}:${life}`, kind: 'agent', agent, role, task }];
  for (const call of state.agents.get(agent)?.open.keys() ?? [])
    acts.push({ id: `tool:${agent}:${call}`, kind: 'tool', agent, call });
  return acts;
}

function dueWorking(state: RunState, underWay: UnderWay): Act[] {
  const { limits } = state.created.config;
  const active = [...state.active].flatMap((name) => state.tasks.get(name) ?? []);
  const merging = active.find((task) => task.value === 'merging');
  const acts: Act[] = [];
  if (merging) acts.push({ id: `merge:${key(merging)}`, kind: 'merge', ...taskAttempt(merging) });
  const waiting = active.filter((task) => task.value === 'checking');
  const checking = waiting.find((task) => underWay.has(`check:${key(task)}`)) ?? waiting[0];
  // One at a time: a task is checked on the tip that it will be merged onto.
  if (!merging && checking) acts.push({ id: `check:${key(checking)}`, kind: 'check', ...taskAttempt(checking) });
  let working = 0;
  for (const task of active) {
    const id = task.context.task.id;
    if (task.value === 'collecting') acts.push({ id: `collect:${key(task)}`, kind: 'collect', ...taskAttempt(task) });
    if (task.value === 'failing') acts.push({ id: `park:${id}`, kind: 'park', task: id, reason: task.context.reason });
    if (task.value === 'working' && working < limits.agents) {
      working += 1;
      if (task.context.conflicted) acts.push({ id: `assign:${key(task)}`, kind: 'assign', task: id });
      else acts.push(...dueAgent(state, id, task.context.task.role, id));
    }
  }
  acts.push(...dueWaiting(state, Math.min(treesMax(state) - state.trees.size, limits.agents - working)));
  if (state.unended === 0) acts.push({ id: 'finish', kind: 'finish' });
  return acts;
}

/** How many tasks may have a work tree at once: as many as the limits allow, in number and in disk. */
function treesMax(state: RunState): number {
  const { workspaces, disk_mb } = state.created.config.limits;
  // One tree more than the tasks': the one that checks run in.
  return Math.min(workspaces, Math.max(1, Math.floor(disk_mb / Math.max(1, state.treeMb)) - 1));
}

function dueWaiting(state: RunState, free: number): Act[] {
  const acts: Act[] = [];
  for (const [id, before] of state.lost)
    acts.push({ id: `park:${id}`, kind: 'park', task: id, reason: `it depends on ${before}, which is parked` });
  for (const id of [...state.ready].slice(0, Math.max(0, free)))
    acts.push({ id: `assign:${id}:1`, kind: 'assign', task: id });
  return acts;
}

function key(task: TaskState): string {
  return `${task.context.task.id}:${task.context.attempt}`;
}

function taskAttempt(task: TaskState): { task: string; attempt: number } {
  return { task: task.context.task.id, attempt: task.context.attempt };
}
