import { applyRun } from '../../orchestrator/operations/apply.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode apply`: merges the run's branch into the branch that is checked out, as `git merge` with your own settings. */
export default async function apply(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  const said = await applyRun(session.place, run, String(options.C));
  const { manifest } = await readRun(session.place, run);
  session.say(said.message);
  return { exitCode: 0, run, seq: manifest.events, manifest };
}
