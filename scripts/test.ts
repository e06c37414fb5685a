// Runs the tests: `node scripts/test.ts [option of node --test …]`. Two runs at the same time, each with its summary.
import { type ChildProcess, spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { text } from 'node:stream/consumers';

/**
 * Tests that start no process, change nothing that others see, and hardly wait: one process runs them one after the other.
 * A process for each file takes twice the processor time, most of it to load the same modules.
 */
const together = [
  'test/{agents,histories,ipc}/*.test.ts',
  'test/orchestrator/{agent-runs,checks,config,governor,models,plans,schedule,tool-calls,web}/*.test.ts',
  'test/providers/{catalog,embedded,images,shapes}/*.test.ts',
  'test/providers/formats/!(bundle).test.ts',
  'test/providers/http/!(deadlines).test.ts',
  'test/security/{absolute-paths,attacks,fuzz,honest,judge,model-commands,path-rules,permit,registries,scope}.test.ts',
  'test/state/!(power-loss).test.ts',
  'test/tools/contracts/*.test.ts',
  'test/tui/text/*.test.ts',
];

/** Files at a time, beside those that run together. More than a small machine has processors: some tests wait. */
const filesAtATime = 3;

const all = globSync('test/!(world)/**/*.test.ts').sort();
const quick = new Set(together.flatMap((pattern) => globSync(pattern)));
const reporters = ['spec', './scripts/slowest-tests.ts'].flatMap((reporter) => [
  `--test-reporter=${reporter}`,
  '--test-reporter-destination=stdout',
]);

function run(files: string[], options: string[], output: 'inherit' | 'pipe'): ChildProcess {
  const words = ['--test', '--test-timeout=180000', ...options, ...reporters, ...process.argv.slice(2), ...files];
  return spawn(process.execPath, words, { stdio: ['inherit', output, 'inherit'] });
}

async function failed(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => child.once('close', (code) => resolve(code !== 0)));
}

const one = run([...quick].sort(), ['--test-isolation=none'], 'pipe');
const [told, isOneBad, isOtherBad] = await Promise.all([
  text(one.stdout!),
  failed(one),
  failed(
    run(
      all.filter((file) => !quick.has(file)),
      [`--test-concurrency=${filesAtATime}`],
      'inherit',
    ),
  ),
]);
process.stdout.write(`\nThe tests that run together in one process:\n${told}`);
if (isOneBad || isOtherBad) process.exitCode = 1;
