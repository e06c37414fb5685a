import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import { endHost } from '../attached/end-host.ts';
import { goOn } from '../attached/go-on.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode restart`: ends the host of a run and has a new one go on, with the configuration and environment of now. */
export default async function restart(session: Session, options: object, words: string[]): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  const { state } = await readRun(session.place, run);
  if (!state.finished) await endHost(session, run, 'pause', 'now' in options && options.now === true);
  return goOn(session, run, { accept: false });
}
