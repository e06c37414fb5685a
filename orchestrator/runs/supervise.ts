import { existsSync, statSync, watch, writeFileSync } from 'node:fs';
import { toFault } from '../../ipc/fault.ts';
import { failedHosts, hostsSince, hostWish } from '../../state/desired-host.ts';
import { isHeld, takeLease } from '../../state/lease.ts';
import { fileStamp } from '../../state/open.ts';
import { runPaths, statePaths } from '../../state/paths.ts';
import type { RunState } from '../../state/run-state.ts';
import { environmentOf } from '../../supervisor/environment.ts';
import { identify, isAlive, type ProcessIdentity } from '../../supervisor/identity.ts';
import { rotate } from '../../supervisor/raw-output.ts';
import { type ChildSpec, decide, reasonOf } from '../../supervisor/restart.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { appendAsOwner } from './append-as-owner.ts';
import { startHost } from './detach.ts';
import { hasAccount, listRuns } from './find-run.ts';
import { sweepLeftovers } from './leftovers.ts';
import { stateOf } from './read-run.ts';

/**
 * Supervise: keeps the hosts of detached runs alive, one process per user and state folder.
 *
 * It uses only the logs and the leases: they show which runs want a host, and which have one. So it may be killed,
 * restarted or replaced by a newer one at any time. Hosts are not its children: they keep running when it exits.
 */
const spec: ChildSpec = {
  id: 'host',
  restart: 'transient',
  // A host that always dies at once is given up after about half a minute; one that dies rarely is always restarted.
  intensity: { restartsMax: 5, withinMs: 10 * 60_000 },
  backoff: { firstMs: 800, mostMs: 60_000 },
  healthyMs: 2 * 60_000,
  // Nothing here ends a host: a person asks it to end (cli/attached/end-host.ts), or it reaches a limit.
  graceMs: 0,
  limits: { memoryMb: null, lifeMs: null },
};

/** How often all runs are checked, in milliseconds, even if no process wakes us. */
const lookEveryMs = 2_000;
/** How long a new host may take to own its run, in milliseconds: a busy machine needs seconds. */
const startingMsMax = 10_000;

/** The data about a run that is kept between two checks. */
type Known = {
  /** Size and time of its log when it last needed nothing from us; `never`: it is not detached. */
  settled: string;
  /** The host that was last seen at work, and the environment that a person gave it: the next one gets the same. */
  host: ProcessIdentity | null;
  environment: Record<string, string> | null;
  /** When to start a host, by the monotonic clock (performance.now); null while that is not decided. */
  startAt: number | null;
  /** Until when a new host may take to come up, by the same clock. */
  startingUntil: number;
  /**
   * When we started hosts, in milliseconds since 1970 as in logs: no log names a host that died before its first event.
   */
  tries: number[];
};

export type Superviser = { signal: AbortSignal; idleMs: number; tell(line: string): void };

/**
 * Works until there was nothing to do for `idleMs`, the state folder is gone, or the signal aborts. Returns at once
 * when another process supervises already. Throws only the lock file's errors.
 */
export async function supervise(place: UserEnvironment, given: Superviser): Promise<void> {
  const paths = statePaths(place.state);
  for (;;) {
    // The process that wants a run kept alive makes the folder. If it was removed while we started, it is not made
    // again.
    if (!existsSync(paths.root)) return;
    const lease = takeLease(paths.supervise);
    if (!lease) return;
    const lock = fileNumber(paths.supervise);
    try {
      await sweepLeftovers(place);
      await keepAlive(place, given, lock);
    } finally {
      lease.release();
    }
    // A process may have relied on us just before we ended: check once more, now that another `supervise` can start.
    if (given.signal.aborted || fileNumber(paths.supervise) !== lock) return;
    if (!(await lookAtAll(place, new Map(), given))) return;
  }
}

/**
 * `lock`: the file that we hold. If it is no longer in its place, the folder was removed, and nothing in it is ours.
 */
async function keepAlive(place: UserEnvironment, given: Superviser, lock: number): Promise<void> {
  const { supervise: file, wake } = statePaths(place.state);
  const known = new Map<string, Known>();
  const bell = doorbell(wake, given.signal);
  try {
    let busyAt = performance.now();
    while (!given.signal.aborted && fileNumber(file) === lock) {
      if (await lookAtAll(place, known, given)) busyAt = performance.now();
      else if (performance.now() - busyAt >= given.idleMs) return;
      const next = Math.min(...[...known.values()].map(({ startAt }) => startAt ?? Number.POSITIVE_INFINITY));
      await bell.rung(Math.min(lookEveryMs, Math.max(20, next - performance.now())));
    }
  } finally {
    bell.close();
  }
}

