/**
 * Goal: what a server says that is no answer costs a call, never a log that nobody can read or a budget that grows.
 * Method: a scripted server on loopback lies in every format; the vendor's real SDK reads it.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, askForEnd, askForFailure, formats, joined } from '../../support/model-calls.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { sse } from '../../support/model-wire.ts';

let server: ModelServer;
before(async () => {
  server = await startModelServer(() => ({ answer: { text: 'unused' } }));
});
after(() => server.stop());

const lies: [what: string, count: unknown][] = [
  ['negative', -500],
  ['words', '12'],
  ['beyond all measure', 1e300],
  ['a list', [1]],
];

for (const format of formats)
  for (const [what, count] of lies)
    test(`${format}: counts that are ${what} are none: the call is counted for`, async () => {
      const lie = count as number;
      server.answerWith(() => ({ answer: { text: 'Yes.', usage: { input: lie, output: lie, cached: lie } } }));
      const { usage } = await askForEnd(server, format);
      const sent = Buffer.byteLength(server.requests.at(-1)?.text ?? '');
      assert.equal(usage.inputTokens, Math.ceil(sent / 3.5));
      assert.ok(usage.outputTokens > 0 && usage.outputTokens < 100, `${usage.outputTokens}`);
      assert.equal(usage.cachedTokens, undefined);
    });

function chatOf(...deltas: object[]): string {
  const chunk = (delta: object, finish_reason: string | null) =>
    sse({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] });
  return [...deltas.map((delta) => chunk(delta, null)), chunk({}, 'stop'), sse('[DONE]')].join('');
}

test('openai-chat: what is no text in place of text is no answer', async () => {
  for (const delta of [
    { content: { text: 'x' } },
    { content: 5 },
    { reasoning_content: { deep: true } },
    { tool_calls: [{ index: 0, id: 'a', function: { name: 5, arguments: '{}' } }] },
  ]) {
    server.answerWith(() => ({ pieces: () => [chatOf(delta)] }));
    const failure = await askForFailure(server, 'openai-chat');
    assert.equal(failure.kind, 'malformed', JSON.stringify(delta));
  }
});

test('openai-chat: the id of a call may be a number, content may come in parts', async () => {
  const called = { tool_calls: [{ index: 0, id: 7, function: { name: 'read', arguments: '{}' } }] };
  server.answerWith(() => ({ pieces: () => [chatOf(called)] }));
  assert.equal((await askForEnd(server, 'openai-chat')).message.calls[0]?.id, '7');
  const thinking = [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hmm.' }] }];
  server.answerWith(() => ({
    pieces: () => [chatOf({ content: thinking }, { content: [{ type: 'text', text: 'Yes.' }] })],
  }));
  const events = await ask(server, 'openai-chat');
  assert.deepEqual([joined(events, 'thinking.delta'), joined(events, 'text.delta')], ['Hmm.', 'Yes.']);
});
