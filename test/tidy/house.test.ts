import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { roomOf, root, sources, trackedFiles } from './sources.ts';

/** Goal: the rules of size and words that docs/architecture.md gives, kept by a test and not by a reviewer. */
const fileLinesMax = 400;
const rooms = [
  'ipc',
  'state',
  'supervisor',
  'sandbox',
  'agents',
  'providers',
  'tools',
  'security',
  'orchestrator',
  'protocols',
  'tui',
  'cli',
  'skills',
  'test',
  'bench',
  'docs',
  'scripts',
];

const all = sources();

test(`no file has more than ${fileLinesMax} lines`, () => {
  const long = all.filter((source) => source.text.split('\n').length > fileLinesMax).map((source) => source.path);
  assert.deepEqual(long, []);
});

const topFiles = [
  'AGENTS.md',
  'LICENSE',
  'README.md',
  'agents.toml',
  'biome.json',
  'package-lock.json',
  'package.json',
  'tsconfig.json',
];

test('the top level holds the rooms, a few files and nothing else', () => {
  const folders = new Set(
    trackedFiles()
      .filter((path) => path.includes('/'))
      .map(roomOf),
  );
  const unknown = [...folders].filter((folder) => !rooms.includes(folder) && !folder.startsWith('.'));
  const files = trackedFiles().filter((path) => !path.includes('/') && !path.startsWith('.'));
  assert.deepEqual([...unknown, ...files.filter((file) => !topFiles.includes(file))], []);
});

test('every room of code has a sentence in docs/architecture.md', () => {
  const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const folders = new Set(all.map((source) => roomOf(source.path)));
  const missing = [...folders].filter((folder) => !text.includes(`\`${folder}/\``));
  assert.deepEqual(missing, []);
});

test('no escape hatches: no any, no ignored type errors, no empty catch', () => {
  const wrong = all.flatMap((source) =>
    source.text
      .split('\n')
      .flatMap((line, at) =>
        /\bas any\b|: any[;,)\]>]|: any$|@ts-(ignore|expect-error|nocheck)|biome-ignore|catch( \(\w+\))? \{\s*\}/.test(
          withoutStrings(line),
        ) && !source.path.startsWith('test/tidy/')
          ? [`${source.path}:${at + 1} ${line.trim()}`]
          : [],
      ),
  );
  assert.deepEqual(wrong, []);
});

/** A line without its prose and the text of its strings: what a fixture or a sentence says is not what the code says. */
function withoutStrings(line: string): string {
  if (/^\s*(\/?\*|\/\/) /.test(line) && !/@ts-|biome-ignore/.test(line)) return '';
  return line.replace(/'(?:[^'\\]|\\.)*'/g, "''");
}

test('no barrel files and no rooms for odds and ends', () => {
  const wrong = all
    .filter((source) => /(^|\/)(index|utils?|helpers?|common|misc)\.ts$/.test(source.path))
    .map((source) => source.path);
  assert.deepEqual(wrong, []);
});

test('every dependency is pinned exactly and used', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const pinned = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  const loose = Object.entries(pinned)
    .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
    .map(([name]) => name);
  assert.deepEqual(loose, []);
  const text = all.map((source) => source.text).join('\n');
  // Programs and types that no source imports by name.
  const unnamed = /^(@types\/|@biomejs\/biome$|esbuild$)/;
  const unused = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
    (name) => !text.includes(`'${name}`) && !unnamed.test(name),
  );
  assert.deepEqual(unused, []);
});

test('every export of a room has a user', () => {
  const exported = /^export (?:async )?(?:function\*?|const|type|class) (\w+)/gm;
  const unused = all
    .filter((source) => !/^(test|bench|scripts)\//.test(source.path))
    .flatMap((source) =>
      [...source.text.matchAll(exported)]
        .map((match) => match[1] ?? '')
        .filter((name) => !isUsed(name, source.path))
        .map((name) => `${source.path} ${name}`),
    );
  assert.deepEqual(unused, []);
});

/** Whether a name stands anywhere but in its own definition; `prepare` of a tool's act is found by its file's name. */
function isUsed(name: string, path: string): boolean {
  if (path.endsWith('.run.ts') && name === 'prepare') return true;
  const word = new RegExp(`\\b${name}\\b`, 'g');
  return all.some((source) => (source.text.match(word) ?? []).length > (source.path === path ? 1 : 0));
}

test('the lock file says that better-sqlite3 is not to be compiled', () => {
  // npm ci asks the lock file, not the package, and npm leaves this key out when it writes the file anew: without it
  // every install compiles SQLite, and fails where there is no compiler.
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { gypfile?: boolean }>;
  };
  assert.equal(lock.packages['node_modules/better-sqlite3']?.gypfile, false);
});

test('what kind a run is, and the fixed names of agents, stand in one file', () => {
  const wrong = all
    .filter(({ path }) => !/^(test|bench|scripts|editors)\/|^ipc\/(run-kind|events)\.ts$/.test(path))
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, at) =>
          /\bmode [!=]== '(plan|chat|ask|work)'|[=(,[] ?'planner'/.test(line)
            ? [`${path}:${at + 1} ${line.trim()}`]
            : [],
        ),
    );
  assert.deepEqual(wrong, []);
});
