// Goal: what a model asks for in one answer happens in that order, and a deadline that it gives a command counts.
// Method: a scripted model on loopback asks for several things at once; its folder and the results it gets are compared.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startModelServer } from '../support/model-server.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());

/** One answer with these calls, in a folder with these files; the results as the model got them, in order. */
async function oneAnswer(files: Record<string, string>, ...calls: { name: string; arguments: unknown }[]) {
  const place = mkdtempSync(join(tmpdir(), 'vtcode-order-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
  server.answerWith((request) => {
    const isFirst = !messagesOf(request).some(({ role }) => role === 'assistant');
    return { answer: isFirst ? { calls } : { text: 'Done.' } };
  });
  const called = await vtcode.call(['run', 'go', '-C', place, '--auto']);
  assert.equal(called.code, 0, called.stderr);
  const results = messagesOf(server.requests.at(-1)!).filter(({ role }) => role === 'tool');
  return { place, results: results.map(textOf) };
}

test('a command sees the file that the same answer wrote before it', async () => {
  const { results } = await oneAnswer(
    { 'x.txt': 'old\n' },
    { name: 'write_file', arguments: { path: 'x.txt', content: 'new\n' } },
    { name: 'run_command', arguments: { command: 'cat x.txt' } },
    { name: 'edit_file', arguments: { path: 'x.txt', old_text: 'new', new_text: 'newer' } },
    { name: 'read_file', arguments: { path: 'x.txt' } },
  );
  assert.deepEqual(results.slice(1), ['exit 0\nnew\n', 'Edited x.txt: line 1.', 'newer']);
});

test('all edits of one file in one answer count', async () => {
  const edit = (old_text: string, new_text: string) => ({
    ...{ name: 'edit_file', arguments: { path: 'a.txt', old_text, new_text } },
  });
  const { place } = await oneAnswer(
    { 'a.txt': 'one\ntwo\nthree\n' },
    edit('one', '1'),
    edit('two', '2'),
    edit('three', '3'),
  );
  assert.equal(readFileSync(join(place, 'a.txt'), 'utf8'), '1\n2\n3\n');
});

test('a command gets the deadline that was asked for', async () => {
  const { results } = await oneAnswer(
    {},
    { name: 'run_command', arguments: { command: 'echo begun; sleep 600', timeout_ms: 300 } },
  );
  assert.match(results[0] ?? '', /ran out of time\nbegun\n/);
});
