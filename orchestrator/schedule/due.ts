import type { Limits } from '../../ipc/config.ts';
import type { EventBody } from '../../ipc/events.ts';
import { loneAgent, loneRole, person, plannerAgent } from '../../ipc/run-kind.ts';
import type { AgentState, RunState, TaskState } from '../../state/run-state.ts';
import { hasEnded, waits } from './waiting.ts';

/**
 * Due acts: the acts that should be under way now, computed from the state alone. Starting, resuming and going on are
 * the same: every act that is due and not under way is started. An act's id stays the same across crashes; every act
 * ends as a fact.
 */
export type Act =
  | { id: string; kind: 'prepare' }
  | { id: string; kind: 'base_checks' }
  | { id: string; kind: 'agent'; agent: string; role: string; task: string | null; background: boolean }
  | { id: string; kind: 'tool'; agent: string; call: string }
  | { id: string; kind: 'propose' }
  | { id: string; kind: 'accept' }
  | { id: string; kind: 'assign'; task: string }
  | { id: string; kind: 'collect'; task: string; attempt: number }
  | { id: string; kind: 'check'; task: string; attempt: number }
  | { id: string; kind: 'merge'; task: string; attempt: number }
  | { id: string; kind: 'park'; task: string; reason: string }
  | { id: string; kind: 'save'; turn: number }
  | { id: string; kind: 'undo' }
  | { id: string; kind: 'finish' };

export type ActOf<Kind extends Act['kind']> = Extract<Act, { kind: Kind }>;

/**
 * Carries out a due act and returns the facts that say how it ended. `Need`: the parts of the host that it uses. A
 * throw stops the host; the run can be resumed.
 */
export type Step<Kind extends Act['kind'], Need> = (act: ActOf<Kind>, need: Need) => Promise<EventBody[]>;

/** Ids of acts that were started and have not ended. */
export type UnderWay = { has(id: string): boolean };

/**
 * Everything due in `state`, most advanced work first: a nearly merged task goes before one that has not begun.
 * `underWay` only decides which task's check continues when several could.
 */
