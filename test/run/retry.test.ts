import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { endOf } from '../support/called.ts';
import { startModelServer } from '../support/model-server.ts';
import { eventually } from '../support/processes.ts';
import { sampleRepository } from '../support/sample.ts';
import { messagesOf, textOf, toolNames, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: what was parked can be tried again without doing the rest again, and what was there stays.
 * Method: three tasks, one of which gives up, and one that waits for it; the model has learned better by the second try.
 */
const vtcode = vtcodeHere();
const names = ['one', 'two', 'three'];
const repository = sampleRepository(
  Object.fromEntries(names.map((name) => [`src/${name}.ts`, `export const ${name} = 1;\n`])),
);
let gives = true;
const server = await startModelServer((request) => {
  const messages = messagesOf(request);
  const said = messages.filter(({ role }) => role === 'assistant').length;
  if (toolNames(request).includes('propose_plan'))
    return { answer: { calls: [{ name: 'propose_plan', arguments: plan }] } };
  const name = /src\/(\w+)\.ts/.exec(textOf(messages[1]))?.[1] ?? '';
  if (name === 'two' && gives)
    return { answer: { calls: [{ name: 'finish', arguments: { outcome: 'cannot', summary: 'I do not know how.' } }] } };
  const edit = { path: `src/${name}.ts`, old_text: '= 1', new_text: '= 2' };
  if (said === 0) return { answer: { calls: [{ name: 'edit_file', arguments: edit }] } };
  return {
    answer: { calls: [{ name: 'finish', arguments: { outcome: 'done', summary: 'done', verification: 'none' } }] },
  };
});
const plan = {
  summary: '',
  tasks: names.map((name) => ({
    ...{ id: name, title: name, prompt: `Change src/${name}.ts.`, scope: [`src/${name}.ts`] },
    after: name === 'three' ? ['two'] : [],
  })),
};
useModel(vtcode, server);
after(async () => {
  await server.stop();
  repository.remove();
});

test('it can go on in the background', async () => {
  gives = true;
  const first = await vtcode.call(['run', '--plan', 'raise all', '--yes', '-C', repository.root]);
  const run = /(run_\w+) {2}/.exec(first.stdout)?.[1] ?? '';
  gives = false;
  const again = await vtcode.call(['retry', run, '--detach']);
  assert.equal(again.code, 0, again.stderr);
  const waited = await vtcode.call(['wait', again.stdout.trim()]);
  assert.equal(waited.code, 0, waited.stdout + waited.stderr);
  assert.ok(await eventually(() => repository.git('branch', '--list', `vtcode/${again.stdout.trim()}`) !== '', 15_000));
});

test('parked tasks are tried again on top of what was merged, with what waits for them; nothing else is done anew', async () => {
  gives = true;
  const first = await vtcode.call(['run', '--plan', 'raise all', '--yes', '-C', repository.root]);
  assert.equal(first.code, 1, first.stderr);
  const run = /(run_\w+) {2}/.exec(first.stdout)?.[1] ?? '';
  assert.match(first.stdout, new RegExp(`again: {2}vtcode retry ${run}`));
  const head = repository.git('rev-parse', `vtcode/${run}`);
  for (const [words, told] of [
    [['retry', run, 'one'], /one of \w+ is not parked but merged/],
    [['retry', run, 'tow'], /is no task[\s\S]*Parked are: two, three/],
  ] as const) {
    const refused = await vtcode.call([...words]);
    assert.deepEqual([refused.code, told.test(refused.stderr)], [2, true], refused.stderr);
  }
  gives = false;
  server.requests.length = 0;
  const again = await vtcode.call(['retry', run, 'two', '--json']);
  assert.equal(again.code, 0, again.stderr);
  const { manifest } = endOf(again);
  assert.deepEqual(
    manifest?.tasks.map(({ id, state }) => [id, state]),
    [
      ['two', 'merged'],
      ['three', 'merged'],
    ],
  );
  assert.equal(manifest?.base, head);
  for (const name of names) assert.match(repository.git('show', `${manifest?.branch}:src/${name}.ts`), /= 2/);
  assert.equal(repository.git('rev-parse', `vtcode/${run}`), head, 'the first branch stays where it was');
  assert.ok(!server.requests.some((request) => /src\/one\.ts/.test(textOf(messagesOf(request)[1]))));
  const applied = await vtcode.call(['apply', manifest?.run ?? '']);
  assert.equal(applied.code, 0, applied.stderr);
  const none = await vtcode.call(['retry', manifest?.run ?? '']);
  assert.deepEqual([none.code, /No task of \w+ is parked/.test(none.stderr)], [2, true]);
});
