import type { Event, EventBody } from '../../ipc/events.ts';
import type { RunPaths } from '../../state/paths.ts';
import type { RunLog } from '../../state/run-log.ts';
import type { RunState } from '../../state/run-state.ts';

/**
 * What the code that works on a run may do with the run's log and state. A function says with `Pick` or an intersection
 * which of these parts it needs; only the host holds all of them (orchestrator/host/context.ts).
 */
export type RunAccess = {
  /** The id of the run. */
  run: string;
  /** Where the files of the run lie. */
  paths: RunPaths;
  log: RunLog;
  /** The state as of the last fold. Read it anew after every await. */
  state(): RunState;
  /**
   * Writes facts and folds them; resolves with the events once both are done. `durable`: the events are on disk before
   * the promise resolves; for the intent of an outside effect. Rejects when the host is stopping.
   */
  record(facts: EventBody[], options?: { durable: boolean }): Promise<Event[]>;
  /** Writes facts without waiting for them. When they cannot be written the host stops. */
  note(facts: EventBody[]): void;
  /** Aborted when the host stops: every act then ends what it started. */
  signal: AbortSignal;
};
