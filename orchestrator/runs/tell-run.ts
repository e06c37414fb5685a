import type { Event, EventBody } from '../../ipc/events.ts';
import { Fault } from '../../ipc/fault.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import type { RunState } from '../../state/run-state.ts';
import type { Place } from '../environment/environment.ts';
import { appendAsOwner } from './append-as-owner.ts';
import { followRun } from './follow-run.ts';

/** Something that is said to a run: as a command to its host, or as facts when there is none. */
export type Order = {
  command: string;
  argument: string;
  by: string;
  /** What is written while nobody works on the run; nothing, when the state says that it is so already. */
  facts(state: RunState): EventBody[];
  /** Whether an event says that the host has taken it. */
  isTaken(event: Event): boolean;
};

/** How long a host may take to hear what is said to it, in milliseconds: it looks five times a second. */
const hearMsMax = 15_000;

/**
 * Says something to a run until it is in the log, written by its host or, when there is none, from here. A host that dies
 * without a word is no obstacle. Answers who wrote it. Throws process_failed when a live host does not hear.
 */
export async function tellRun(place: Place, run: string, order: Order): Promise<'host' | 'log'> {
  const started = performance.now();
  let before: number | undefined;
  let saidTo = -1;
  for await (const { events, state, live } of followRun(place, run)) {
    const since = before ?? state.seq;
    before = since;
    if (events.some((event) => event.seq > since && order.isTaken(event))) return 'host';
    if (!live && appendAsOwner(place, run, order.facts)) return 'log';
    // A host that has just begun forgets what was said to the one before: it is said again.
    if (live && saidTo !== state.hosts.length) {
      saidTo = state.hosts.length;
      say(place, run, order);
    }
    if (performance.now() - started > hearMsMax)
      throw new Fault('process_failed', `The host of ${run} does not hear.`, {
        advice: `End process ${state.hosts.at(-1)?.process ?? 'of the host'}; the run can be resumed in any case.`,
      });
  }
  return 'log';
}

function say(place: Place, run: string, { command, argument, by }: Order): void {
  const log = openRunLog(runPaths(place.state, run).log, run);
  log.say(command, argument, by, new Date().toISOString());
  log.close();
}
