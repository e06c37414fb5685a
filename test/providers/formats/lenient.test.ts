/**
 * Goal: servers that speak a format in their own way are understood: tool calls, thoughts and requests.
 * Method: a scripted server on loopback says what such servers say; the vendor's real SDK reads it.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AssistantMessage, Message } from '../../../ipc/message.ts';
import type { ModelEvent, WireFormat } from '../../../ipc/model.ts';
import {
  ask,
  askForEnd,
  askForFailure,
  endpointOf,
  formats,
  joined,
  modelOf,
  openProvider,
  patient,
  requestOf,
} from '../../support/model-calls.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { sse } from '../../support/model-wire.ts';

let server: ModelServer;
before(async () => {
  server = await startModelServer(() => ({ answer: { text: 'unused' } }));
});
after(() => server.stop());

const chunk = (delta: object, finish_reason: string | null = null) =>
  sse({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] });
const done = 'data: [DONE]\n\n';

/** The end of a call that a server answers so in chat completions. */
async function heard(...events: string[]) {
  server.answerWith(() => ({ pieces: () => [events.join('')] }));
  return await askForEnd(server, 'openai-chat');
}

type Piece = { index?: number; id?: string; function: { name?: string; arguments: unknown } };
const [a, b] = [{ path: 'a.ts' }, { path: 'b.ts' }];
const [jsonA, jsonB] = [JSON.stringify(a), JSON.stringify(b)];

const streams: Record<string, Piece[][]> = {
  'the index 0 for both, ids with the first piece of each': [
    [{ index: 0, id: 'x', function: { name: 'read', arguments: '' } }],
    [{ index: 0, function: { arguments: jsonA.slice(0, 5) } }],
    [{ index: 0, function: { arguments: jsonA.slice(5) } }],
    [{ index: 0, id: 'y', function: { name: 'read', arguments: '' } }],
    [{ index: 0, function: { arguments: jsonB.slice(0, 5) } }],
    [{ index: 0, function: { arguments: jsonB.slice(5) } }],
  ],
  'no index, ids with the first piece of each': [
    [{ id: 'x', function: { name: 'read', arguments: jsonA.slice(0, 5) } }],
    [{ function: { arguments: jsonA.slice(5) } }],
    [{ id: 'y', function: { name: 'read', arguments: jsonB.slice(0, 5) } }],
    [{ function: { arguments: jsonB.slice(5) } }],
  ],
  'no index and no ids, each call whole': [
    [{ function: { name: 'read', arguments: jsonA } }],
    [{ function: { name: 'read', arguments: jsonB } }],
  ],
  'no index and no ids, both calls in one piece, parsed': [
    [{ function: { name: 'read', arguments: a } }, { function: { name: 'read', arguments: b } }],
  ],
  'the id and the name in every piece, interleaved': [
    [{ index: 0, id: 'x', function: { name: 'read', arguments: jsonA.slice(0, 5) } }],
    [{ index: 1, id: 'y', function: { name: 'read', arguments: jsonB.slice(0, 5) } }],
    [{ index: 0, id: 'x', function: { name: 'read', arguments: jsonA.slice(5) } }],
    [{ index: 1, id: 'y', function: { name: 'read', arguments: jsonB.slice(5) } }],
  ],
  'a new id in every piece, the name once': [
    [{ index: 0, id: 'x', function: { name: 'read', arguments: jsonA.slice(0, 5) } }],
    [{ index: 0, id: 'q', function: { arguments: jsonA.slice(5) } }],
    [{ index: 1, id: 'y', function: { name: 'read', arguments: jsonB.slice(0, 5) } }],
    [{ index: 1, id: 'r', function: { arguments: jsonB.slice(5) } }],
  ],
  'indexes from 1 and with gaps': [
    [{ index: 1, id: 'x', function: { name: 'read', arguments: jsonA } }],
    [{ index: 4, id: 'y', function: { name: 'read', arguments: jsonB } }],
  ],
};

for (const [what, pieces] of Object.entries(streams))
  test(`openai-chat: two calls, ${what}`, async () => {
    const { message, stop } = await heard(
      ...pieces.map((tool_calls) => chunk({ tool_calls })),
      chunk({}, 'tool_calls'),
      done,
    );
    assert.deepEqual(
      message.calls.map(({ name, arguments: given }) => [name, given]),
      [
        ['read', a],
        ['read', b],
      ],
    );
    assert.equal(new Set(message.calls.map(({ id }) => id)).size, 2);
    assert.equal(stop, 'calls');
  });

