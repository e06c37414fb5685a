import { removeRun } from '../../orchestrator/operations/remove-run.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode rm`: removes a run's files. Its branch in your repository stays. */
export default async function rm(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  const kept = await removeRun(session.place, run, { force: options.force === true });
  session.say(`Removed ${run}.${kept ? ` Its branch ${kept} stays in your repository.` : ''}`);
  session.emit({ removed: run, branch: kept });
  return { exitCode: 0, run };
}
