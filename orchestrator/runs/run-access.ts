import type { Event, EventBody } from '../../ipc/events.ts';
import type { RunPaths } from '../../state/paths.ts';
import type { RunLog } from '../../state/run-log.ts';
import type { RunState } from '../../state/run-state.ts';

/**
 * The rights of code that works on a run, over the run's log and state. A function names the parts that it needs, with
 * `Pick` or an intersection; only the host holds all of them (orchestrator/host/context.ts).
 */
export type RunAccess = {
  /** The id of the run. */
  run: string;
  /** Where the files of the run lie. */
  paths: RunPaths;
  log: RunLog;
  /** The state after the last fold. Read it again after every await. */
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
