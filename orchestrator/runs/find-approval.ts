import { Fault, toFault } from '../../ipc/fault.ts';
import { isHeld } from '../../state/lease.ts';
import { runPaths } from '../../state/paths.ts';
import type { Approval, RunState } from '../../state/run-state.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { pendingApprovals } from '../schedule/approvals.ts';
import { hasAccount, listRuns } from './find-run.ts';
import { stateOf } from './read-run.ts';

/** An approval, and the run that it belongs to. `live`: a host works on the run. */
export type Found = Approval & { run: string; live: boolean };

/**
 * All approvals that wait for a person, of all runs, oldest first. `unreadable` is called for a run that cannot be
 * read.
 */
export function waitingApprovals(place: UserEnvironment, unreadable: (run: string, why: string) => void): Found[] {
  const found = unfinished(place, unreadable).flatMap(({ run, state }) => {
    const live = isHeld(runPaths(place.state, run).lease);
    return pendingApprovals(state).map((asked) => ({ asked, answer: null, run, live }));
  });
  return found.sort((a, b) => a.asked.at.localeCompare(b.asked.at));
}

/** Runs whose plan waits to be accepted, oldest first, with what is to be read of it. */
export function waitingPlans(place: UserEnvironment): { run: string; goal: string; tasks: number; since: string }[] {
  return unfinished(place, () => {})
    .filter(({ state }) => state.phase.value === 'proposed')
    .map(({ run, state }) => ({
      ...{ run, goal: state.created.goal, since: state.created.at },
      tasks: state.phase.context.plan?.tasks.length ?? 0,
    }))
    .sort((a, b) => a.since.localeCompare(b.since));
}

/** The approval with this id, or null. Throws usage if it was answered: only the first answer counts. */
export function findApproval(place: UserEnvironment, id: string): Found | null {
  for (const { run, state } of unfinished(place, () => {})) {
    const approval = state.approvals.get(id);
    if (!approval) continue;
    if (!state.waiting.has(id)) {
      const { answer, by, scope } = approval.answer ?? { answer: 'deny', by: 'the end of its agent', scope: 'once' };
      throw new Fault('usage', `${id} has been answered: ${answer} by ${by} (${scope}).`, {
        advice: 'The first answer counts. vtcode approvals shows what waits.',
      });
    }
    return { ...approval, run, live: isHeld(runPaths(place.state, run).lease) };
  }
  return null;
}

function unfinished(
  place: UserEnvironment,
  unreadable: (run: string, why: string) => void,
): { run: string; state: RunState }[] {
  return listRuns(place).flatMap((run) => {
    if (hasAccount(place, run)) return [];
    try {
      return [{ run, state: stateOf(place, run) }];
    } catch (error) {
      unreadable(run, toFault(error).message);
      return [];
    }
  });
}
