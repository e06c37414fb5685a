import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { newRunId } from '../ipc/ids.ts';
import { runPaths } from '../state/paths.ts';
import { runsIn } from '../test/support/called.ts';
import { launcher } from '../test/support/vtcode.ts';
import { endCrowd, startCrowd } from './background.ts';
import { atMost, type Bench, type Figure, median } from './figures.ts';
import { run, runWell } from './processes.ts';
import { type Stage, setStage } from './stage.ts';

const finished = 1_000;
const live = 50;
const turns = 9;
/** A person does not notice this wait. */
const msMost = 300;

/** `vtcode ps` after a long life: a thousand finished runs, alone and with fifty agents at work. */
const ps: Bench = async () => {
  const stage = await setStage(['silent']);
  const { environment } = stage.vtcode;
  try {
    await runWell({ argv: [launcher, 'ask', 'hello', '-C', stage.repository.root], environment });
    const [first = ''] = runsIn(stage.vtcode);
    const from = runPaths(stage.vtcode.state, first);
    for (let copy = 1; copy < finished; copy += 1) {
      const to = runPaths(stage.vtcode.state, newRunId());
      mkdirSync(to.folder);
      for (const [source, target] of [
        [from.log, to.log],
        [from.manifest, to.manifest],
      ] as const)
        copyFileSync(source, target);
      copyFileSync(join(from.folder, 'lease.db'), to.lease);
    }
    const alone = await timed(stage, `${finished} finished runs`);
    const crowd = await startCrowd(stage, live);
    const together = await timed(stage, `${finished} finished runs and ${live} agents at work`);
    await endCrowd(stage, crowd);
    return [alone, together];
  } finally {
    await stage.remove();
  }
};

async function timed(stage: Stage, what: string): Promise<Figure> {
  const { environment } = stage.vtcode;
  const times: number[] = [];
  const bare: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    bare.push((await run({ argv: [process.execPath, '-e', '0'], environment })).ms);
    times.push((await runWell({ argv: [launcher, 'ps', '--json'], environment })).ms);
  }
  const value = median(times);
  return atMost({ what, value, unit: 'ms', ratio: { times: value / median(bare), of: 'bare runtime' } }, msMost);
}

export default ps;