/** Checks every run. Returns whether any has a host that must live, or wants one. */
async function lookAtAll(place: UserEnvironment, known: Map<string, Known>, given: Superviser): Promise<boolean> {
  let isBusy = false;
  for (const run of listRuns(place)) {
    const none = { settled: '', host: null, environment: null, startAt: null, startingUntil: 0, tries: [] };
    const seen = known.get(run) ?? none;
    known.set(run, seen);
    try {
      if (await lookAt(place, run, seen, given)) isBusy = true;
    } catch (error) {
      // We cannot repair an unreadable run, and it must not stop the others.
      given.tell(`${run}: ${toFault(error).message}`);
      seen.settled = fileStamp(runPaths(place.state, run).log);
    }
  }
  return isBusy;
}

async function lookAt(place: UserEnvironment, run: string, seen: Known, given: Superviser): Promise<boolean> {
  const paths = runPaths(place.state, run);
  const stamp = fileStamp(paths.log);
  // A finished run is not read; the process that asked for an undo of it carries that out.
  if (seen.settled === 'never' || seen.settled === stamp || hasAccount(place, run)) return false;
  if (isHeld(paths.lease)) return lookAtLive(place, run, seen);
  if (performance.now() < seen.startingUntil) return true;
  const state = stateOf(place, run);
  const isDetached = state.created.options.detached === true;
  if (!isDetached || hostWish(state) !== 'host') {
    seen.settled = isDetached ? stamp : 'never';
    return false;
  }
  // The process that wants a run starts the first host itself, with its own environment.
  const unbegunMs = hostsSince(state).length > 0 ? startingMsMax : Math.abs(Date.now() - Date.parse(state.wanted.at));
  if (unbegunMs < startingMsMax) return true;
  seen.startAt ??= judge(place, run, state, seen, given);
  if (seen.startAt === null) return false;
  if (performance.now() < seen.startAt) return true;
  Object.assign(seen, { startAt: null, startingUntil: performance.now() + startingMsMax });
  seen.tries.push(Date.now());
  const ended = () => {
    seen.startingUntil = 0;
  };
  await startHost(place, run, seen.environment ?? place.environment, ended);
  given.tell(`${run}: started a host`);
  return true;
}

/** A live host needs nothing. Its environment is read while it lives. */
function lookAtLive(place: UserEnvironment, run: string, seen: Known): boolean {
  Object.assign(seen, { startAt: null, startingUntil: 0 });
  rotate(runPaths(place.state, run).hostOut);
  if (seen.host && isAlive(seen.host)) return true;
  const state = stateOf(place, run);
  if (state.created.options.detached !== true) {
    seen.settled = 'never';
    return false;
  }
  const pid = Number(state.hosts.at(-1)?.process);
  seen.host = identify(pid) ?? null;
  seen.environment = environmentOf(pid, run) ?? seen.environment;
  return true;
}

/** When to start the next host, by the monotonic clock; null: the run is given up, and the log says so. */
function judge(place: UserEnvironment, run: string, state: RunState, seen: Known, given: Superviser): number | null {
  const last = Date.parse(hostsSince(state).at(-1)?.at ?? state.wanted.at);
  const silent = seen.tries.filter((at) => at > last);
  const starts = [...failedHosts(state), ...silent];
  // There was no host yet, or a signal interrupted the last one and no person had asked for that.
  const reason = reasonOf(hostsSince(state).at(-1)?.exitCode ?? null);
  if (starts.length === 0 || reason === 'stopped') return performance.now();
  const decision = decide(reason, starts, spec, Date.now(), Math.random());
  if (decision.next === 'restart') return performance.now() + decision.afterMs;
  const crashes = decision.next === 'give_up' ? decision.crashes : starts.length;
  const why = `its host ended ${crashes} times within ${spec.intensity.withinMs / 60_000} minutes`;
  given.tell(`${run}: given up: ${why}`);
  appendAsOwner(place, run, (now) => (hostWish(now) === 'host' ? [{ type: 'run.gave_up', reason: why, crashes }] : []));
  return null;
}

function fileNumber(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.ino ?? 0;
}

/** Reports when the file was touched. Checking every two seconds would work too, only later. */
function doorbell(file: string, signal: AbortSignal) {
  writeFileSync(file, '', { flag: 'a', mode: 0o600 });
  let ring = () => {};
  const watcher = watch(file, () => ring());
  watcher.on('error', () => {}); // a missed change is seen at the next check
  return {
    close: () => watcher.close(),
    rung: (msMax: number) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(done, msMax);
        function done() {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          resolve();
        }
        ring = done;
        signal.addEventListener('abort', done, { once: true });
      }),
  };
}
