import { hasPlan, loneAgent, plannerAgent } from '../../ipc/run-kind.ts';
import { agentRow, type Row, runRow } from '../../orchestrator/runs/overview.ts';
import { pendingApprovals } from '../../orchestrator/schedule/approvals.ts';
import type { RunState } from '../../state/run-state.ts';
import { waitsForPerson } from '../../state/words.ts';
import type { Watched } from './all-runs.ts';
import { type Buckets, dayOf, newest, sum } from './history.ts';

/**
 * DashboardData: what is known of every run, as a tree of rows in the order of a tree: workspace › run › task or agent.
 * Everything in it is drawn from logs and leases and `now`; none of it is remembered elsewhere. It is plain data.
 */
export type DashboardData = { now: number; rows: TreeRow[]; totals: Totals; alerts: Alert[] };
export type TreeRow = {
  /** Unique: a workspace's folder, a run's id, or `run/agent`. */
  key: string;
  parent: string | null;
  depth: number;
  kind: 'workspace' | 'run' | 'task' | 'agent' | 'unreadable';
  /** A workspace has no figures of its own, nor a run that cannot be read. */
  row: Row | null;
  label: string;
  /** Events in each of the last buckets of ten seconds, oldest first. */
  activity: number[];
};
export type Totals = {
  runs: number;
  /** Agents at work now. */
  agents: number;
  tokensPerMinute: number;
  /** Today, of all runs that are shown; and what the unfinished ones may cost in all. */
  usdToday: number;
  usdLimit: number;
  /** Refusals by vendors for asking too often, within ten minutes. */
  refusals: number;
  unreadable: number;
};
export type Alert = { kind: 'waiting for you' | 'stalled' | 'gave up' | 'over budget'; keys: string[] };

/** Columns of activity that are kept for a row. */
export const activityColumns = 8;
/** Nothing was heard of an agent that thinks or works for so long: longer than a model may stay silent. */
const stalledMs = 200_000;
const busyWords: ReadonlySet<string> = new Set([
  'thinking',
  'waiting',
  'restarting',
  'working',
  'planning',
  'preparing',
]);

/** The rows of one run, kept while nothing of it changes: thousands of runs are not gone through for each picture. */
type Kept = { changes: number; rows: TreeRow[]; sources: Buckets[]; spent: Map<string, number> };

/** Makes DashboardData, again and again, of what changes a little between two times. */
export function dataMaker(): (watched: Iterable<Watched>, now: number) => DashboardData {
  const kept = new WeakMap<Watched, Kept>();
  const keptOf = (one: Watched): Kept => {
    const known = kept.get(one);
    if (known?.changes === one.changes) return known;
    const made = { changes: one.changes, ...rowsOf(one), spent: one.history.spent };
    kept.set(one, made);
    return made;
  };
  return (watched, now) => {
    const shown = [...watched].filter(({ isWhole, damage }) => isWhole || damage !== null);
    const folders = new Map<string, Watched[]>();
    for (const one of shown.sort(byAge)) {
      const root = one.state?.created.repository.root ?? '';
      folders.set(root, [...(folders.get(root) ?? []), one]);
    }
    const rows: TreeRow[] = [];
    for (const [root, runs] of folders) {
      const label = root === '' ? 'cannot be read' : root;
      const workspace: TreeRow = {
        key: root,
        parent: null,
        depth: 0,
        kind: 'workspace',
        row: null,
        label,
        activity: [],
      };
      rows.push(workspace);
      for (const one of runs) {
        const { rows: own, sources } = keptOf(one);
        own.forEach((row, at) => {
          const source = sources[at];
          row.activity = source ? newest(source, now, activityColumns) : [];
          rows.push(row);
        });
      }
    }
    return { now, rows, totals: totalsOf(shown, now), alerts: alertsOf(shown, rows, now) };
  };
}

function byAge(a: Watched, b: Watched): number {
  return (b.state?.created.at ?? '').localeCompare(a.state?.created.at ?? '') || a.run.localeCompare(b.run);
}

