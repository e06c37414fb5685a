import { newFamilyToken, newRunId } from '../../ipc/ids.ts';
import { runPaths } from '../../state/paths.ts';
import { type Family, startFamily } from '../../supervisor/process-tree-reaper.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { type HandsProcess, startProcess } from '../hands/process.ts';
import { firstTree, privateFolders } from '../worktrees/private-home.ts';

/**
 * The processes that a new run starts before it loads or reads anything else, because they take as long to start as the
 * rest of vtcode: its reaper, and the process of the planner's hands, which waits for its policy. The run takes each of
 * them once the run is owned; `abandon` ends the others.
 */
export type EarlyStart = {
  run: string;
  takeFamily(): Family | undefined;
  /** The process for hands with this private home, if that process was started early. */
  takeProcess(home: string): HandsProcess | undefined;
  abandon(): Promise<void>;
};

/** Linux only: on other systems the sandbox is chosen when the process starts, and is not known yet here. */
export function startEarly(place: UserEnvironment): EarlyStart {
  const run = newRunId();
  const token = newFamilyToken();
  const policy = privateFolders(runPaths(place.state, run).home, `${run}-${firstTree}`);
  // The hands first, because everything waits for them. Until they get their policy, they end by themselves when we
  // die.
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
