import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roomOf, type Source, sources } from './sources.ts';

/**
 * Goal: imports only run downward (docs/architecture.md), packages have one owner, and nothing imports in a circle.
 * Method: the import lines of every source are read as text and held against the tables here.
 */
const floors: Record<string, { floor: number; also: string[] }> = {
  cli: { floor: 5, also: ['protocols', 'tui', 'orchestrator'] },
  protocols: { floor: 4, also: ['orchestrator'] },
  tui: { floor: 4, also: ['orchestrator'] },
  orchestrator: { floor: 3, also: ['security', 'tools'] },
  security: { floor: 2, also: ['tools'] },
  agents: { floor: 2, also: [] },
  tools: { floor: 2, also: [] },
  state: { floor: 1, also: [] },
  supervisor: { floor: 1, also: [] },
  sandbox: { floor: 1, also: [] },
  providers: { floor: 1, also: [] },
  skills: { floor: 1, also: [] },
  ipc: { floor: 0, also: [] },
};

const all = sources();

/** The rooms inside orchestrator/, highest first: a room may import its own row's rooms and those of the rows below. */
const orchestratorRows = [
  ['operations'],
  ['host'],
  ['tool-calls'],
  ['agent-runs', 'plans', 'checks'],
  ['worktrees'],
  ['schedule', 'governor', 'hands', 'git', 'runs', 'web'],
  ['config'],
  ['models'],
  ['environment'],
];

test('the rooms inside orchestrator/ import downward', () => {
  const rowOf = (path: string) => orchestratorRows.findIndex((row) => row.includes(path.split('/')[1] ?? ''));
  const own = all.filter(({ path }) => roomOf(path) === 'orchestrator');
  assert.deepEqual(
    own.filter(({ path }) => rowOf(path) === -1).map(({ path }) => path),
    [],
    'every file lies in a room of the table',
  );
  const wrong = own.flatMap(({ path, imports }) =>
    imports
      .filter((target) => roomOf(target) === 'orchestrator' && rowOf(target) < rowOf(path))
      .map((target) => `${path} → ${target}`),
  );
  assert.deepEqual(wrong, []);
});

/** Which places may import a package or a part of Node. A place is a room, or one file. */
const owners: Record<string, string[]> = {
  'blessed/lib/program.js': ['tui/terminal/screen.ts', 'tui/terminal/pane.ts', 'tui/terminal/blessed.d.ts'],
  'blessed/lib/widgets/screen.js': ['screen', 'pane', 'cells', 'blessed.d'].map((name) => `tui/terminal/${name}.ts`),
  'blessed/lib/widgets/scrollablebox.js': ['tui/terminal/screen.ts', 'tui/terminal/pane.ts'],
  '@xterm/headless': ['tools/program/terminal-text.ts'],
  marked: ['tui/text/markdown-blocks.ts', 'tui/text/markdown-inline.ts'],
  'highlight.js/lib/core': ['tui/text/code-colours.ts'],
  'better-sqlite3': ['state'],
  xstate: ['state'],
  execa: ['supervisor'],
  piscina: ['supervisor'],
  koffi: ['sandbox', 'supervisor'],
  openai: ['providers'],
  '@anthropic-ai/sdk': ['providers'],
  '@google/genai': ['providers'],
  '@silvia-odwyer/photon-node': ['providers'],
  'image-size': ['providers'],
  'smol-toml': ['orchestrator'],
  picomatch: ['ipc/glob.ts'],
  'fastest-levenshtein': ['ipc', 'tools'],
  'get-tsconfig': ['tools'],
  'vscode-jsonrpc/node': ['tools'],
  unpdf: ['tools/files/read-pdf.ts'],
  turndown: ['orchestrator/web/page-text.ts'],
  commander: ['cli'],
  nanoid: ['ipc', 'orchestrator/hands/hands.ts'],
  '@ast-grep/napi': ['tools'],
  unbash: ['security'],
  '@vscode/ripgrep': ['tools'],
};

