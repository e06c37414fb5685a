import { launcher, testVtcode } from '../test/support/vtcode.ts';
import { type Bench, median, ratioAtMost } from './figures.ts';
import { runWell } from './processes.ts';

/** Starts per program; they take turns, so that a busy second falls on both. */
const starts = 41;
/** The start-up goal, as a multiple of the bare runtime. */
const ratioMost = 1.1;

/** How long a person waits for the smallest answer there is, against the runtime that does nothing. */
const start: Bench = async () => {
  const { environment } = testVtcode();
  const bare = { argv: [process.execPath, '-e', '0'], environment };
  const version = { argv: [launcher, '--version'], environment };
  const help = { argv: [launcher, '--help'], environment };
  const times: Record<'bare' | 'version' | 'help', number[]> = { bare: [], version: [], help: [] };
  for (let turn = 0; turn < starts; turn += 1) {
    times.bare.push((await runWell(bare)).ms);
    times.version.push((await runWell(version)).ms);
    times.help.push((await runWell(help)).ms);
  }
  const [bareMs, versionMs, helpMs] = [median(times.bare), median(times.version), median(times.help)];
  const { memoryMb } = await runWell({ ...version, memory: true });
  const of = (ms: number) => ({ times: ms / bareMs, of: 'bare runtime' });
  return [
    { what: 'bare runtime (node -e 0)', value: bareMs, unit: 'ms' },
    ratioAtMost({ what: 'vtcode --version', value: versionMs, unit: 'ms', ratio: of(versionMs), memoryMb }, ratioMost),
    { what: 'vtcode --help', value: helpMs, unit: 'ms', ratio: of(helpMs) },
  ];
};

export default start;
