import { endCommand } from '../attached/end-host.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode stop`: ends the host of a run; no other host is started until the run is resumed. */
export default function stop(session: Session, options: object, words: string[]): Promise<Outcome> {
  return endCommand(session, options, words, 'stop');
}
