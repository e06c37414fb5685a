import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type UserEnvironment, userEnvironment } from '../../orchestrator/environment/environment.ts';
import { listRuns } from '../../orchestrator/runs/find-run.ts';
import { agentRow, type Row, runRow } from '../../orchestrator/runs/overview.ts';
import { begin, fold } from '../../state/fold.ts';
import { isHeld } from '../../state/lease.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog, type RunLog } from '../../state/run-log.ts';
import type { RunState } from '../../state/run-state.ts';
import { openAllRuns } from '../../tui/dashboard/all-runs.ts';
import { dataMaker } from '../../tui/dashboard/data.ts';
import { firstView } from '../../tui/dashboard/state.ts';
import { treeColumns } from '../../tui/dashboard/tree-view.ts';
import { type Frame, frame } from '../../tui/dashboard/view.ts';
import { textOf } from '../../tui/text/text.ts';

/**
 * Whether the dashboard lies. While another process writes the logs of a fleet, frames are drawn as the dashboard draws
 * them, and every cell of their text is held against what log and lease said, folded apart from it and event by event.
 * `late`: the cell says what was so, but not since the frame before. `wrong`: nor within 500 ms, or it never was so.
 */
export type Truth = { cells: number; late: number; wrong: number; events: number; examples: string[] };
export type Fleet = { runs: number; agents: number; rate: number; seed: number };

const wrongAfterMs = 500;
const frameMs = 300;
/** What the dashboard gives a look, in milliseconds. */
const lookMsMost = 15;
const width = 260;

