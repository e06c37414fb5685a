import { Fault, toFault } from '../../ipc/fault.ts';
import type { Ending } from '../../orchestrator/host/loop.ts';
import { exitCodeOfFault, ownRun } from '../../orchestrator/host/run-host.ts';
import { appendAsOwner } from '../../orchestrator/runs/append-as-owner.ts';
import { keepSupervise } from '../../orchestrator/runs/detach.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { runPaths } from '../../state/paths.ts';
import { rotate } from '../../supervisor/raw-output.ts';
import { exitCodeOf, obeySignals } from '../attached/work-on-run.ts';
import type { Outcome, Session } from '../session.ts';

/** How often its output file is looked at, in milliseconds. */
const rotateEveryMs = 2_000;

/**
 * `vtcode host` (internal): the host of a detached run, without a terminal. How it ended is in the log; only what keeps
 * it from reaching the log goes to its output file.
 */
export default async function host(
  session: Session,
  _options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  const owned = await ownRun(session.place, run, {}, { onlyWanted: true }).catch((error: unknown) => {
    const fault = toFault(error);
    // Another host was faster, or a person has stopped the run meanwhile: that is as good.
    if (fault.code === 'run_owned') return null;
    throw explained(session, run, fault);
  });
  if (!owned) return { exitCode: 0, run };
  const release = obeySignals(owned, session.process);
  // `supervise` does the same, and may be dead for hours; it sees to a host that is too busy to.
  const rotation = setInterval(() => rotate(runPaths(session.place.state, run).hostOut), rotateEveryMs);
  const leaveSupervise = keepSupervise(session.place);
  let ending: Ending;
  try {
    ending = await owned.work();
  } finally {
    clearInterval(rotation);
    leaveSupervise();
    release();
    await owned.close();
  }
  if (ending.kind === 'failed') throw ending.fault;
  return { exitCode: exitCodeOf(ending, owned.state()), run };
}

/** Writes into the log why the run could not be taken over, so that `supervise` does not try again and again. */
function explained(session: Session, run: string, fault: Fault): Fault {
  try {
    appendAsOwner(session.place, run, () => [
      { type: 'host.stopped', reason: fault.message, exitCode: exitCodeOfFault(fault) },
    ]);
  } catch (cause) {
    return new Fault(fault.code, `${fault.message} (nor could that be written: ${toFault(cause).message})`);
  }
  return fault;
}
