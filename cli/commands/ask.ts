import { Fault } from '../../ipc/fault.ts';
import { createLoneRun } from '../../orchestrator/operations/create-lone-run.ts';
import { workOnRun } from '../attached/work-on-run.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode ask`: one agent that only reads answers a question about the folder; the answer alone is on standard output. */
export default async function ask(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  if (words.length > 1)
    throw new Fault('usage', 'One question at a time.', {
      advice: 'Put it in quotes: vtcode ask "where are sessions kept?"',
    });
  const goal = words[0] ?? '';
  return workOnRun(
    session,
    await createLoneRun(session.place, {
      directory: String(options.C),
      mode: 'ask',
      goal,
      images: (options.image ?? []) as string[],
    }),
    'ask',
    true,
  );
}
