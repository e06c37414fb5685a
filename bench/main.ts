import { execFileSync, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Bench, Figure } from './figures.ts';
import { machineLine, tableOf } from './figures.ts';
import { scenarioBench, scenarioNames } from './scenarios.ts';

/**
 * `npm run bench`: measures the built bundle and prints one table. `npm run bench -- <name> …` runs the named ones.
 * Each bench runs in a process of its own, so that no bench's memory or warm code is another's.
 */
const files = [
  'start',
  'dry-run',
  'overhead',
  'log',
  'resume',
  'rename',
  'git',
  'parallel',
  'streams',
  'agents',
  'round-trip',
  'ps',
  'dashboard',
  'walls',
  'judge',
];
const benches = [...files, ...scenarioNames];

const root = join(import.meta.dirname, '..');

if (process.send) await measureHere(process.argv[2] ?? '');
else process.exitCode = await measureAll(process.argv.slice(2));

async function measureHere(name: string): Promise<void> {
  const bench = scenarioNames.includes(name)
    ? scenarioBench(name)
    : ((await import(`./${name}.ts`)) as { default: Bench }).default;
  process.send?.(await bench());
  process.disconnect();
}

async function measureAll(words: string[]): Promise<number> {
  const unknown = words.filter((word) => !benches.includes(word));
  if (unknown.length > 0) {
    process.stderr.write(`There is no bench ${unknown.join(', ')}. There are: ${benches.join(', ')}\n`);
    return 2;
  }
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
  const machine = machineLine();
  const rows: { bench: string; figure: Figure }[] = [];
  let failed = 0;
  for (const name of words.length > 0 ? words : benches) {
    process.stderr.write(`${name} …\n`);
    const figures = await measureApart(name);
    if (figures === null) failed += 1;
    for (const figure of figures ?? []) rows.push({ bench: name, figure });
  }
  process.stdout.write(`\n${machine}\n${versionsLine()}\n\n${tableOf(rows).join('\n')}\n`);
  return failed > 0 ? 1 : 0;
}

/** The figures of one bench, or null when it failed; the error is on standard error by then. */
function measureApart(name: string): Promise<Figure[] | null> {
  const child = fork(import.meta.filename, [name], { cwd: root });
  let figures: Figure[] | null = null;
  child.on('message', (message) => {
    figures = message as Figure[];
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve(code === 0 ? figures : null));
  });
}

function versionsLine(): string {
  const git = execFileSync('git', ['version'], { encoding: 'utf8' }).trim();
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  return `vtcode ${commit}, Node ${process.versions.node}, ${git}, ${new Date().toISOString().slice(0, 10)}`;
}
