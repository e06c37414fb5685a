import { undoTask } from '../../orchestrator/operations/undo.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode undo`: takes a merged task and all that depends on it out of the run's branch and checks what is left. */
export default async function undo(
  session: Session,
  _options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  const result = await undoTask(session.place, run, words[1] ?? '', (event) => session.emit(event));
  const named = (outcome: string) => result.results.filter((one) => one.outcome === outcome).map((one) => one.name);
  const red = named('failed');
  const old = named('no_worse');
  const absent = named('cannot_run');
  session.say(
    `Undone: ${result.tasks.join(', ')}. ${result.manifest.branch} is now at ${result.commit.slice(0, 10)}.`,
    result.results.length === 0
      ? 'No checks to run.'
      : red.length > 0
        ? `These checks fail on it: ${red.join(', ')}.`
        : old.length > 0
          ? `These checks fail on it as on the base, and no other: ${old.join(', ')}.`
          : absent.length > 0
            ? `These checks cannot run here: ${absent.join(', ')}. The others pass on it.`
            : 'Every check passes on it.',
  );
  return { exitCode: red.length > 0 ? 1 : 0, run, seq: result.manifest.events, manifest: result.manifest };
}
