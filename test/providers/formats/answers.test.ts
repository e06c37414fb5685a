/**
 * Goal: what a model says arrives whole, in every wire format.
 * Method: a scripted server on loopback speaks the format; the vendor's real SDK reads it.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, askForEnd, askForFailure, formats, joined, modelOf } from '../../support/model-calls.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';

let server: ModelServer;
before(async () => {
  server = await startModelServer(() => ({ answer: { text: 'unused' } }));
});
after(() => server.stop());

for (const format of formats) {
  test(`${format}: text streams piece by piece, and the end holds all of it`, async () => {
    server.answerWith(() => ({
      answer: { text: ['Hel', 'lo ', 'there.'], usage: { input: 120, output: 30, cached: 64, reasoning: 12 } },
    }));
    const events = await ask(server, format);
    assert.deepEqual(events.slice(0, -1), [
      { type: 'head', limits: null },
      { type: 'text.delta', text: 'Hel' },
      { type: 'text.delta', text: 'lo ' },
      { type: 'text.delta', text: 'there.' },
    ]);
    const end = events.at(-1);
    assert.ok(end?.type === 'end');
    assert.deepEqual(end.message, { role: 'assistant', text: 'Hello there.', calls: [] });
    assert.equal(end.stop, 'done');
    const { inputTokens, outputTokens, usd, cachedTokens, reasoningTokens } = end.usage;
    assert.deepEqual(
      { inputTokens, outputTokens, usd, cachedTokens, reasoningTokens },
      { inputTokens: 120, outputTokens: 30, usd: 0, cachedTokens: 64, reasoningTokens: 12 },
    );
  });

  test(`${format}: thinking streams apart from text`, async () => {
    server.answerWith(() => ({ answer: { thinking: 'Hmm, which one?', text: 'That one.' } }));
    const events = await ask(server, format);
    assert.equal(joined(events, 'thinking.delta'), 'Hmm, which one?');
    assert.equal(joined(events, 'text.delta'), 'That one.');
    const end = events.at(-1);
    assert.ok(end?.type === 'end');
    assert.equal(end.message.thoughts?.[0]?.text, 'Hmm, which one?');
  });

  test(`${format}: parallel tool calls arrive in order, with parsed arguments`, async () => {
    server.answerWith(() => ({
      answer: {
        text: 'Reading both.',
        calls: [
          { id: 'call_a', name: 'read', arguments: { path: 'a.ts' } },
          { id: 'call_b', name: 'list', arguments: { path: 'src' } },
        ],
      },
    }));
    const events = await ask(server, format);
    const end = events.at(-1);
    assert.ok(end?.type === 'end');
    assert.deepEqual(
      end.message.calls.map(({ id, name, arguments: given }) => ({ id, name, given })),
      [
        { id: 'call_a', name: 'read', given: { path: 'a.ts' } },
        { id: 'call_b', name: 'list', given: { path: 'src' } },
      ],
    );
    assert.equal(end.stop, 'calls');
    assert.equal(joined(events, 'call.delta'), 'read{"path":"a.ts"}list{"path":"src"}');
  });

  test(`${format}: letters that are split between packets are put together`, async () => {
    const text = 'Größe: 日本語 👩‍👩‍👧 done';
    server.answerWith(() => ({
      answer: { thinking: 'Früh 思', text, calls: [{ name: 'read', arguments: { path: 'naïve/日本.ts' } }] },
      // Every byte is a packet of its own.
      pieces: (events) => [...Buffer.from(events.join(''))].map((byte) => Buffer.from([byte])),
    }));
    const { message } = await askForEnd(server, format);
    assert.equal(message.text, text);
    assert.equal(message.thoughts?.[0]?.text, 'Früh 思');
    assert.deepEqual(message.calls[0]?.arguments, { path: 'naïve/日本.ts' });
  });

  test(`${format}: an answer that is cut off by its limit says so`, async () => {
    server.answerWith(() => ({ answer: { text: 'And then', stop: 'length' } }));
    assert.equal((await askForEnd(server, format)).stop, 'length');
  });

  test(`${format}: an empty answer is malformed`, async () => {
    for (const answer of [{}, { text: '' }, { text: ' \n' }, { thinking: 'Only thought.', stop: 'length' as const }]) {
      server.answerWith(() => ({ answer }));
      const failure = await askForFailure(server, format);
      assert.equal(failure.kind, 'malformed', JSON.stringify(answer));
      assert.match(failure.reason, /empty answer/);
    }
  });

  test(`${format}: thoughts alone are an answer, and do not go back as a turn of their own`, async () => {
    server.answerWith(() => ({ answer: { thinking: 'Only thought.' } }));
    const { message, stop } = await askForEnd(server, format);
    assert.deepEqual([message.text, message.calls, stop], ['', [], 'done']);
    assert.equal(message.thoughts?.[0]?.text, 'Only thought.');
    server.answerWith(() => ({ answer: { text: 'Yes.' } }));
    const said = (text: string) => ({ role: 'user' as const, text });
    const messages = [said('Look.'), { ...message, from: modelOf(format) }, said('You said nothing.')];
    await askForEnd(server, format, { request: { messages } });
    const { messages: sent, contents, input } = server.requests.at(-1)!.body as Record<string, { role: string }[]>;
    const roles = (sent ?? contents ?? input ?? []).map(({ role }) => role);
    assert.ok(!roles.includes('assistant') && !roles.includes('model'), roles.join());
  });

  test(`${format}: a refusal is no answer`, async () => {
    server.answerWith(() => ({ answer: { text: 'I would rather not.', stop: 'refused' } }));
    assert.equal((await askForFailure(server, format)).kind, 'refused');
  });

  test(`${format}: no telemetry leaves with a request`, async () => {
    server.answerWith(() => ({ answer: { text: 'Yes.' } }));
    await ask(server, format);
    const names = Object.keys(server.requests.at(-1)?.headers ?? {});
    assert.deepEqual(
      names.filter((name) => /stainless|goog-api-client|traceparent|^x-vtcode/.test(name)),
      [],
    );
    assert.equal(server.requests.at(-1)?.headers['user-agent'], 'vtcode');
  });
}

for (const format of formats.filter((one) => one !== 'gemini'))
  test(`${format}: arguments that are no JSON stay as the model wrote them`, async () => {
    server.answerWith(() => ({
      answer: {
        calls: [
          { name: 'read', arguments: '{"path": "a.ts' },
          { name: 'list', arguments: '' },
        ],
      },
    }));
    const { message } = await askForEnd(server, format);
    assert.deepEqual(
      message.calls.map((call) => call.arguments),
      ['{"path": "a.ts', {}],
    );
  });

test('openai-chat: whole calls that all say index 0 are told apart by their ids', async () => {
  const call = (id: string, path: string) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id, function: { name: 'read', arguments: JSON.stringify({ path }) } }] }, finish_reason: null }] })}\n\n`;
  const finish = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] })}\n\n`;
  server.answerWith(() => ({ pieces: () => [call('one', 'a'), call('two', 'b'), finish, 'data: [DONE]\n\n'] }));
  const { message, usage } = await askForEnd(server, 'openai-chat');
  assert.deepEqual(message.calls, [
    { id: 'one', name: 'read', arguments: { path: 'a' } },
    { id: 'two', name: 'read', arguments: { path: 'b' } },
  ]);
  // A server that does not count is counted for.
  assert.ok(usage.inputTokens > 50 && usage.outputTokens > 10, JSON.stringify(usage));
});

test('openai-chat: thinking that is not in completion_tokens is counted from the total', async () => {
  server.answerWith(() => ({
    answer: { text: 'Yes.' },
    pieces: (events) => events.map((event) => event.replace('"total_tokens":120', '"total_tokens":170')),
  }));
  assert.equal((await askForEnd(server, 'openai-chat')).usage.outputTokens, 70);
});

test('a server that does not stop is stopped', async () => {
  const events = Buffer.from(`: ${'x'.repeat(64 * 1024)}\n\n`.repeat(128));
  const event = Buffer.from(`data: ${'x'.repeat(1024 * 1024)}`);
  for (const format of formats)
    for (const [endless, words] of [
      [events, /does not stop: more than 64 MB$/],
      [event, /does not stop: more than 8 MB in one event$/],
    ] as const) {
      server.answerWith(() => ({ pieces: () => Array.from({ length: 9 }, () => endless) }));
      const { kind, reason } = await askForFailure(server, format);
      assert.equal(kind, 'malformed');
      assert.match(reason, words);
    }
});

test('openai-responses: commentary and answer keep their phases', async () => {
  server.answerWith(() => ({
    answer: { text: 'Looking.', calls: [{ id: 'call_a', name: 'read', arguments: {} }] },
    pieces: (events) =>
      events.map((event) => event.replace('"type":"message",', '"type":"message","phase":"commentary",')),
  }));
  const { message } = await askForEnd(server, 'openai-responses');
  server.answerWith(() => ({ answer: { text: 'Yes.' } }));
  const messages = [
    { role: 'user' as const, text: 'Look.' },
    { ...message, from: modelOf('openai-responses') },
    { role: 'tool' as const, callId: 'call_a', name: 'read', text: 'x', isError: false },
  ];
  await askForEnd(server, 'openai-responses', { request: { messages } });
  const input = server.requests.at(-1)?.body.input as object[];
  assert.deepEqual(input[1], { role: 'assistant', content: 'Looking.', phase: 'commentary' });
});

test('openai-responses: what a model or an account does not take is asked for once', async () => {
  const refusals = [
    "Your organization must be verified to generate reasoning summaries. Param: 'reasoning.summary'",
    'Encrypted content is not supported with this model.',
  ];
  const from = server.requests.length;
  server.answerWith(({ number }) =>
    refusals[number - from] === undefined
      ? { answer: { text: 'Yes.' } }
      : { status: 400, body: { error: { message: refusals[number - from], type: 'invalid_request_error' } } },
  );
  await askForEnd(server, 'openai-responses', { request: { effort: 'high' } });
  const bodies = server.requests.slice(from).map(({ body: { reasoning, include } }) => ({ reasoning, include }));
  const include = ['reasoning.encrypted_content'];
  assert.deepEqual(bodies, [
    { reasoning: { effort: 'high', summary: 'auto' }, include },
    { reasoning: { effort: 'high' }, include },
    { reasoning: { effort: 'high' }, include: undefined },
  ]);
});
