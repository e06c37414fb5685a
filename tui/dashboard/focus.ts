import type { EventOf } from '../../ipc/events.ts';
import type { Plan } from '../../ipc/plan.ts';
import { hasPlan, loneAgent } from '../../ipc/run-kind.ts';
import { todoLines } from '../../ipc/todo.ts';
import { agentRow } from '../../orchestrator/runs/overview.ts';
import { pendingApprovals } from '../../orchestrator/schedule/approvals.ts';
import type { RunState } from '../../state/run-state.ts';
import type { Watched } from './all-runs.ts';
import type { LoggedEvent, ToolNote } from './history.ts';

/** Focus: what the right side shows of the row that is chosen. Plain data, drawn from the log. */
export type Focus = {
  key: string;
  run: string;
  agent: string | null;
  goal: string;
  /** Why it is as it is, where the log says so. */
  reason: string;
  approvals: EventOf<'approval.requested'>[];
  /** The plan waits to be accepted. */
  proposed: boolean;
  said: string;
  thought: string;
  /** The answer that is being streamed, as far as it has come. */
  streaming: string;
  /** Calls that are under way: name, arguments, and since when; null: not started. */
  calls: { name: string; arguments: string; startedAt: string | null }[];
  results: ToolNote[];
  /** Its own list of what it has to do, one item a line. */
  todo: string[];
  plan: PlannedTask[];
  files: string[];
  log: LoggedEvent[];
};
/** A task of the plan: `depth` counts the longest way of tasks that it waits for. */
export type PlannedTask = { id: string; title: string; state: string; depth: number; after: string[] };

const logMax = 100;
const argumentsMax = 400;

/** The details of a run or of one of its agents. Null: the run cannot be read. */
export function focusOf(
  { run, state, live, history }: Watched,
  agent: string | null,
  streamingOf: (agent: string) => string = () => '',
): Focus | null {
  if (state === null) return null;
  // A lone agent is its run.
  const subject = agent ?? (hasPlan(state.created.options) ? null : loneAgent);
  const own = subject === null ? undefined : history.agents.get(subject);
  const known = subject === null ? undefined : state.agents.get(subject);
  const mine = (name: string | null) => agent === null || name === agent || name?.startsWith(`${agent}/`) === true;
  return {
    key: agent === null ? run : `${run}/${agent}`,
    run,
    agent,
    goal: goalOf(state, agent),
    reason: reasonOf(state, agent, live),
    approvals: pendingApprovals(state).filter((one) => mine(one.agent)),
    proposed: agent === null && state.phase.value === 'proposed' && !state.finished,
    said: own?.said ?? '',
    thought: own?.thought ?? '',
    streaming: subject === null ? '' : streamingOf(subject),
    calls: [...(known?.open.values() ?? [])].map((call) => ({
      name: call.name,
      arguments: callText(call.arguments),
      startedAt: call.started?.at ?? null,
    })),
    results: own?.results ?? [],
    todo: todoLines(known?.todo ?? []),
    plan: agent === null ? planLines(state, live) : [],
    files: [...(own?.files ?? [])],
    log: history.lines.filter((line) => mine(line.agent)).slice(-logMax),
  };
}

function goalOf(state: RunState, agent: string | null): string {
  if (agent === null) return state.created.goal;
  return (
    state.tasks.get(agent)?.context.task.prompt ?? state.agents.get(agent)?.delegated?.prompt ?? state.created.goal
  );
}

function reasonOf(state: RunState, agent: string | null, live: boolean): string {
  if (agent !== null) {
    const known = state.agents.get(agent);
    return (
      state.tasks.get(agent)?.context.reason ||
      known?.phase.context.parked?.reason ||
      known?.phase.context.handoff?.summary ||
      ''
    );
  }
  if (state.finished) return state.finished.reason;
  if (live) return '';
  return state.gaveUp?.reason ?? state.hostStopped?.reason ?? '';
}

/** The arguments of a call in one line, in the order in which they were said. */
function callText(given: unknown): string {
  const values = typeof given === 'object' && given !== null ? Object.values(given) : [given];
  const words = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)) ?? '');
  return words.join(' ').slice(0, argumentsMax);
}

/** The plan's tasks so that each stands below what it waits for. */
function planLines(state: RunState, live: boolean): PlannedTask[] {
  const tasks = (state.phase.context.plan as Plan | null)?.tasks ?? [];
  const depths = new Map<string, number>();
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const depthOf = (id: string): number => {
    const known = depths.get(id);
    if (known !== undefined) return known;
    depths.set(id, 0); // a plan has no circle; a damaged one must not hang a screen
    const before = byId.get(id)?.after ?? [];
    const depth = before.length === 0 ? 0 : 1 + Math.max(...before.map(depthOf));
    depths.set(id, depth);
    return depth;
  };
  return tasks.map(({ id, title, after }) => {
    const word = state.tasks.has(id) ? agentRow(state, id, live, null).state : 'waiting';
    return { id, title, after, depth: depthOf(id), state: word };
  });
}
