// Bundles the programs into dist/: the cli, the agent, the hands and the reaper. Plain JavaScript, so that any Node runs it.
// `node scripts/build.mjs <folder> <name>=<source> …` bundles other programs into another folder in the same way.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { slimSdks } from './slim-sdks.mjs';

// Programs of one line share what both load: the planner runs in the cli's own thread. The others load only their own.
const programs = ['cli=cli/main.ts agents=agents/main.ts', 'hands=tools/main.ts', 'reap=supervisor/reap.ts'];
const [folder = 'dist', ...named] = process.argv.slice(2);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
rmSync(join(root, folder), { recursive: true, force: true });
for (const words of named.length > 0 ? named : programs)
  await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(words.split(' ').map((word) => word.split('='))),
    outdir: folder,
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minifySyntax: true,
    minifyWhitespace: true,
    // Native code, files found by path, and the pool's own worker stay packages of their own.
    external: ['better-sqlite3', 'koffi', '@ast-grep/*', '@vscode/ripgrep', 'piscina', 'typescript'],
    plugins: [slimSdks(root)],
    logLevel: 'warning',
  });
