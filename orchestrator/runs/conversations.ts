import { isConversation } from '../../ipc/run-kind.ts';
import type { RunState } from '../../state/run-state.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { listRuns } from './find-run.ts';
import { stateOf } from './read-run.ts';

/** The conversations of a folder (absolute) that can be continued, the most recently used first. */
export function conversationsIn(place: UserEnvironment, folder: string): RunState[] {
  return listRuns(place)
    .flatMap((run) => {
      try {
        return [stateOf(place, run)];
      } catch {
        return []; // an unreadable run is reported when a person names it
      }
    })
    .filter(({ created: { options, repository }, finished }) => {
      return isConversation(options) && repository.root === folder && !finished;
    })
    .sort((a, b) => b.at.localeCompare(a.at));
}
