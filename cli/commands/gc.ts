import { collectGarbage } from '../../orchestrator/operations/remove-run.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode gc`: removes work trees and processes that ended runs left, and private repositories no run uses. */
export default async function gc(session: Session): Promise<Outcome> {
  const done = await collectGarbage(session.place);
  session.say(
    `Removed ${done.trees} work trees and ${done.repositories} repositories, ended ${done.processes} processes.`,
  );
  session.emit(done);
  return { exitCode: 0 };
}
