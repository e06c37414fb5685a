import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Event, EventOf } from '../../ipc/events.ts';
import { foldAll } from '../../state/fold.ts';
import { repetition } from '../../state/repetition.ts';
import { endOf } from '../support/called.ts';
import { endState, eventsIn, untilLogged } from '../support/detached.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { jsonLines } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: long work goes on with the limits as shipped, and an agent that repeats itself is told, then stopped.
 * Method: the real program against a scripted model.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server, 'openai-chat', '', 1_000_000);
after(async () => {
  await server.stop();
  await endState(vtcode);
});

type Turn = NonNullable<Reply['answer']>;

/** A folder, and a model that answers its n-th request of the conversation with `turn(n)`. */
function conversation(turn: (at: number, last: string) => Turn): string {
  const path = temporaryFolder('repeats');
  writeFileSync(join(path, 'a.txt'), Array.from({ length: 300 }, (_, line) => `line ${line + 1}`).join('\n'));
  server.answerWith((request) => {
    const messages = messagesOf(request);
    const said = messages.filter(({ role }) => role === 'assistant').length;
    return { answer: turn(said, textOf(messages.at(-1))) };
  });
  return path;
}

const failing: Turn = {
  calls: [{ name: 'edit_file', arguments: { path: 'a.txt', old_text: 'not there', new_text: 'x' } }],
};

test('200 calls one after the other work with the limits as shipped', async () => {
  const path = conversation((at) =>
    at < 200
      ? { calls: [{ name: 'read_file', arguments: { path: 'a.txt', offset: at + 1, limit: 1 } }] }
      : { text: 'All read.' },
  );
  const called = await vtcode.call(['run', 'read it', '--auto', '--json', '-C', path]);
  const { manifest } = endOf(called);
  assert.deepEqual([called.code, manifest?.reason, manifest?.models], [0, 'All read.', { 'acme/big': 201 }]);
});

test('an agent that repeats a failing call is told after three, and ends with the reason after five', async () => {
  const path = conversation(() => failing);
  const called = await vtcode.call(['run', 'change it', '--auto', '--json', '-C', path]);
  const { manifest, run } = endOf(called);
  assert.deepEqual([called.code, manifest?.outcome, manifest?.models], [1, 'failed', { 'acme/big': 6 }]);
  assert.match(manifest?.reason ?? '', /repeated itself.*edit_file failed in the same way 5 times/);
  const told = server.requests.map((request) => /You repeat yourself/.test(textOf(messagesOf(request).at(-1))));
  assert.deepEqual(told.slice(-6), [false, false, false, true, false, false], 'once, with the fourth request');
  // The log alone says how often it was: a host that takes over knows it too.
  const events = eventsIn(vtcode, run ?? '') as Event[];
  const last = events.findLastIndex(({ type }) => type === 'tool.requested');
  const agent = foldAll(events.slice(0, last + 1)).agents.get('agent');
  assert.deepEqual([repetition(agent?.done ?? []).times, agent?.warned], [5, true]);
});

test('an agent that heeds what it is told goes on', async () => {
  const path = conversation((at, last) =>
    at < 3 ? failing : { text: last.startsWith('You repeat yourself') ? 'I stop.' : 'Nothing was said.' },
  );
  const called = await vtcode.call(['run', 'change it', '--auto', '--json', '-C', path]);
  assert.equal(endOf(called).manifest?.reason, 'I stop.', called.stderr);
});

test('a person who is there is asked before the sixth time, and the agent hears the answer', async () => {
  const path = conversation((at, last) => (at < 6 ? failing : { text: `Heard: ${last}` }));
  const child = vtcode.start(['run', 'change it', '--ask', '--json', '-C', path]);
  let stdout = '';
  const { promise, resolve } = Promise.withResolvers<string>();
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (stdout.includes('\n')) resolve((JSON.parse(stdout.split('\n')[0] ?? '') as { run: string }).run);
  });
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const run = await promise;
  const asked = await untilLogged(vtcode, run, ({ type }) => type === 'approval.requested');
  const { approval, rule } = asked as EventOf<'approval.requested'>;
  assert.match(rule, /edit_file failed in the same way 5 times/);
  await vtcode.call(['deny', approval, 'look at line 3']);
  assert.equal(await ended, 0);
  const end = jsonLines(stdout).at(-1) as { manifest: { reason: string } };
  assert.match(end.manifest.reason, /^Heard: .*look at line 3/);
});