/** Starts the process that writes; resolves when the first runs are there. */
export async function startGenerator(state: string, { seed, runs, agents, rate }: Fleet): Promise<ChildProcess> {
  const words = [state, seed, runs, agents, rate].map(String);
  const child = fork(join(import.meta.dirname, 'fleet-generator.ts'), words, { execArgv: [] });
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the generator ended with ${code}`)));
  });
  return child;
}

/** Draws frames until so many cells were compared; the writer is killed halfway through the last second. */
export async function measureTruth(home: string, fleet: Fleet, cellsWanted: number): Promise<Truth> {
  const place = userEnvironment({ XDG_STATE_HOME: home });
  const generator = await startGenerator(place.state, fleet);
  const seen = openAllRuns(place, { all: false });
  const makeData = dataMaker();
  const oracle = newOracle(place);
  const truth: Truth = { cells: 0, late: 0, wrong: 0, events: 0, examples: [] };
  try {
    for (let last = false; ; ) {
      oracle.look();
      seen.look(lookMsMost);
      const now = Date.now();
      const data = makeData(seen.watched.values(), now);
      const drawn = frame(data, null, firstView, { width, height: data.rows.length + 6 });
      oracle.look();
      compare(drawn, now, oracle, truth);
      if (last) break;
      if (truth.cells >= cellsWanted) {
        generator.kill('SIGKILL');
        await new Promise((resolve) => generator.once('exit', resolve));
        last = true;
        await sleep(frameMs);
        oracle.turn();
        continue;
      }
      oracle.turn();
      await sleep(seen.isBehind() ? 1 : frameMs);
    }
    return { ...truth, events: oracle.events() };
  } finally {
    generator.kill('SIGKILL');
    seen.close();
    oracle.close();
  }
}

/** Every value that a row's figures had, with the frame and the time (ms) until which they had it; null: they have it still. */
type Past = { row: Row; until: number | null; frame: number };
type Known = { log: RunLog; state: RunState | null; live: boolean; rows: Map<string, Past[]> };
type Oracle = {
  /** Reads what was written, event by event. */
  look(): void;
  /** The next frame begins. */
  turn(): void;
  /** What was true of a row within the last 500 ms, newest last; `isRecent`: since the frame before, or for a frame's time. */
  past(key: string): { row: Row; isRecent: boolean }[];
  events(): number;
  close(): void;
};

function newOracle(place: UserEnvironment): Oracle {
  const runs = new Map<string, Known>();
  let count = 0;
  let turns = 0;
  const keep = (known: Known, key: string, row: Row) => {
    const all = known.rows.get(key) ?? [];
    const newest = all.at(-1);
    if (newest && JSON.stringify(newest.row) === JSON.stringify(row)) return;
    if (newest) Object.assign(newest, { until: performance.now(), frame: turns });
    const since = performance.now() - wrongAfterMs;
    known.rows.set(key, [
      ...all.filter(({ until, frame }) => until === null || until > since || frame >= turns - 1),
      { row, until: null, frame: turns },
    ]);
  };
  const keepOne = (known: Known, run: string, name: string | null, live: boolean) => {
    if (!known.state) return;
    if (name === null) keep(known, run, runRow(known.state, live, null));
    else keep(known, `${run}/${name}`, agentRow(known.state, name, live, null));
  };
  const keepAll = (known: Known, run: string, live: boolean) => {
    for (const name of [null, ...(known.state?.tasks.keys() ?? [])]) keepOne(known, run, name, live);
  };
  return {
    look() {
      for (const run of listRuns(place)) {
        const paths = runPaths(place.state, run);
        const known = runs.get(run) ?? openKnown(paths.log, run);
        if (!known) continue;
        runs.set(run, known);
        const before = isHeld(paths.lease);
        const events = known.log.read(known.state?.seq ?? 0);
        const live = isHeld(paths.lease);
        // Where the lease changed hands meanwhile, each event may have been seen with and without it; what is so comes last.
        const lives = known.live === live && before === live ? [live] : [!live, live];
        for (const event of events) {
          known.state = known.state ? fold(known.state, event) : begin(event);
          count += 1;
          for (const one of lives)
            if ('agent' in event) for (const name of [null, event.agent]) keepOne(known, run, name, one);
            else keepAll(known, run, one);
        }
        if (lives.length > 1) for (const one of lives) keepAll(known, run, one);
        known.live = live;
      }
    },
    turn() {
      turns += 1;
    },
    past(key) {
      const since = performance.now() - wrongAfterMs;
      const lately = performance.now() - frameMs;
      const all = runs.get(key.split('/')[0] ?? '')?.rows.get(key) ?? [];
      return all
        .filter(({ until, frame }) => until === null || until > since || frame >= turns - 1)
        .map(({ row, until, frame }) => ({ row, isRecent: until === null || frame >= turns - 1 || until > lately }));
    },
    events: () => count,
    close: () => runs.forEach(({ log }) => void log.close()),
  };
}

function openKnown(path: string, run: string): Known | null {
  try {
    return { log: openRunLog(path, run, { readonly: true }), state: null, live: false, rows: new Map() };
  } catch {
    return null; // it is being made
  }
}

/** The cells that are compared, written down anew: what a person expects under each head. */
const expected: Record<string, (row: Row, now: number) => string> = {
  STATE: ({ state }) => state,
  AGE: ({ progressAt }, now) => ageOf(now - Date.parse(progressAt)),
  COST: ({ usd }) => (usd === 0 ? '' : `$${usd.toFixed(usd < 1 ? 4 : 2)}`),
  TOKENS: ({ tokens }) =>
    tokens === 0
      ? ''
      : tokens < 1_000
        ? `${tokens}`
        : tokens < 999_950
          ? thousands(tokens)
          : `${(tokens / 1e6).toFixed(1)}M`,
  MODEL: ({ models }) => models.join(','),
  ROLE: ({ role }) => role ?? '',
  RST: ({ restarts }) => (restarts > 0 ? `${restarts}` : ''),
};

function thousands(tokens: number): string {
  return tokens < 99_950 ? `${(tokens / 1e3).toFixed(1)}k` : `${Math.round(tokens / 1e3)}k`;
}

function ageOf(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  return s < 60
    ? `${s}s`
    : s < 3600
      ? `${Math.floor(s / 60)}m`
      : s < 86_400
        ? `${Math.floor(s / 3600)}h`
        : `${Math.floor(s / 86_400)}d`;
}

function compare({ lines, rows, rowsAt, divide }: Frame, now: number, oracle: Oracle, truth: Truth): void {
  const columns = treeColumns(divide);
  const first = divide - columns.reduce((sum, column) => sum + column.width + 1, 0);
  rows.forEach((key, at) => {
    if (!key.startsWith('run_')) return;
    const text = textOf(lines[rowsAt + at] ?? []);
    const past = oracle.past(key);
    let from = first;
    for (const { head, width: wide } of columns) {
      const shown = text.slice(from + 1, from + 1 + wide).trim();
      from += wide + 1;
      const say = expected[head];
      if (!say) continue;
      truth.cells += 1;
      const isTrue = (one: { row: Row }) => say(one.row, now) === shown;
      if (past.some((one) => one.isRecent && isTrue(one))) continue;
      const wasTrue = past.some(isTrue);
      if (wasTrue) truth.late += 1;
      else truth.wrong += 1;
      if (truth.examples.length < (wasTrue ? 5 : 15))
        truth.examples.push(
          `${key} ${head}: shown '${shown}', ${wasTrue ? 'late' : 'wrong'}: ${[...new Set(past.map(({ row }) => say(row, now)))].join(' | ')}`,
        );
    }
  });
}
