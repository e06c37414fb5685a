import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { followRun } from '../../orchestrator/runs/follow-run.ts';
import { exitCodeNow } from '../../state/desired-host.ts';
import { manifestOf } from '../../state/manifest.ts';
import type { Outcome, Session } from '../session.ts';

/** Exit codes from the best to the worst: what can be resumed is better than what has failed. */
const severity = [0, 3, 4, 130, 1, 2];

/** `vtcode wait`: waits until the runs have ended or need a person, and ends with the exit code of the worst. */
export default async function wait(
  session: Session,
  _options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const runs = words.map((word) => requireRun(session.place, word));
  const codes = await Promise.all(runs.map((run) => waitFor(session, run)));
  const worst = codes.sort((a, b) => severity.indexOf(b) - severity.indexOf(a))[0] ?? 0;
  return { exitCode: worst };
}

async function waitFor(session: Session, run: string): Promise<number> {
  for await (const { state, isOver } of followRun(session.place, run)) {
    if (!isOver) continue;
    const { state: stage, word, outcome, reason } = manifestOf(state, { live: false, logHead: '' });
    const exitCode = exitCodeNow(state);
    session.emit({ run, state: stage, word, outcome, exitCode, reason });
    session.say(`${run}  ${word.toUpperCase()}${reason === '' ? '' : `: ${reason.split('\n')[0]}`}`);
    return exitCode;
  }
  return 1;
}