test('anthropic: blocks that all have one index, or none, stay apart', async () => {
  for (const index of [0, undefined]) {
    const block = (start: object, ...deltas: object[]) => [
      sse({ type: 'content_block_start', index, content_block: start }, 'content_block_start'),
      ...deltas.map((delta) => sse({ type: 'content_block_delta', index, delta }, 'content_block_delta')),
    ];
    const call = (id: string, json: string) =>
      block({ type: 'tool_use', id, name: 'read', input: {} }, { type: 'input_json_delta', partial_json: json });
    server.answerWith(() => ({
      pieces: (events) => [events[0] ?? '', ...call('x', jsonA), ...call('y', jsonB), ...events.slice(-2)],
    }));
    const { message } = await askForEnd(server, 'anthropic');
    assert.deepEqual(
      message.calls.map(({ id, arguments: given }) => [id, given]),
      [
        ['x', a],
        ['y', b],
      ],
    );
  }
});

test('openai-responses: items that all have one place in the output, or no id, stay apart', async () => {
  const call = (id: string | undefined, output_index: number, call_id: string, json: string) => {
    const item = { type: 'function_call', id, call_id, name: 'read', arguments: '' };
    return [
      sse({ type: 'response.output_item.added', output_index, item }),
      sse({ type: 'response.function_call_arguments.delta', item_id: id, output_index, delta: json }),
      sse({ type: 'response.output_item.done', output_index, item: { ...item, arguments: json } }),
    ];
  };
  for (const [first, second] of [
    [call('fc_1', 0, 'x', jsonA), call('fc_2', 0, 'y', jsonB)],
    [call(undefined, 0, 'x', jsonA), call(undefined, 1, 'y', jsonB)],
  ] as const) {
    server.answerWith(() => ({ pieces: (events) => [...first, ...second, events.at(-1) ?? ''] }));
    const { message } = await askForEnd(server, 'openai-responses');
    assert.deepEqual(
      message.calls.map(({ id, arguments: given }) => [id, given]),
      [
        ['x', a],
        ['y', b],
      ],
    );
  }
});