const programs = /^(agents|tools\/program)\/main\.ts$|^supervisor\/reap\.ts$/;

const house = all.filter((source) => floors[roomOf(source.path)] !== undefined);

test('imports only run downward', () => {
  const wrong = house.flatMap((source) =>
    source.imports.filter((target) => !mayImport(source.path, target)).map((target) => `${source.path} → ${target}`),
  );
  assert.deepEqual(wrong, []);
});

function mayImport(path: string, target: string): boolean {
  const from = roomOf(path);
  const to = roomOf(target);
  const rule = floors[from];
  if (!target.endsWith('.ts') || from === to || !rule) return true;
  const below = floors[to];
  return below !== undefined && (rule.also.includes(to) || (below.floor <= 1 && below.floor < rule.floor));
}

/** Parts of the tools' room beside the contracts that other rooms still read. This list only shrinks. */
const toolsRead = ['tools/files/source-files.ts', 'tools/files/workspace-path.ts'];

test('other rooms take from the tools their contracts alone', () => {
  const wrong = house.flatMap((source) =>
    source.imports
      .filter((target) => roomOf(target) === 'tools' && roomOf(source.path) !== 'tools')
      .filter((target) => !target.startsWith('tools/contracts/') && !toolsRead.includes(target))
      .map((target) => `${source.path} → ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test('only the hands import the acts of tools, and nobody imports a program', () => {
  const wrong = house.flatMap((source) =>
    source.imports
      .filter((target) => programs.test(target) || (roomOf(source.path) !== 'tools' && target.endsWith('.run.ts')))
      .map((target) => `${source.path} → ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test('pure halves of tools import no act, no process and no file system', () => {
  const pure = house.filter((source) => source.path.startsWith('tools/contracts/'));
  assert.ok(pure.length > 5, 'tools were found');
  const wrong = pure.flatMap((source) =>
    source.imports
      .filter((target) => /^node:(fs|child_process|net)/.test(target) || target.endsWith('.run.ts'))
      .map((target) => `${source.path} → ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test('packages have one owner', () => {
  const wrong = house.flatMap((source) =>
    source.imports
      .filter(
        (target) =>
          owners[target] && !owners[target].some((place) => place === source.path || place === roomOf(source.path)),
      )
      .map((target) => `${source.path} → ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test('processes are started only where processes belong', () => {
  const allowed =
    /^supervisor\/|^orchestrator\/git\/git\.ts$|^tools\/.*\.run\.ts$|^tools\/(code\/language-server|files\/ripgrep|program\/order-processes)\.ts$|^sandbox\//;
  const wrong = house
    .filter((source) => source.imports.includes('node:child_process') && !allowed.test(source.path))
    .map((source) => source.path);
  assert.deepEqual(wrong, []);
});

test('the environment is read only by the programs and by the configuration', () => {
  const allowed = /^(cli|agents|tools\/program)\/main\.ts$|^sandbox\//;
  const wrong = house
    .filter((source) => /\bprocess\.env\b/.test(source.text) && !allowed.test(source.path))
    .map((source) => source.path);
  assert.deepEqual(wrong, []);
});

test('nothing imports in a circle, types included', () => {
  assert.deepEqual(circles(house), []);
});

/** The groups of files that import each other, as sorted lists. */
function circles(files: Source[]): string[][] {
  const graph = new Map(
    files.map((source) => [source.path, source.imports.filter((target) => target.endsWith('.ts'))]),
  );
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (path: string) => {
    index.set(path, index.size);
    low.set(path, index.get(path)!);
    stack.push(path);
    for (const next of graph.get(path) ?? []) {
      if (!graph.has(next)) continue;
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(path, Math.min(low.get(path)!, low.get(next)!));
    }
    if (low.get(path) !== index.get(path)) return;
    const group = stack.splice(stack.indexOf(path));
    if (group.length > 1 || graph.get(path)?.includes(path)) found.push(group.sort());
  };
  for (const path of graph.keys()) if (!index.has(path)) visit(path);
  return found;
}
