import { removeRun } from '../../orchestrator/operations/remove-run.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode rm`: removes a run's files. Its branches in your repository stay. */
export default async function rm(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  const kept = await removeRun(session.place, run, { force: options.force === true });
  const stays =
    kept.length === 0 ? '' : ` ${kept.join(', ')} ${kept.length === 1 ? 'stays' : 'stay'} in your repository.`;
  session.say(`Removed ${run}.${stays}`);
  session.emit({ removed: run, branch: kept[0] ?? null, branches: kept });
  return { exitCode: 0, run };
}
