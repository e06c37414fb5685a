// Bundles the programs into dist/: the cli, the agent, the hands and the reaper. Plain JavaScript, so that any Node runs it.
// `node scripts/build.mjs <folder> <name>=<source> …` bundles other programs into another folder in the same way.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { slimSdks } from './slim-sdks.mjs';

// Programs of one line share what both load: lone agents and the planner run in the thread of the command. The others load
// only their own.
const programs = [
  'cli=cli/main.ts',
  'working=cli/working.ts early-start=orchestrator/host/early-start.ts agents=agents/main.ts',
  'hands=tools/program/main.ts',
  'reap=supervisor/reap.ts',
];
const [folder = 'dist', ...named] = process.argv.slice(2);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Built beside what is there: programs that run from it load parts of theirs later, and others are started meanwhile. */
const beside = `${folder}.new${process.pid}`;
rmSync(join(root, beside), { recursive: true, force: true });
/**
 * What works on runs is a line of its own, where what a command loads when it is wanted is loaded with it: every way in
 * that a line has divides it into more files. The cli finds that line's programs by their names.
 */
const lines = {
  name: 'lines',
  setup({ initialOptions, onLoad, onResolve }) {
    if ('cli' in initialOptions.entryPoints)
      onResolve({ filter: /\/(working|early-start)\.ts$/ }, ({ path }) => ({
        path: `./${basename(path, '.ts')}.js`,
        external: true,
      }));
    if ('working' in initialOptions.entryPoints)
      onLoad({ filter: /\/cli\/(register\/commands|commands\/run)\.ts$/ }, ({ path }) => ({
        contents: atOnce(path),
        loader: 'ts',
      }));
  },
};

/** The text of a module that imports the parts of working commands at once. Other commands are not of this line. */
function atOnce(path) {
  let count = 0;
  const imports = [];
  const text = readFileSync(path, 'utf8').replaceAll(/\bimport\('(\.[^']+)'\)/g, (_import, name) => {
    if (path.endsWith('commands.ts') && !/\/(ask|run|resume|host)\.ts$/.test(name)) return 'Promise.reject()';
    count += 1;
    imports.push(`import * as part${count} from '${name}';`);
    return `Promise.resolve(part${count})`;
  });
  return `${imports.join(' ')} ${text}`;
}

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
    // Native code, files found by path, and the pool's own worker stay packages of their own.
    external: ['better-sqlite3', 'blessed', 'koffi', '@ast-grep/*', '@vscode/ripgrep', 'piscina', 'typescript'],
    plugins: [slimSdks(root), lines],
    logLevel: 'warning',
  });
for (const name of readdirSync(join(root, beside))) {
  const file = join(root, beside, name);
  writeFileSync(file, takenPlainly(readFileSync(file, 'utf8')));
}
putInPlace();

/** File after file, parts before the programs that name them; parts of older builds stay for a day. */
function putInPlace() {
  const dayMs = 86_400_000;
  mkdirSync(join(root, folder), { recursive: true });
  const isPart = (name) => name.startsWith('chunk-');
  const names = readdirSync(join(root, beside)).sort((one, other) => isPart(other) - isPart(one));
  for (const name of names) renameSync(join(root, beside, name), join(root, folder, name));
  rmSync(join(root, beside), { recursive: true, force: true });
  for (const name of readdirSync(join(root, folder))) {
    if (names.includes(name)) continue;
    const file = join(root, folder, name);
    if (!isPart(name) || Date.now() - statSync(file).mtimeMs > dayMs) rmSync(file, { force: true });
  }
}

/**
 * A built program takes Node's own modules and native packages as they are. An import of one reads all its exports, to
 * make them importable, and so loads what nobody here wants: undici, WebCrypto, streams of the web.
 */
function takenPlainly(text) {
  const statement = /\bimport(?:\{([^}]*)\}| ?\* ?as (\w+) ?| (\w+) )from"(node:[\w/]+|better-sqlite3|koffi)";/g;
  return text.replaceAll(statement, (_import, names, all, standard, module) => {
    const taken = names === undefined ? (all ?? standard) : `{${names.replaceAll(' as ', ':')}}`;
    const builtin = (id) => `process.getBuiltinModule("${id}")`;
    const isBuiltin = module.startsWith('node:');
    const found = isBuiltin ? builtin(module) : `${builtin('node:module')}.createRequire(import.meta.url)("${module}")`;
    return `const ${taken}=${found};`;
  });
}