export function due(state: RunState, underWay: UnderWay = new Set()): Act[] {
  switch (state.phase.value) {
    case 'finished':
      return [];
    case 'undoing':
      return [{ id: `undo:${state.phase.context.undo?.seq ?? 0}`, kind: 'undo' }];
    case 'alone':
      return saved(
        withinThreads(
          [...dueAgent(state, loneAgent, loneRole(state.created), null), ...duePerson(state)],
          state,
          underWay,
        ),
        state,
      );
    case 'resting':
      return saved(withinThreads(duePerson(state), state, underWay), state);
    case 'answered':
      return [{ id: 'finish', kind: 'finish' }];
    case 'preparing':
      return [{ id: 'prepare', kind: 'prepare' }];
    case 'planning':
      return duePlanning(state, underWay);
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

function duePlanning(state: RunState, underWay: UnderWay): Act[] {
  const acts: Act[] = [];
  if (!state.baseChecked) acts.push({ id: 'base_checks', kind: 'base_checks' });
  const planner = state.agents.get(plannerAgent);
  const given = state.created.plan !== undefined || planner?.phase.context.handoff?.outcome === 'done';
  if (given && state.baseChecked) acts.push({ id: 'propose', kind: 'propose' });
  if (!given) acts.push(...withinThreads(dueAgent(state, plannerAgent, plannerAgent, null), state, underWay));
  return acts;
}

function dueProposed(state: RunState): Act[] {
  const { options } = state.created;
  const unplaced = state.phase.context.plan?.sites.some((site) => site.placement === 'unplaced') ?? false;
  if (options.dryRun || (unplaced && !options.acceptUnplaced)) return [{ id: 'finish', kind: 'finish' }];
  return options.accept === 'yes' ? [{ id: 'accept', kind: 'accept' }] : [];
}

/**
 * The acts for an agent and the agents that it started: its thread, its tool calls, and the same for each agent that it
 * waits for. An agent that only waits for others is parked: it needs no thread until the last of them has ended.
 */
function dueAgent(state: RunState, agent: string, role: string, task: string | null): Act[] {
  const known = state.agents.get(agent);
  if (isHeld(known, state)) return [];
  const acts: Act[] = [];
  for (const [, child] of known?.delegates ?? []) {
    const helper = state.agents.get(child);
    if (helper?.delegated && !hasEnded(helper, state))
      acts.push(...dueAgent(state, child, helper.delegated.role, task));
  }
  let waiting = 0;
  for (const call of known?.open.keys() ?? []) {
    if (waits(state, agent, call)) waiting += 1;
    if (!waits(state, agent, call) || isAnswered(state, agent, call))
      acts.push({ id: `tool:${agent}:${call}`, kind: 'tool', agent, call });
  }
  if (waiting > 0 && waiting === known?.open.size) return acts;
  const background = known?.delegated?.background ?? (agent === task && isBackground(state, task));
  return [
    { id: `agent:${agent}:${known?.phase.context.crashes ?? 0}`, kind: 'agent', agent, role, task, background },
    ...acts,
  ];
}

/**
 * In a conversation, each turn's save of the folder comes first, one after the other, before anything has an effect.
 */
function saved(acts: Act[], { turns }: RunState): Act[] {
  const turn = turns.find((one) => one.saved === null);
  if (!turn) return acts;
  return [{ id: `save:${turn.seq}`, kind: 'save', turn: turn.seq }, ...acts.filter(({ kind }) => kind !== 'tool')];
}

/** A person's own calls, and the agents that they started. */
function duePerson(state: RunState): Act[] {
  if (!state.agents.get(person)?.open.size) return [];
  return dueAgent(state, person, '', null).filter((act) => act.kind !== 'agent' || act.agent !== person);
}

/** Whether the agent that a call delegated to has ended, so that the call can be answered. */
function isAnswered(state: RunState, agent: string, call: string): boolean {
  const child = state.agents.get(state.agents.get(agent)?.delegates.get(call) ?? '');
  return child !== undefined && hasEnded(child, state);
}

/** An agent that reached a limit of its task goes on once that limit has been raised. */
function isHeld(agent: AgentState | undefined, state: RunState): boolean {
  const limit = agent?.phase.context.parked?.limit;
  if (!limit) return false;
  return (state.created.config.limits[limit.name as keyof Limits] ?? 0) <= limit.value;
}

/** The reasons why limits of tasks hold agents, one line for each. */
export function heldBack(state: RunState): string[] {
  return [...state.agents].flatMap(([name, agent]) =>
    isHeld(agent, state) ? [`${name}: ${agent.phase.context.parked?.reason ?? ''}`] : [],
  );
}

type AgentAct = Extract<Act, { kind: 'agent' }>;

/**
 * Agents that may think now: those that already do, then as many more as the limit allows. Agents with fewer crashes go
 * first, so that agents that always crash cannot block the others.
 */
function withinThreads(acts: Act[], state: RunState, underWay: UnderWay): Act[] {
  const { agents, background } = state.created.config.limits;
  const all = acts.filter((act): act is AgentAct => act.kind === 'agent');
  const thinking = all.filter((act) => underWay.has(act.id));
  const processes = thinking.filter((act) => act.background).length;
  const free = { true: background - processes, false: agents - (thinking.length - processes) };
  const crashesOf = (act: AgentAct) => state.agents.get(act.agent)?.phase.context.crashes ?? 0;
  const further = all.filter((act) => !underWay.has(act.id)).sort((a, b) => crashesOf(a) - crashesOf(b));
  const waiting = new Set<Act>(
    further.filter((act) => {
      free[`${act.background}`] -= 1;
      return free[`${act.background}`] < 0;
    }),
  );
  return acts.filter((act) => !waiting.has(act));
}

/** Whether a process of its own works on a task: the task says so, or its role does. */
function isBackground(state: RunState, id: string): boolean {
  const task = state.tasks.get(id)?.context.task;
  return task?.background ?? state.created.config.roles[task?.role ?? '']?.background ?? false;
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
  const working = { true: 0, false: 0 };
  const most = { true: limits.background, false: limits.agents };
  const thinking: Act[] = [];
  for (const task of active) {
    const id = task.context.task.id;
    if (task.value === 'collecting') acts.push({ id: `collect:${key(task)}`, kind: 'collect', ...taskAttempt(task) });
    if (task.value === 'failing') acts.push({ id: `park:${id}`, kind: 'park', task: id, reason: task.context.reason });
    const background = isBackground(state, id);
    if (task.value === 'working' && working[`${background}`] < most[`${background}`]) {
      const needed: Act[] = task.context.conflicted
        ? [{ id: `assign:${key(task)}`, kind: 'assign', task: id }]
        : dueAgent(state, id, task.context.task.role, id);
      if (needed.length > 0) working[`${background}`] += 1;
      thinking.push(...needed);
    }
  }
  acts.push(...withinThreads(thinking, state, underWay));
  const free = { true: most.true - working.true, false: most.false - working.false };
  acts.push(...dueWaiting(state, treesMax(state) - state.trees.size, free));
  if (state.unended === 0) acts.push({ id: 'finish', kind: 'finish' });
  return acts;
}

/** How many tasks may have a work tree at once: the limits of number and of disk space decide. */
function treesMax(state: RunState): number {
  const { workspaces, disk_mb } = state.created.config.limits;
  // One tree more than the tasks': the check tree.
  return Math.min(workspaces, Math.max(1, Math.floor(disk_mb / Math.max(1, state.treeMb)) - 1));
}

function dueWaiting(state: RunState, trees: number, free: { true: number; false: number }): Act[] {
  const acts: Act[] = [];
  for (const [id, before] of state.lost)
    acts.push({ id: `park:${id}`, kind: 'park', task: id, reason: `it depends on ${before}, which is parked` });
  for (const id of state.ready) {
    if (trees <= 0 || (free.true <= 0 && free.false <= 0)) break;
    const background = `${isBackground(state, id)}` as const;
    if (free[background] <= 0) continue;
    free[background] -= 1;
    trees -= 1;
    acts.push({ id: `assign:${id}:1`, kind: 'assign', task: id });
  }
  return acts;
}

function key(task: TaskState): string {
  return `${task.context.task.id}:${task.context.attempt}`;
}

function taskAttempt(task: TaskState): { task: string; attempt: number } {
  return { task: task.context.task.id, attempt: task.context.attempt };
}