const thoughtFields: [deltas: object[], back: object][] = [
  [[{ reasoning_content: 'Let me ' }, { reasoning_content: 'read.' }], { reasoning_content: 'Let me read.' }],
  [[{ reasoning: 'Let me read.' }], { reasoning: 'Let me read.' }],
  [[{ thinking: 'Let me read.' }], { thinking: 'Let me read.' }],
  [
    [{ reasoning_text: 'Let me read.' }, { reasoning_opaque: 'sealed' }],
    { reasoning_text: 'Let me read.', reasoning_opaque: 'sealed' },
  ],
  [
    [{ reasoning: 'Let me read.', reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'Let me read.' }] }],
    { reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'Let me read.' }] },
  ],
  [
    [
      { reasoning_content: 'Let me ', thinking_blocks: [{ type: 'thinking', thinking: 'Let me ' }] },
      { reasoning_content: 'read.', thinking_blocks: [{ type: 'thinking', thinking: 'read.' }] },
      { thinking_blocks: [{ type: 'thinking', thinking: '', signature: 'sealed' }] },
    ],
    { thinking_blocks: [{ type: 'thinking', thinking: 'Let me read.', signature: 'sealed' }] },
  ],
  [
    [{ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Let me read.' }] }] }],
    { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Let me read.' }] }] },
  ],
];

const task: Message = { role: 'user', text: 'Look.' };
const result: Message = { role: 'tool', callId: 'x', name: 'read', text: 'alpha', isError: false };

/** The assistant's message as it is sent back. */
async function sentBack(message: AssistantMessage): Promise<Record<string, unknown>> {
  server.answerWith(() => ({ answer: { text: 'Yes.' } }));
  const messages = [task, { ...message, from: modelOf('openai-chat') }, result];
  await askForEnd(server, 'openai-chat', { request: { messages } });
  const { messages: sent = [] } = (server.requests.at(-1)?.body ?? {}) as { messages?: Record<string, unknown>[] };
  return sent[2] ?? {};
}

for (const [deltas, back] of thoughtFields)
  test(`openai-chat: thoughts in ${Object.keys(deltas[0] ?? {})} go back there, without any setting`, async () => {
    const call = { tool_calls: [{ index: 0, id: 'x', function: { name: 'read', arguments: jsonA } }] };
    server.answerWith(() => ({
      pieces: () => [...deltas.map((delta) => chunk(delta)), chunk(call), chunk({}, 'tool_calls'), done],
    }));
    const events = await ask(server, 'openai-chat');
    assert.equal(joined(events, 'thinking.delta'), 'Let me read.');
    const end = events.at(-1);
    assert.ok(end?.type === 'end');
    const { role: _, tool_calls, content, ...fields } = await sentBack(end.message);
    assert.deepEqual({ ...fields, ...('content' in back && { content }) }, back);
    assert.equal((tool_calls as object[]).length, 1);
  });

test("openai-responses: thoughts in plain text go back to a server of one's own, until it refuses them", async () => {
  const vendor = 'own';
  const item = {
    type: 'reasoning',
    id: 'rs_9',
    summary: [],
    content: [{ type: 'reasoning_text', text: 'Let me read.' }],
  };
  const carry = JSON.stringify({ text: 0, calls: 0, value: item });
  const calls = [{ id: 'x', name: 'read', arguments: a }];
  const from = `${vendor}/${requestOf('openai-responses').model}`;
  const said: Message = { role: 'assistant', text: '', calls, thoughts: [{ text: 'Let me read.', carry }], from };
  const request = { messages: [task, said, result] };
  const sent = () => ((server.requests.at(-1)?.body.input ?? []) as object[])[1];
  server.answerWith(() => ({ answer: { text: 'Yes.' } }));
  await askForEnd(server, 'openai-responses', { endpoint: { vendor }, request });
  assert.deepEqual(sent(), item);
  server.answerWith(({ text }) =>
    text.includes('rs_9')
      ? { status: 400, body: { error: { message: "Unknown item type 'reasoning'" } } }
      : { answer: { text: 'Yes.' } },
  );
  await askForEnd(server, 'openai-responses', { endpoint: { vendor }, request });
  assert.equal((sent() as { type?: string }).type, 'function_call');
});

test("openai-chat: Google's signature goes back with its call", async () => {
  const extra_content = { google: { thought_signature: 'sealed' } };
  const call = { index: 0, id: 'x', function: { name: 'read', arguments: jsonA }, extra_content };
  const { message } = await heard(chunk({ tool_calls: [call] }), chunk({}, 'tool_calls'), done);
  const [back] = (await sentBack(message)).tool_calls as { extra_content: unknown }[];
  assert.deepEqual(back?.extra_content, extra_content);
});

const refusals: [words: string, field: string, inMessage: boolean][] = [
  ["'messages.1' : property 'reasoning' is unsupported", 'reasoning', true],
  ['body -> stream_options: Extra inputs are not permitted', 'stream_options', false],
];

for (const [words, field, inMessage] of refusals)
  test(`openai-chat: ${field}, once refused, is not sent again`, async () => {
    const thoughts = [{ text: 'Hm.', carry: JSON.stringify({ text: 0, calls: 0, value: { field: 'reasoning' } }) }];
    const said: Message = { role: 'assistant', text: 'Yes.', calls: [], thoughts, from: modelOf('openai-chat') };
    const messages: Message[] = [task, said, task];
    const provider = await openProvider(endpointOf(server, 'openai-chat', { quirks: {} }), patient);
    const from = server.requests.length;
    const isRefused = (body: Record<string, unknown>) =>
      field in (inMessage ? ((body.messages as object[])[2] ?? {}) : body);
    server.answerWith(({ body }) =>
      isRefused(body) ? { status: 400, body: { error: { message: words } } } : { answer: { text: 'Yes.' } },
    );
    for (let count = 0; count < 2; count++) {
      const events: ModelEvent[] = [];
      const request = { ...requestOf('openai-chat', messages) };
      for await (const event of provider.stream(request, new AbortController().signal)) events.push(event);
      assert.equal(events.at(-1)?.type, 'end', JSON.stringify(events.at(-1)));
    }
    assert.deepEqual(
      server.requests.slice(from).map(({ body }) => isRefused(body)),
      [true, false, false],
    );
  });

test('openai-chat: a server that wants a thought with every call gets one', async () => {
  const call = { id: 'x', name: 'read', arguments: a };
  const messages: Message[] = [task, { role: 'assistant', text: '', calls: [call], from: 'other/model' }, result];
  server.answerWith(({ body }) =>
    (body.messages as Record<string, unknown>[]).some((one) => one.tool_calls && one.reasoning_content === undefined)
      ? { status: 400, body: { error: { message: 'The reasoning_content in the thinking mode must be passed back.' } } }
      : { answer: { text: 'Yes.' } },
  );
  assert.equal((await askForEnd(server, 'openai-chat', { request: { messages } })).message.text, 'Yes.');
});

test('openai-chat: a server that names the other field for the limit gets that', async () => {
  const message = "Unsupported parameter: 'max_completion_tokens'. Use 'max_tokens' instead.";
  server.answerWith(({ body }) =>
    'max_completion_tokens' in body ? { status: 400, body: { error: { message } } } : { answer: { text: 'Yes.' } },
  );
  assert.equal((await askForEnd(server, 'openai-chat')).message.text, 'Yes.');
});

test('openai-chat: a server that takes fewer images gets the newest', async () => {
  const images = ['aGk=', 'aGV5'].map((data) => ({ mediaType: 'image/png', data }));
  const count = (text: string) => text.split('data:image/png').length - 1;
  server.answerWith(({ text }) =>
    count(text) > 1
      ? { status: 400, body: { object: 'error', message: 'At most 1 image(s) may be provided in one request.' } }
      : { answer: { text: 'Yes.' } },
  );
  const messages: Message[] = [{ role: 'user', text: 'Look.', images }];
  assert.equal((await askForEnd(server, 'openai-chat', { request: { messages } })).message.text, 'Yes.');
  assert.match(server.requests.at(-1)?.text ?? '', /aGV5.*1 image is left out|1 image is left out.*aGV5/);
});

test('a refusal that names no field that was sent is told', async () => {
  server.answerWith(() => ({ status: 400, body: { error: { message: 'reasoning_details is no field of ours' } } }));
  assert.equal((await askForFailure(server, 'openai-chat')).kind, 'request');
});

const illegal: Record<WireFormat, (body: Record<string, unknown>) => unknown> = {
  'openai-chat': ({ messages }) => (messages as { tool_calls?: unknown }[])[2]?.tool_calls,
  'openai-responses': ({ input }) => (input as unknown[])[1],
  anthropic: ({ messages }) => messages,
  gemini: ({ contents }) => contents,
};

for (const format of formats)
  test(`${format}: a name that a vendor refuses is never sent back`, async () => {
    const names = ['read file<|x|>', '7up', '', 'é'.repeat(80)];
    const calls = names.map((name, at) => ({ id: `c${at}`, name, arguments: {} }));
    const results = calls.map(
      ({ id, name }): Message => ({ role: 'tool', callId: id, name, text: 'x', isError: true }),
    );
    const messages: Message[] = [task, { role: 'assistant', text: '', calls, from: modelOf(format) }, ...results];
    server.answerWith(() => ({ answer: { text: 'Yes.' } }));
    await askForEnd(server, format, { request: { messages } });
    const text = JSON.stringify(illegal[format](server.requests.at(-1)?.body ?? {}));
    const sent = [...text.matchAll(/"name":"([^"]*)"/g)].map(([, name]) => name ?? '');
    assert.ok(sent.length > 0 && sent.every((name) => /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/.test(name)), text);
  });

for (const format of formats)
  test(`${format}: marks and namespaces around the name of a tool are left out`, async () => {
    for (const name of ['read<|channel|>commentary', 'functions.read', ' Read ', 'read()', '"read"']) {
      server.answerWith(() => ({ answer: { calls: [{ name, arguments: a }] } }));
      assert.equal((await askForEnd(server, format)).message.calls[0]?.name, 'read', name);
    }
    server.answerWith(() => ({ answer: { calls: [{ name: 'write<|x|>', arguments: a }] } }));
    assert.equal((await askForEnd(server, format)).message.calls[0]?.name, 'write<|x|>');
  });
