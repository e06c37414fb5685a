/**
 * Goal: what a tool says it writes is what it does.
 * Method: the declarations are held against the tools' effects and against the text of their acts.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { toolbox } from '../../../tools/contracts/toolbox.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const acts = new Map(
  globSync('tools/*/*.run.ts', { cwd: root }).map((path) => [
    basename(path, '.run.ts').replaceAll('-', '_'),
    readFileSync(join(root, path), 'utf8'),
  ]),
);

test('a tool says that it writes files exactly when its act computes changes', () => {
  const computes = [...toolbox.keys()].filter((name) => /\bchanges\b/.test(acts.get(name) ?? ''));
  const says = [...toolbox.values()].filter(({ writes }) => writes === 'files').map(({ name }) => name);
  assert.deepEqual(computes.sort(), says.sort());
});

test('only a tool that runs commands declares a command as its effect', () => {
  const runs = [...toolbox.values()].filter(({ writes }) => writes === 'commands').map(({ name }) => name);
  assert.deepEqual(runs, ['run_command', 'command']);
  const given = { command: 'true', directory: '.', timeout_ms: 1_000 };
  assert.deepEqual(toolbox.get('run_command')?.effects(given), [{ kind: 'run', command: 'true', directory: '.' }]);
});
