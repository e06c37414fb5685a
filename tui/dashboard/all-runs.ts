import { statSync } from 'node:fs';
import { toFault } from '../../ipc/fault.ts';
import type { UserEnvironment } from '../../orchestrator/environment/environment.ts';
import { hasAccount, listRuns } from '../../orchestrator/runs/find-run.ts';
import { begin, fold } from '../../state/fold.ts';
import { isHeld, type LeaseLook, lookAtLease } from '../../state/lease.ts';
import { type RunPaths, runPaths } from '../../state/paths.ts';
import { openRunLog, type RunLog } from '../../state/run-log.ts';
import type { RunState } from '../../state/run-state.ts';
import { memoryOf, type Taken } from '../../supervisor/memory.ts';
import { newHistory, note, type RunHistory } from './history.ts';

/**
 * Fleet: every run of this machine, folded, kept up to date by reading only what was written since the last look. It
 * writes nothing, and holds no lock longer than it takes to read one batch of events.
 */
export type AllRuns = {
  /**
   * Looks for what is new. Runs that were never read whole, and more than a batch of any, get about `msMost` milliseconds;
   * the rest is read at the next look. Returns whether something changed. Never throws for a single run.
   */
  look(msMost: number): boolean;
  watched: ReadonlyMap<string, Watched>;
  /** Whether events are known to wait that a look had no time for. */
  isBehind(): boolean;
  close(): void;
};

/** A run as it was seen last. `changes` counts what was seen of it. `state` null: not read yet, or it cannot be: see `damage`. */
export type Watched = {
  run: string;
  paths: RunPaths;
  state: RunState | null;
  history: RunHistory;
  live: boolean;
  taken: Taken | null;
  damage: string | null;
  changes: number;
  /** The log and the lease, open while a host is at work on the run, and the log's version when it was read last. */
  log: RunLog | null;
  lease: LeaseLook | null;
  version: number;
  /** The stamp of the log's files from before they were read last. */
  stamp: string;
  lookedAt: number;
  /** There is more to be read than was; and whether all that there was has been read once: a part says what is long over. */
  behind: boolean;
  isWhole: boolean;
};

/** Events that are read of one run before the next has its turn. */
const batchMax = 500;
/** How often new runs are looked for, and how often runs without a host are looked at again, in milliseconds. */
const listEveryMs = 1_000;
const restEveryMs = 2_000;
const memoryEveryMs = 10_000;
/** Runs that have finished are shown for so long, in milliseconds, unless all are wanted. */
const recentMs = 24 * 3_600_000;
/** A file that was written a moment ago may be written again without a new time: file systems count in steps of up to 10 ms. */
const racyMs = 50;

/** Looks at the runs of a state folder. `all`: also those that finished longer than a day ago. */
export function openAllRuns(place: UserEnvironment, options: { all: boolean }): AllRuns {
  const watched = new Map<string, Watched>();
  const old = new Set<string>();
  let [listedAt, weighedAt, turn] = [-Infinity, -Infinity, 0];
  let wasCut = false;

  return {
    watched,
    isBehind: () =>
      wasCut || [...watched.values()].some(({ behind, state, lookedAt }) => behind && (state || lookedAt < 0)),
    close() {
      for (const one of watched.values()) closeLog(one);
      watched.clear();
    },
    look(msMost) {
      const began = performance.now();
      let changed = false;
      if (began - listedAt >= listEveryMs) {
        listedAt = began;
        changed = list(place, watched, old, options.all);
      }
      // Each look begins with another run, so that one that is never done keeps no other waiting.
      const all = [...watched.values()];
      turn += 1;
      wasCut = false;
      for (let at = 0; at < all.length; at += 1) {
        const one = all[(at + turn) % all.length];
        if (!one) continue;
        // What is shown already is kept true at once; what was never read may wait.
        const hasTime = performance.now() - began <= msMost;
        if (!hasTime && !one.isWhole) wasCut = true;
        else if (lookAt(one, began + msMost)) changed = true;
      }
      if (began - weighedAt >= memoryEveryMs) {
        weighedAt = began;
        if (weigh([...watched.values()])) changed = true;
      }
      return changed;
    },
  };
}

