/**
 * Goal: the formats hold against a provider that others wrote. Method: @copilotkit/aimock on loopback, one
 * conversation with parallel tools through each format, then its own errors and its chaos.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LLMock } from '@copilotkit/aimock';
import type { Message } from '../../ipc/message.ts';
import type { ModelEvent, ModelRequest, WireFormat } from '../../ipc/model.ts';
import { formats, joined, modelOf, openProvider, patient, requestOf } from '../support/model-calls.ts';

const mock = new LLMock({ port: 0, latency: 0 });
before(async () => {
  mock.on(
    { userMessage: 'Read both', hasToolResult: false },
    {
      toolCalls: [
        { id: 'call_a', name: 'read', arguments: '{"path":"a.ts"}' },
        { id: 'call_b', name: 'read', arguments: '{"path":"größe.ts"}' },
      ],
    },
  );
  mock.on({ userMessage: 'Read both', hasToolResult: true }, { content: 'Both are read. 日本語 👍' });
  mock.onMessage('Think', { content: 'Thought it over.', reasoning: 'First this, then that.' });
  mock.onMessage(
    'Break off',
    { content: 'This answer never gets to its end. '.repeat(20) },
    { truncateAfterChunks: 3 },
  );
  await mock.start();
});
after(() => mock.stop());

async function ask(format: WireFormat, messages: Message[], more: Partial<ModelRequest> = {}): Promise<ModelEvent[]> {
  // As the table of vendors has them: without the version that Anthropic's and Google's SDKs append.
  const baseUrl = format.startsWith('openai') ? `${mock.url}/v1` : mock.url;
  const vendor = modelOf(format).split('/')[0] ?? '';
  const provider = await openProvider({ vendor, format, baseUrl, key: 'k', quirks: {} }, patient);
  const events: ModelEvent[] = [];
  const request = { ...requestOf(format, messages), ...more };
  for await (const event of provider.stream(request, new AbortController().signal)) events.push(event);
  return events;
}

async function end(format: WireFormat, messages: Message[], more: Partial<ModelRequest> = {}) {
  const last = (await ask(format, messages, more)).at(-1);
  assert.ok(last?.type === 'end', JSON.stringify(last));
  return last;
}

async function failure(format: WireFormat, text: string) {
  const last = (await ask(format, [{ role: 'user', text }])).at(-1);
  assert.ok(last?.type === 'failure', JSON.stringify(last));
  return last.failure;
}

for (const format of formats) {
  test(`${format}: a conversation with parallel tools`, async () => {
    const messages: Message[] = [{ role: 'user', text: 'Read both' }];
    const { message, stop, usage } = await end(format, messages);
    assert.equal(stop, 'calls');
    assert.deepEqual(
      message.calls.map((call) => [call.name, call.arguments]),
      [
        ['read', { path: 'a.ts' }],
        ['read', { path: 'größe.ts' }],
      ],
    );
    assert.ok(usage.inputTokens >= 0 && usage.outputTokens >= 0);
    messages.push({ ...message, from: modelOf(format) });
    for (const { id, name } of message.calls)
      messages.push({ role: 'tool', callId: id, name, text: 'const x = 1;', isError: false });
    const last = await end(format, messages);
    assert.deepEqual([last.message.text, last.stop], ['Both are read. 日本語 👍', 'done']);
  });

  test(`${format}: thinking apart from the answer`, async () => {
    const events = await ask(format, [{ role: 'user', text: 'Think' }], { effort: 'high' });
    assert.equal(joined(events, 'text.delta'), 'Thought it over.');
    assert.equal(joined(events, 'thinking.delta'), 'First this, then that.');
  });

  test(`${format}: its errors`, async () => {
    mock.nextRequestError(429, { message: 'Rate limit exceeded', type: 'rate_limit_error' });
    assert.equal((await failure(format, 'Think')).kind, 'rate_limited');
    mock.nextRequestError(503, { message: 'Overloaded', type: 'overloaded_error' });
    assert.equal((await failure(format, 'Think')).kind, 'overloaded');
    mock.nextRequestError(401, { message: 'Bad key', type: 'authentication_error' });
    assert.equal((await failure(format, 'Think')).kind, 'auth');
  });

  test(`${format}: its chaos`, async () => {
    assert.equal((await failure(format, 'Break off')).kind, 'network');
    mock.setChaos({ malformedRate: 1 });
    assert.equal((await failure(format, 'Think')).kind, 'malformed');
    mock.setChaos({ disconnectRate: 1 });
    assert.equal((await failure(format, 'Think')).kind, 'network');
    mock.setChaos({ dropRate: 1 });
    assert.equal((await failure(format, 'Think')).kind, 'server');
    mock.clearChaos();
  });
}
