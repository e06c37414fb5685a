import { endCommand } from '../attached/end-host.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode pause`: like stop, for a run that is meant to go on; `ps` tells them apart. */
export default function pause(session: Session, options: object, words: string[]): Promise<Outcome> {
  return endCommand(session, options, words, 'pause');
}
