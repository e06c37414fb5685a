import type { Event, EventBody } from '../../ipc/events.ts';
import { Fault } from '../../ipc/fault.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import type { RunState } from '../../state/run-state.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { appendAsOwner } from './append-as-owner.ts';
import { followRun } from './follow-run.ts';

/** A command to a run: its host carries it out; without a host the command is written into the log as facts. */
export type Order = {
  command: string;
  argument: string;
  by: string;
  /** The facts to write when no host works on the run; none when the state already says so. */
  facts(state: RunState): EventBody[];
  /** Whether an event proves that the host carried the command out. */
  isTaken(event: Event): boolean;
};

/** How long a host may take to carry a command out, in milliseconds: it looks for commands five times a second. */
const hearMsMax = 15_000;

/**
 * Gives a run a command and returns when its result is in the log: written by the host or, without one, by this process.
 * The command is given again to each new host, because a host drops older commands when it starts. Returns the writer.
 * Throws process_failed when a live host does not carry it out in time.
 */
export async function tellRun(place: UserEnvironment, run: string, order: Order): Promise<'host' | 'log'> {
  const started = performance.now();
  let before: number | undefined;
  let saidTo = -1;
  for await (const { events, state, live } of followRun(place, run)) {
    const since = before ?? state.seq;
    before = since;
    if (events.some((event) => event.seq > since && order.isTaken(event))) return 'host';
    if (!live && appendAsOwner(place, run, order.facts)) return 'log';
    // A host drops older commands when it starts, so each new host gets the command again.
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

function say(place: UserEnvironment, run: string, { command, argument, by }: Order): void {
  const log = openRunLog(runPaths(place.state, run).log, run);
  log.say(command, argument, by, new Date().toISOString());
  log.close();
}
