import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { newRunId } from '../ipc/ids.ts';
import { runPaths } from '../state/paths.ts';
import { launcher, testVtcode } from '../test/support/vtcode.ts';
import { bundledParts } from './bundled.ts';
import { atMost, type Bench, median } from './figures.ts';
import { eventsPerTask } from './instant-acts.ts';
import { instantRun } from './instant-run.ts';
import { runWell } from './processes.ts';

const eventsWanted = 10_000;
const passes = 7;
const msMost = 1_000;

/** The time to go on with a long run: its log is opened, read, parsed and folded; then all of `vtcode resume`. */
const resume: Bench = async () => {
  const parts = await bundledParts();
  const vtcode = testVtcode();
  const times: Record<'read' | 'folded' | 'resumed' | 'shown' | 'bare', number[]> = {
    read: [],
    folded: [],
    resumed: [],
    shown: [],
    bare: [],
  };
  const first = newRunId();
  const log = runPaths(vtcode.state, first).log;
  const tasks = Math.ceil(eventsWanted / eventsPerTask);
  const { events } = await instantRun(parts, log, first, tasks, { finish: false });
  const call = (...argv: string[]) => runWell({ argv: [launcher, ...argv], environment: vtcode.environment });
  let memoryMb = 0;
  try {
    for (let pass = 0; pass < passes; pass += 1) {
      openOnce(parts, log, first, times);
      times.bare.push((await runWell({ argv: [process.execPath, '-e', '0'] })).ms);
      times.resumed.push((await call('resume', copied(vtcode.state, log))).ms);
      times.shown.push((await call('show', first)).ms);
    }
    const argv = [launcher, 'resume', copied(vtcode.state, log)];
    memoryMb = (await runWell({ argv, environment: vtcode.environment, memory: true })).memoryMb;
  } finally {
    rmSync(dirname(vtcode.state), { recursive: true, force: true });
  }
  const of = (ms: number) => ({ times: ms / median(times.bare), of: 'bare runtime' });
  const row = (what: string, key: 'read' | 'folded' | 'resumed' | 'shown') => {
    const value = median(times[key]);
    return { what: `${events} events: ${what}`, value, unit: 'ms', ratio: of(value) };
  };
  return [
    row('read and parsed', 'read'),
    atMost(row('read and folded', 'folded'), msMost),
    atMost({ ...row('vtcode resume, to its end', 'resumed'), memoryMb }, msMost),
    row('vtcode show', 'shown'),
  ];
};

function openOnce(
  parts: typeof import('./parts.ts'),
  path: string,
  run: string,
  times: { read: number[]; folded: number[] },
): void {
  const started = performance.now();
  const log = parts.openRunLog(path, run, { readonly: true });
  const read = log.read();
  times.read.push(performance.now() - started);
  parts.foldAll(read);
  times.folded.push(performance.now() - started);
  log.close();
}

/** The same log as another run, because a run can be brought to its end only once. */
function copied(state: string, log: string): string {
  const run = newRunId();
  const to = runPaths(state, run).log;
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(log, to);
  return run;
}

export default resume;
