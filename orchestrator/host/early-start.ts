import { newFamilyToken, newRunId } from '../../ipc/ids.ts';
import { runPaths } from '../../state/paths.ts';
import { type Family, startFamily } from '../../supervisor/process-tree-reaper.ts';
import type { Place } from '../environment/environment.ts';
import { type HandsProcess, startProcess } from '../hands/process.ts';
import { firstTree, privateFolders } from '../worktrees/private-home.ts';

/**
 * What a new run starts before anything else is loaded or looked at, because processes take as long to come up as the
 * rest of vtcode: its reaper, and the process of the planner's hands, which does nothing until it hears its policy.
 * Each is taken by the run once it is owned; `abandon` ends what was not taken.
 */
export type EarlyStart = {
  run: string;
  takeFamily(): Family | undefined;
  /** The process for hands with this private home, if it is the one that was started. */
  takeProcess(home: string): HandsProcess | undefined;
  abandon(): Promise<void>;
};

/** Linux only: elsewhere the walls are chosen when the process starts, and nothing is known of them yet. */
export function startEarly(place: Place): EarlyStart {
  const run = newRunId();
  const token = newFamilyToken();
  const policy = privateFolders(runPaths(place.state, run).home, `${run}-${firstTree}`);
  // The hands first: everybody waits for them, and until they hear their policy they die with us by themselves.
  let hands: HandsProcess | undefined = startProcess({ policy, family: token, environment: place.environment });
  let family: Family | undefined = startFamily(token);
  family.watch(hands.child.pid);
  const takeFamily = () => {
    const taken = family;
    family = undefined;
    return taken;
  };
  const takeProcess = (home: string) => {
    if (home !== policy.home) return undefined;
    const taken = hands;
    hands = undefined;
    return taken;
  };
  return {
    run,
    takeFamily,
    takeProcess,
    async abandon() {
      takeProcess(policy.home)?.child.kill();
      await takeFamily()?.release();
    },
  };
}
