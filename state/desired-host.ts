import type { RunState } from './run-state.ts';

/**
 * What a run wants of whoever starts hosts, drawn from its log alone:
 * - `host`: one at work. Without one it is to be started, because it died or was never there.
 * - `person`: somebody has to act first: accept a plan, raise a limit, mend the configuration, resume.
 * - `nothing`: it has finished.
 */
export type HostWish = 'host' | 'person' | 'nothing';

/** Exit codes of hosts that would end in the same way again until somebody acts: see the cli's table. */
const untilSomebodyActs: ReadonlySet<number | null> = new Set([2, 3, 4]);
/** A host that was interrupted. A person's wish to stop it is in the log; without one it was a signal, as at a shutdown. */
const interrupted = 130;

export function hostWish(state: RunState): HostWish {
  if (state.phase.value === 'finished') return 'nothing';
  if (state.intent !== 'run' || state.gaveUp) return 'person';
  return state.hostStopped && untilSomebodyActs.has(state.hostStopped.exitCode) ? 'person' : 'host';
}

/** The hosts that there have been since a person last wanted one. */
export function hostsSince({ hosts, wanted }: RunState): RunState['hosts'] {
  return hosts.slice(wanted.hosts);
}

/** When those of them began that ended badly, or are at work: milliseconds since 1970, oldest first. */
export function failedHosts(state: RunState): number[] {
  return hostsSince(state)
    .filter(({ exitCode }) => exitCode !== interrupted && !untilSomebodyActs.has(exitCode))
    .map(({ at }) => Date.parse(at));
}

/** The exit code that the run has for its caller while nobody works on it. */
export function exitCodeNow(state: RunState): number {
  if (state.finished) return state.finished.exitCode;
  return state.gaveUp ? 1 : (state.hostStopped?.exitCode ?? interrupted);
}