/** Adds new runs and removes those that are gone; runs in `old` are not shown. Returns whether any has gone. */
function list(place: UserEnvironment, watched: Map<string, Watched>, old: Set<string>, all: boolean): boolean {
  const there = new Set(listRuns(place));
  let changed = false;
  for (const [run, one] of watched) {
    if (there.has(run)) continue;
    closeLog(one);
    watched.delete(run);
    changed = true;
  }
  for (const run of there) {
    if (watched.has(run) || old.has(run)) continue;
    const paths = runPaths(place.state, run);
    if (!all && hasAccount(place, run) && Date.now() - timeOf(paths.manifest) > recentMs) old.add(run);
    else watched.set(run, unseen(run, paths));
  }
  return changed;
}

/** Takes note of the memory of all hosts and their agents. Answers whether there is any. */
function weigh(all: Watched[]): boolean {
  const households = all.flatMap((one) => {
    const [pid, family] = [Number(one.state?.hosts.at(-1)?.process), one.state?.families.at(-1)];
    return one.live && pid > 0 && family !== undefined ? [{ pid, family }] : [];
  });
  const memory = memoryOf(households);
  for (const one of all) {
    const taken = memory.get(one.state?.families.at(-1) ?? '') ?? null;
    if (taken !== null || one.taken !== null) one.changes += 1;
    one.taken = taken;
  }
  return households.length > 0;
}

function unseen(run: string, paths: RunPaths): Watched {
  const nothing = { state: null, live: false, taken: null, damage: null, log: null, lease: null };
  return {
    run,
    paths,
    history: newHistory(),
    ...nothing,
    changes: 0,
    version: -1,
    stamp: '',
    lookedAt: -Infinity,
    behind: true,
    isWhole: false,
  };
}

/** Looks at one run, if there may be something new. Answers whether there was. */
function lookAt(one: Watched, until: number): boolean {
  const now = performance.now();
  const stamp = one.log === null ? stampOf(one.paths) : one.stamp;
  const isDue = now - one.lookedAt >= restEveryMs;
  if (one.log === null && stamp.startsWith('-')) return false; // it is being made, or removed
  if (one.log === null && stamp === one.stamp && !one.behind && !isDue) return false;
  const before = { live: one.live, damage: one.damage, seq: one.state?.seq ?? 0 };
  try {
    // The lease first: what its holder wrote before letting go of it is then read for certain.
    one.live = one.lease ? one.lease.isHeld() : isHeld(one.paths.lease);
    // A run without a host is read when its files have changed, and once more when its host has gone.
    if (one.live || one.log !== null || one.behind || stamp !== one.stamp) read(one, until);
    one.damage = null;
  } catch (error) {
    if (toFault(error).code === 'run_unknown') return false; // it is being made
    // What is half folded is no state; all of it is read again when the log has changed.
    Object.assign(one, {
      damage: toFault(error).message,
      state: null,
      history: newHistory(),
      behind: false,
      isWhole: false,
    });
    closeLog(one);
  }
  one.stamp = stamp;
  one.lookedAt = now;
  const isNew = one.live !== before.live || one.damage !== before.damage || (one.state?.seq ?? 0) !== before.seq;
  if (isNew) one.changes += 1;
  return isNew;
}

function read(one: Watched, until: number): void {
  if (one.log?.isCopy) closeLog(one);
  one.log ??= openRunLog(one.paths.log, one.run, { readonly: true });
  const version = one.log.dataVersion();
  if (version !== one.version || one.behind) {
    one.version = version;
    do {
      const events = one.log.readSome(one.state?.seq ?? 0, batchMax);
      for (const event of events) {
        one.state = one.state === null ? begin(event) : fold(one.state, event);
        note(one.history, event);
      }
      // A run that is being created has no event yet.
      one.behind = events.length === batchMax || one.state === null;
    } while (one.behind && one.state !== null && performance.now() < until);
  }
  if (!one.behind) one.isWhole = true;
  if (!one.live && !one.behind) closeLog(one);
  else if (one.live) one.lease ??= lookAtLease(one.paths.lease);
}

function closeLog(one: Watched): void {
  one.log?.close();
  one.lease?.close();
  Object.assign(one, { log: null, lease: null, version: -1 });
}

/** The stamp of a log's files: it differs whenever the log may have been written. */
function stampOf({ log, lease }: RunPaths): string {
  return [log, `${log}-wal`, lease]
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      if (!stat) return '-';
      const isRacy = Date.now() - stat.mtimeMs < racyMs;
      return `${stat.size} ${stat.mtimeMs}${isRacy ? ` ${performance.now()}` : ''}`;
    })
    .join();
}

function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
