import type { RunState } from './run-state.ts';

/**
 * What a run needs from the processes that start hosts, computed from its log alone:
 * - `host`: a host at work. If there is none, one must be started, because it died or never existed.
 * - `person`: a person has to act first: accept a plan, raise a limit, correct the configuration, resume.
 * - `nothing`: it has finished.
 */
export type HostWish = 'host' | 'person' | 'nothing';

/** Exit codes of hosts that would end in the same way again until a person acts: see the cli's table. */
const untilSomebodyActs: ReadonlySet<number | null> = new Set([2, 3, 4]);
/** An interrupted host. If a person wanted it to stop, the log says so; otherwise a signal came, as at a shutdown. */
const interrupted = 130;

export function hostWish(state: RunState): HostWish {
  if (state.phase.value === 'finished') return 'nothing';
  if (state.intent !== 'run' || state.gaveUp) return 'person';
  return state.hostStopped && untilSomebodyActs.has(state.hostStopped.exitCode) ? 'person' : 'host';
}

/** The hosts since a person last wanted one. */
export function hostsSince({ hosts, wanted }: RunState): RunState['hosts'] {
  return hosts.slice(wanted.hosts);
}

/** The start times of those hosts that failed, or are at work: milliseconds since 1970, oldest first. */
export function failedHosts(state: RunState): number[] {
  return hostsSince(state)
    .filter(({ exitCode }) => exitCode !== interrupted && !untilSomebodyActs.has(exitCode))
    .map(({ at }) => Date.parse(at));
}

/** The exit code of the run for its caller while no host works on it. */
export function exitCodeNow(state: RunState): number {
  if (state.finished) return state.finished.exitCode;
  return state.gaveUp ? 1 : (state.hostStopped?.exitCode ?? interrupted);
}
