import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stringify } from 'smol-toml';
import { reminders } from '../../ipc/context.ts';
import { endOf } from '../support/called.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { sampleRepository } from '../support/sample.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: a model that hands in beside other calls of the same turn loses none of their work, and claims nothing that it
 * has not seen. Method: the real program against a scripted model; every answer follows from the conversation alone.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server, 'openai-chat', '[limits]\nagents = 1\n');
after(() => server.stop());

type Turn = NonNullable<Reply['answer']>;
const done = { name: 'finish', arguments: { outcome: 'done', summary: 'All done.' } };
const write = { name: 'write_file', arguments: { path: 'b.txt', content: 'new\n' } };

/** Calls `vtcode run` with a model that answers its n-th request with the n-th turn; who is helped says that it is done. */
async function run(...all: Turn[]) {
  const place = mkdtempSync(join(tmpdir(), 'vtcode-hand-in-'));
  writeFileSync(join(place, 'a.txt'), 'old\n');
  server.answerWith((request) => {
    const messages = messagesOf(request);
    if (messages.some((message) => message.role === 'user' && textOf(message) === 'help'))
      return { answer: { calls: [done] } };
    if (messages.some((message) => message.role === 'user' && textOf(message) === 'chat'))
      return { answer: { text: 'Well.' } };
    return { answer: all[messages.filter(({ role }) => role === 'assistant').length] ?? { text: 'Nothing more.' } };
  });
  const called = await vtcode.call(['run', 'do it', '-C', place, '--json']);
  return { place, called, manifest: endOf(called).manifest, said: messagesOf(server.requests.at(-1)!).map(textOf) };
}

for (const calls of [
  [write, done],
  [done, write],
])
  test(`${calls.map(({ name }) => name).join(' and ')} in one turn: the file is written, then it ends`, async () => {
    const { place, called, manifest } = await run({ calls });
    assert.equal(called.code, 0, called.stdout.slice(-2000));
    assert.ok(existsSync(join(place, 'b.txt')));
    assert.deepEqual([manifest?.reason, manifest?.models], ['All done.', { 'acme/big': 1 }]);
  });

test('who claims to be done beside a call that fails is told to look first', async () => {
  const missing = { name: 'edit_file', arguments: { path: 'a.txt', old_text: 'not there', new_text: 'new' } };
  const { manifest, said } = await run({ calls: [missing, done] }, { text: 'I see.' });
  assert.ok(
    said.some((text) => text.includes('Not handed in: look first')),
    said.join('\n---\n'),
  );
  assert.equal(manifest?.reason, 'I see.');
});

test('who delegates and hands in at once gets the answer first, also with one thread', async () => {
  const delegated = { name: 'delegate', arguments: { role: 'explorer', prompt: 'help' } };
  const { called, manifest } = await run({ calls: [delegated, done] }, { text: 'It helped.' });
  assert.equal(called.code, 0, called.stdout.slice(-2000));
  assert.equal(manifest?.reason, 'It helped.');
});

test('of several hand-ins in one turn the last counts, once', async () => {
  const last = { name: 'finish', arguments: { outcome: 'done', summary: 'The last word.' } };
  const { called, manifest } = await run({ calls: [done, last] });
  assert.equal(manifest?.reason, 'The last word.');
  assert.equal(called.stdout.split('"type":"agent.finished"').length, 2);
});

test('the last words of a delegated agent are its hand-in, without one more model call', async () => {
  const delegated = { name: 'delegate', arguments: { role: 'explorer', prompt: 'chat' } };
  const { manifest, said } = await run({ calls: [delegated] }, { text: 'It talks.' });
  assert.ok(said.includes('done: Well.'), said.join('\n---\n'));
  assert.deepEqual(manifest?.models, { 'acme/big': 3 });
});

const asText = { text: `<tool_call>\n${JSON.stringify(write)}\n</tool_call>` };

test('a tool call as text is told once, and then the tool is called', async () => {
  const { place, manifest, said } = await run(asText, { calls: [write] }, { text: 'Written.' });
  assert.ok(said.includes(reminders.text_call), said.join('\n---\n'));
  assert.ok(existsSync(join(place, 'b.txt')));
  assert.deepEqual([manifest?.outcome, manifest?.reason], ['done', 'Written.']);
});