function rowsOf({ run, state, live, taken, history, damage }: Watched): { rows: TreeRow[]; sources: Buckets[] } {
  if (state === null) {
    const why = `${run}  ${damage ?? ''}`;
    return {
      rows: [{ key: run, parent: '', depth: 1, kind: 'unreadable', row: null, label: why, activity: [] }],
      sources: [],
    };
  }
  const { root } = state.created.repository;
  const own = runRow(state, live, taken);
  const rows: TreeRow[] = [
    { key: run, parent: root, depth: 1, kind: 'run', row: own, label: own.name ?? run, activity: [] },
  ];
  const sources: Buckets[] = [history.activity];
  const children = childrenOf(state);
  const visit = (name: string, parent: string, depth: number) => {
    const key = `${run}/${name}`;
    const kind = state.tasks.has(name) ? 'task' : 'agent';
    rows.push({ key, parent, depth, kind, row: agentRow(state, name, live, taken), label: name, activity: [] });
    sources.push(history.agents.get(name)?.activity ?? { widthMs: history.activity.widthMs, counts: new Map() });
    for (const child of children.get(name) ?? []) visit(child, key, depth + 1);
  };
  for (const name of children.get('') ?? []) visit(name, run, 2);
  return { rows, sources };
}

/** The children of each row by the parent's name; '' is the run. Agents that a lone agent started stand below the run. */
function childrenOf(state: RunState): Map<string, string[]> {
  const children = new Map<string, string[]>();
  const put = (parent: string, name: string) => children.set(parent, [...(children.get(parent) ?? []), name]);
  const planner = state.agents.get(plannerAgent);
  if (planner && hasPlan(state.created.options)) put('', plannerAgent);
  for (const name of state.tasks.keys()) put('', name);
  for (const [name, { delegated }] of state.agents) {
    if (name === loneAgent || name === plannerAgent || state.tasks.has(name)) continue;
    const parent = delegated?.parent ?? '';
    put(parent === loneAgent ? '' : parent, name);
  }
  return children;
}

function totalsOf(shown: Watched[], now: number): Totals {
  const totals: Totals = {
    ...{ runs: 0, agents: 0, tokensPerMinute: 0, usdToday: 0, usdLimit: 0, refusals: 0, unreadable: 0 },
  };
  const today = dayOf(now);
  for (const { state, history, live } of shown) {
    if (state === null) totals.unreadable += 1;
    else {
      if (live) totals.runs += 1;
      if (!state.finished) totals.usdLimit += state.created.config.limits.usd;
      if (live && !state.finished)
        for (const agent of state.agents.values()) if (agent.phase.value === 'working') totals.agents += 1;
    }
    totals.tokensPerMinute += sum(newest(history.tokens, now, 12));
    totals.refusals += sum(newest(history.refusals, now, 10));
    totals.usdToday += history.spent.get(today) ?? 0;
  }
  return totals;
}

function alertsOf(shown: Watched[], rows: TreeRow[], now: number): Alert[] {
  const waiting = shown.flatMap(({ run, state }) => {
    if (state === null || state.finished) return [];
    if (state.phase.value === 'proposed') return [run];
    return pendingApprovals(state).map(({ agent }) => (agent === loneAgent ? run : `${run}/${agent}`));
  });
  const stalled: string[] = [];
  const gaveUp: string[] = [];
  const over: string[] = [];
  for (const { key, row } of rows) {
    if (row === null) continue;
    if (row.state === 'gave up') gaveUp.push(key);
    if (row.state === 'at a limit') over.push(key);
    if (row.live && busyWords.has(row.state) && now - Date.parse(row.progressAt) > stalledMs) stalled.push(key);
  }
  const all: Alert[] = [
    { kind: 'waiting for you', keys: [...new Set(waiting)] },
    { kind: 'stalled', keys: stalled },
    { kind: 'gave up', keys: gaveUp },
    { kind: 'over budget', keys: over },
  ];
  return all.filter(({ keys }) => keys.length > 0);
}

/** Whether a row waits for a person. */
export function needsPerson({ row }: TreeRow): boolean {
  return row?.state === waitsForPerson;
}

/** Whether a run waits for a host that `supervise` has to start. */
export function wantsHosts({ rows }: DashboardData): boolean {
  return rows.some(({ row }) => (row?.state === 'restarting' && row.agent === null) || row?.state === 'starting');
}
