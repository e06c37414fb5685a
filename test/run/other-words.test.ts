// Goal: a model that speaks as it learnt with other agents gets its work done here.
// Method: a scripted model on loopback uses other names of tools and arguments; its folder and what it hears are compared.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startModelServer } from '../support/model-server.ts';
import { messagesOf, textOf, toolNames, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());

/** Standard error of the last run. */
let stderr = '';
const shownLast = () => stderr;

type Call = { name: string; arguments: unknown };

/** The calls, each in an answer of its own; the results as the model got them. */
async function oneByOne(files: Record<string, string>, ...calls: ((place: string) => Call)[]) {
  const place = mkdtempSync(join(tmpdir(), 'vtcode-words-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    const call = calls[said]?.(place);
    return { answer: call ? { calls: [call] } : { text: 'Done.' } };
  });
  const called = await vtcode.call(['run', 'go', '-C', place, '--auto']);
  assert.equal(called.code, 0, called.stderr);
  stderr = called.stderr;
  const last = server.requests.at(-1)!;
  return {
    place,
    last,
    results: messagesOf(last)
      .filter(({ role }) => role === 'tool')
      .map(textOf),
  };
}

test('bash is answered once with the right name, and accepted after that', async () => {
  const bash = () => ({ name: 'bash', arguments: { command: ['cat', 'a.txt'], timeout: 60 } });
  const { results } = await oneByOne({ 'a.txt': 'forty-two\n' }, bash, bash, bash);
  assert.match(results[0] ?? '', /called run_command; .*run_command {"command":"cat a.txt","timeout_ms":60000}/);
  assert.deepEqual(results.slice(1), ['exit 0\nforty-two\n', 'exit 0\nforty-two\n']);
});

test('both edit tools are taken, by their absolute paths and through a shell as well', async () => {
  const patch = (path: string, from: string, to: string) =>
    `*** Begin Patch\n*** Update File: ${path}\n@@\n-${from}\n+${to}\n*** End Patch\n`;
  const { place, last, results } = await oneByOne(
    { 'a.txt': 'one\n' },
    (top) => ({ name: 'apply_patch', arguments: { input: patch(join(top, 'a.txt'), 'one', 'two') } }),
    (top) => ({
      name: 'edit_file',
      arguments: { file_path: join(top, 'a.txt'), old_string: 'two', new_string: 'three' },
    }),
    () => ({
      name: 'run_command',
      arguments: { command: `apply_patch <<'EOF'\n${patch('a.txt', 'three', 'four')}EOF\n` },
    }),
  );
  assert.equal(readFileSync(join(place, 'a.txt'), 'utf8'), 'four\n', results.join('\n'));
  assert.deepEqual(
    toolNames(last).filter((name) => /edit|patch/.test(name)),
    ['edit_file'],
  );
});

test('an argument that is not known is no success', async () => {
  const { results } = await oneByOne({ 'a.txt': 'x\n' }, () => ({
    name: 'read_file',
    arguments: { path: 'a.txt', tail: 5 },
  }));
  assert.match(results[0] ?? '', /there is no argument tail \(.*known: path, offset, limit/);
});

test('the first request of a lone agent with all its tools stays small', async () => {
  useModel(vtcode, server, 'openai-chat', '', 100_000, '[providers.acme.quirks]\nwebSearchUsd = 0.01\n');
  await oneByOne({});
  useModel(vtcode, server);
  const first = server.requests.findLast((request) => messagesOf(request).every(({ role }) => role !== 'assistant'));
  const bytes = Buffer.byteLength(first?.text ?? '');
  assert.ok(
    toolNames(first!).length >= 17 && toolNames(first!).includes('web_search'),
    'all tools of the role general',
  );
  assert.ok(bytes <= 12 * 1024, `${bytes} bytes`);
});

test('an image that is read is shown to a model that sees, and mentioned to one that does not', async () => {
  const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const look = (top: string) => {
    writeFileSync(join(top, 'dot.png'), Buffer.from(png, 'base64'));
    return { name: 'read_file', arguments: { path: 'dot.png' } };
  };
  const blind = await oneByOne({}, look);
  assert.match(
    blind.results[0] ?? '',
    /^dot\.png: PNG image, 70 bytes.*\n?.*1 image is left out: this model sees none/s,
  );
  assert.ok(!blind.last.text.includes(png));
  useModel(vtcode, server, 'openai-chat', '', 100_000, 'images = true');
  const seeing = await oneByOne({}, look);
  assert.ok(seeing.last.text.includes(png));
});

test('an agent keeps a list of its own, which the person sees', async () => {
  const todos = (first: string) => [
    { content: 'look', status: first, activeForm: 'Looking', id: '1' },
    { content: 'change', status: 'pending' },
  ];
  const { results } = await oneByOne(
    {},
    () => ({ name: 'TodoWrite', arguments: { todos: todos('in_progress') } }),
    () => ({ name: 'todo', arguments: { items: ['look', 'change'] } }),
    () => ({ name: 'TodoWrite', arguments: { todos: todos('completed') } }),
  );
  assert.match(results[0] ?? '', /called todo; its arguments: items/);
  assert.deepEqual(results.slice(1), ['Your list now:\n[ ] look\n[ ] change', 'Your list now:\n[x] look\n[ ] change']);
  assert.match(shownLast(), /· list\n {4}\[x\] look\n {4}\[ \] change\n/);
});