test('an agent that goes on to write its calls as text has failed, and says what helps', async () => {
  const { place, called, manifest } = await run(asText, asText, asText);
  assert.equal(existsSync(join(place, 'b.txt')), false);
  assert.deepEqual([called.code, manifest?.outcome, manifest?.models], [1, 'failed', { 'acme/big': 2 }]);
  assert.match(manifest?.reason ?? '', /writes its tool calls as text.*another model.*parser for tool calls/);
});

test('an answer cut at the output limit is no hand-in: the agent goes on from there', async () => {
  const { manifest, said } = await run({ text: 'The answer is', stop: 'length' }, { text: '42.' });
  assert.ok(said.includes(reminders.cut), said.join('\n---\n'));
  assert.equal(manifest?.reason, '42.');
});

test('a task whose agent ends in plain text is collected and checked as any other', async (t) => {
  const repository = sampleRepository();
  t.after(() => repository.remove());
  const plan = join(mkdtempSync(join(tmpdir(), 'vtcode-plan-')), 'plan.toml');
  const task = { id: 'one', title: 'Write', prompt: 'Write.', scope: ['b.txt'] };
  writeFileSync(plan, stringify({ goal: 'write', tasks: [task] }));
  server.answerWith((request) => {
    const at = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    return { answer: at === 0 ? { calls: [write] } : { text: 'b.txt is written.' } };
  });
  const called = await vtcode.call(['run', '--plan-file', plan, '--yes', '--json', '-C', repository.root]);
  const { manifest } = endOf(called);
  assert.deepEqual([manifest?.tasks[0]?.state, manifest?.tasks[0]?.files], ['merged', ['b.txt']], called.stderr);
  assert.deepEqual(manifest?.models, { 'acme/big': 2 });
});

test('a planner that only talks is told to hand in a plan, and then the run fails with its words', async (t) => {
  const repository = sampleRepository();
  t.after(() => repository.remove());
  server.answerWith(() => ({ answer: { text: 'I would rename it.' } }));
  const called = await vtcode.call(['run', '--plan', 'rename it', '--yes', '--json', '-C', repository.root]);
  const { manifest } = endOf(called);
  assert.match(manifest?.reason ?? '', /proposed no plan.*I would rename it/, called.stderr);
  assert.deepEqual(manifest?.models, { 'acme/big': 3 });
});

for (const [scope, isTaken] of [
  [['**'], false],
  [['**', 'AGENTS.md', '.cursor/**'], true],
] as const)
  test(`what instructs agents and came by a script is ${isTaken ? 'handed in where the scope means it' : 'no part of a scope that sweeps'}`, async (t) => {
    const repository = sampleRepository();
    t.after(() => repository.remove());
    const plan = join(mkdtempSync(join(tmpdir(), 'vtcode-plan-')), 'plan.toml');
    const task = { id: 'one', title: 'Write', prompt: 'Write.', scope: [...scope] };
    writeFileSync(plan, stringify({ goal: 'write', tasks: [task] }));
    const script =
      'const f = require("fs"); f.mkdirSync(".cur" + "sor"); f.writeFileSync(".cur" + "sor/x.md", "x"); f.writeFileSync("AGE" + "NTS.md", "Obey.");';
    const turns: Turn[] = [
      { calls: [{ name: 'write_file', arguments: { path: 'x.cjs', content: script } }] },
      { calls: [{ name: 'run_command', arguments: { command: 'node x.cjs' } }] },
      { calls: [done] },
    ];
    server.answerWith((request) => {
      const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
      return { answer: turns[said] ?? { calls: [done] } };
    });
    const called = await vtcode.call(['run', '--plan-file', plan, '--yes', '--auto', '--json', '-C', repository.root]);
    const [one] = endOf(called).manifest?.tasks ?? [];
    if (isTaken) return assert.deepEqual(one?.files, ['.cursor/x.md', 'AGENTS.md', 'x.cjs'], `${one?.reason}`);
    assert.equal(one?.state, 'parked', called.stderr);
    assert.match(one?.reason ?? '', /AGENTS\.md/);
  });
