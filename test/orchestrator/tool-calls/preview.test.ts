import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileChange } from '../../../ipc/changes.ts';
import { previewOf } from '../../../orchestrator/tool-calls/preview.ts';

/** Goal: a person who is asked about a change sees what goes, and that there is more than they see. */
const edit = (edits: { start: number; end: number; text: string }[]): FileChange => ({
  ...{ kind: 'edit', path: 'a.ts', before: '', after: '', edits },
});

test('what goes is said, also where nothing comes', () => {
  assert.deepEqual(previewOf([edit([{ start: 10, end: 40, text: '' }])]), ['- 30 bytes of a.ts, from byte 10 on, go']);
  assert.deepEqual(previewOf([edit([{ start: 0, end: 0, text: 'x' }])]), ['+ x']);
});

test('what stands far to the right is not shown, and that is said', () => {
  const [line = ''] = previewOf([edit([{ start: 0, end: 0, text: `fine();${' '.repeat(200)}evil();` }])]);
  assert.doesNotMatch(line, /evil/);
  assert.match(line, / … and 56 more characters$/);
});

test('what stands far below is not shown, and that is said', () => {
  const lines = previewOf([edit([{ start: 0, end: 0, text: 'fine();\n'.repeat(100) }])]);
  assert.deepEqual([lines.length, lines.at(-1)], [41, '… and 61 more lines']);
});
