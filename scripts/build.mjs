// Bundles the programs into dist/: the cli, the agent, the hands and the reaper. Plain JavaScript, so that any Node runs it.
// `node scripts/build.mjs <folder> <name>=<source> …` bundles other programs into another folder in the same way.
// Nothing here rewrites the text of a module, ours or a vendor's: docs/decisions/0045-plain-build.md says why.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Programs of one line share chunks. The cli runs some agents in its own thread, so the two share what both load. Hands and
// reaper load only their own code: sharing with the cli would divide it into many small files. The commands are a file with
// a name, so that tests run them in their own process as they are shipped.
const programs = [
  'cli=cli/main.ts commands=cli/register/commands.ts agents=agents/main.ts',
  'hands=tools/program/main.ts',
  'reap=supervisor/reap.ts',
];
const [folder = 'dist', ...named] = process.argv.slice(2);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
// What users install beside the bundle: native code, programs, files found by path. All else goes into the bundle, and is
// therefore a development dependency.
const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// Built in a folder beside the old one, which processes may still be loading from.
const beside = `${folder}.new${process.pid}`;
rmSync(join(root, beside), { recursive: true, force: true });

for (const words of named.length > 0 ? named : programs)
  await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(words.split(' ').map((word) => word.split('='))),
    outdir: beside,
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minifySyntax: true,
    minifyWhitespace: true,
    external: Object.keys({ ...dependencies, ...optionalDependencies }),
    logLevel: 'warning',
  });
putInPlace();

/** Replaces file after file, chunks before the programs that name them. Chunks of older builds stay for a day. */
function putInPlace() {
  const dayMs = 86_400_000;
  mkdirSync(join(root, folder), { recursive: true });
  const isChunk = (name) => name.startsWith('chunk-');
  const names = readdirSync(join(root, beside)).sort((one, other) => isChunk(other) - isChunk(one));
  for (const name of names) renameSync(join(root, beside, name), join(root, folder, name));
  rmSync(join(root, beside), { recursive: true, force: true });
  for (const name of readdirSync(join(root, folder))) {
    if (names.includes(name)) continue;
    const file = join(root, folder, name);
    if (!isChunk(name) || Date.now() - statSync(file).mtimeMs > dayMs) rmSync(file, { force: true });
  }
}
