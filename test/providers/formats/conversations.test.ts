/**
 * Goal: a conversation goes back to its vendor as it wants it, keeps the same first bytes from call to call, and survives
 * a change of vendor. Method: what the real SDK sent is read on the other side of the wire.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AssistantMessage, Message } from '../../../ipc/message.ts';
import type { Effort, Endpoint, WireFormat } from '../../../ipc/model.ts';
import { askForEnd, formats, modelOf } from '../../support/model-calls.ts';
import { type ModelServer, type Received, startModelServer } from '../../support/model-server.ts';

let server: ModelServer;
before(async () => {
  server = await startModelServer(() => ({ answer: { text: 'Yes.' } }));
});
after(() => server.stop());

/** What is sent for a conversation. */
async function sent(
  format: WireFormat,
  messages: Message[],
  more: { endpoint?: Partial<Endpoint>; request?: object } = {},
) {
  await askForEnd(server, format, { endpoint: more.endpoint ?? {}, request: { messages, ...more.request } });
  return server.requests.at(-1) as Received;
}

/** The conversation's own part of a body. */
function said({ format, body }: Received): unknown {
  return {
    anthropic: body.messages,
    gemini: body.contents,
    'openai-chat': body.messages,
    'openai-responses': body.input,
  }[format];
}

const task: Message = { role: 'user', text: 'Look into a.ts and b.ts.' };
const calls = [
  { id: 'call_a', name: 'read', arguments: { path: 'a.ts' } },
  { id: 'call_b', name: 'read', arguments: { path: 'b.ts' } },
];
const results: Message[] = [
  { role: 'tool', callId: 'call_a', name: 'read', text: 'const a = 1;', isError: false },
  { role: 'tool', callId: 'call_b', name: 'read', text: 'No such file.', isError: true },
];
const plain: Message[] = [task, { role: 'assistant', text: 'Reading.', calls }, ...results];
const cache_control = { type: 'ephemeral' };

test('anthropic: results answer calls in one user turn, errors are marked', async () => {
  assert.deepEqual(said(await sent('anthropic', [...plain, { role: 'user', text: 'And?' }])), [
    { role: 'user', content: [{ type: 'text', text: task.text, cache_control }] },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Reading.' },
        { type: 'tool_use', id: 'call_a', name: 'read', input: { path: 'a.ts' } },
        { type: 'tool_use', id: 'call_b', name: 'read', input: { path: 'b.ts' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'call_a', content: 'const a = 1;' },
        { type: 'tool_result', tool_use_id: 'call_b', content: 'No such file.', is_error: true },
        { type: 'text', text: 'And?', cache_control },
      ],
    },
  ]);
});

test('openai-chat: results follow their calls, errors are prefixed', async () => {
  const call = (id: string, path: string) => ({
    type: 'function',
    id,
    function: { name: 'read', arguments: JSON.stringify({ path }) },
  });
  assert.deepEqual(said(await sent('openai-chat', plain)), [
    { role: 'system', content: 'You write code.' },
    { role: 'user', content: task.text },
    { role: 'assistant', content: 'Reading.', tool_calls: [call('call_a', 'a.ts'), call('call_b', 'b.ts')] },
    { role: 'tool', tool_call_id: 'call_a', content: 'const a = 1;' },
    { role: 'tool', tool_call_id: 'call_b', content: 'Error: No such file.' },
  ]);
});

test('openai-responses: items in order, nothing stored', async () => {
  const received = await sent('openai-responses', plain);
  const call = (call_id: string, path: string) => ({
    type: 'function_call',
    call_id,
    name: 'read',
    arguments: JSON.stringify({ path }),
  });
  assert.deepEqual(said(received), [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: task.text }] },
    { role: 'assistant', content: 'Reading.' },
    call('call_a', 'a.ts'),
    call('call_b', 'b.ts'),
    { type: 'function_call_output', call_id: 'call_a', output: 'const a = 1;' },
    { type: 'function_call_output', call_id: 'call_b', output: 'Error: No such file.' },
  ]);
  const { store, instructions, include } = received.body;
  assert.deepEqual([store, instructions, include], [false, 'You write code.', ['reasoning.encrypted_content']]);
});

test('gemini: calls and responses by name and id, schemas as JSON Schema', async () => {
  const received = await sent('gemini', plain);
  assert.match(received.path, /^\/v1beta\/models\/gemini-3-pro:streamGenerateContent\?alt=sse$/);
  const call = (id: string, path: string) => ({ functionCall: { id, name: 'read', args: { path } } });
  assert.deepEqual(said(received), [
    { role: 'user', parts: [{ text: task.text }] },
    {
      role: 'model',
      parts: [
        { text: 'Reading.' },
        // Nobody signed it: it did not come from here.
        { ...call('call_a', 'a.ts'), thoughtSignature: 'skip_thought_signature_validator' },
        call('call_b', 'b.ts'),
      ],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { id: 'call_a', name: 'read', response: { output: 'const a = 1;' } } },
        { functionResponse: { id: 'call_b', name: 'read', response: { error: 'No such file.' } } },
      ],
    },
  ]);
  const { tools } = received.body as { tools: { functionDeclarations: { parametersJsonSchema: object }[] }[] };
  assert.deepEqual(tools[0]?.functionDeclarations[1]?.parametersJsonSchema, {
    type: 'object',
    properties: { path: { type: 'string' } },
  });
});

for (const format of formats) {
  test(`${format}: what it thought goes back to it in place, and to nobody else`, async () => {
    server.answerWith(() => ({
      answer: {
        thinking: 'Which?',
        text: 'Reading.',
        calls: [{ id: 'call_a', name: 'read', arguments: { path: 'a.ts' } }],
      },
    }));
    const { message } = await askForEnd(server, format, {
      endpoint: { quirks: { thinkingField: 'reasoning_content' } },
    });
    server.answerWith(() => ({ answer: { text: 'Yes.' } }));
    const heard: AssistantMessage = { ...message, from: modelOf(format) };
    const quirks = { thinkingField: 'reasoning_content' } as const;
    const own = JSON.stringify(said(await sent(format, [task, heard, results[0]!], { endpoint: { quirks } })));
    const back: Record<WireFormat, RegExp> = {
      anthropic: /\{"type":"thinking","thinking":"Which\?","signature":"sealed"\},\{"type":"text"/,
      'openai-chat': /"reasoning_content":"Which\?"/,
      'openai-responses':
        /\{"type":"reasoning","id":"rs_1","summary":\[.*"encrypted_content":"sealed"\},\{"role":"assistant"/,
      gemini: /"thoughtSignature":"sealed"/,
    };
    assert.match(own, back[format]);
    for (const from of ['other/model', undefined]) {
      const { from: _, ...rest } = heard;
      const foreign: AssistantMessage = from === undefined ? rest : { ...rest, from };
      const text = JSON.stringify(said(await sent(format, [task, foreign, results[0]!], { endpoint: { quirks } })));
      assert.doesNotMatch(text, /sealed|Which\?/);
      assert.match(text, /Reading\./);
      assert.match(text, /a\.ts/);
    }
  });

  test(`${format}: what any other format said can be sent on`, async () => {
    for (const other of formats) {
      server.answerWith(() => ({
        answer: { thinking: 'Hm.', text: 'Ok.', calls: [{ id: 'call_a', name: 'read', arguments: { path: 'x' } }] },
      }));
      const { message } = await askForEnd(server, other);
      server.answerWith(() => ({ answer: { text: 'Yes.' } }));
      const from = modelOf(other) === modelOf(format) ? 'other/model' : modelOf(other);
      const conversation: Message[] = [task, { ...message, from }, results[0]!];
      assert.doesNotMatch(JSON.stringify(said(await sent(format, conversation))), /sealed|Hm\./);
    }
  });

  test(`${format}: tools, system and all earlier turns keep their bytes from call to call`, async () => {
    const first = await sent(format, [task], { request: { cacheKey: 'task-1', effort: 'high' } });
    const second = await sent(format, plain, { request: { cacheKey: 'task-1', effort: 'high' } });
    const names = ['tools', 'system', 'instructions', 'systemInstruction', 'prompt_cache_key', 'reasoning', 'thinking'];
    for (const name of names) assert.equal(JSON.stringify(first.body[name]), JSON.stringify(second.body[name]), name);
    // Where the body is written by us, tools and system also come before what grows.
    if (format === 'gemini') return;
    const grows = `"${format === 'openai-responses' ? 'input' : 'messages'}":[`;
    const start = (text: string) => text.slice(0, text.indexOf(grows));
    assert.ok(start(first.text).includes('"tools":['));
    assert.equal(start(first.text), start(second.text));
  });

  test(`${format}: images go along with the words they came with`, async () => {
    const look: Message = { role: 'user', text: 'What is this?', images: [{ mediaType: 'image/png', data: 'aGk=' }] };
    const text = JSON.stringify(said(await sent(format, [look])));
    const image: Record<WireFormat, string> = {
      anthropic: '{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}',
      'openai-chat': '{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}}',
      'openai-responses': '{"type":"input_image","detail":"auto","image_url":"data:image/png;base64,aGk="}',
      gemini: '{"inlineData":{"mimeType":"image/png","data":"aGk="}}',
    };
    assert.ok(text.includes(image[format]), text);
    assert.ok(text.includes('What is this?'));
  });

  test(`${format}: a word said before the results came stands after them; two in a row are one turn`, async () => {
    const [first, second] = results as [Message, Message];
    const early: Message[] = [
      task,
      { role: 'assistant', text: '', calls },
      { role: 'user', text: 'Wait' },
      first,
      second,
    ];
    const text = JSON.stringify(said(await sent(format, [...early, { role: 'user', text: 'and see.' }])));
    assert.ok(text.indexOf('No such file.') < text.indexOf('Wait'), text);
    assert.ok(text.indexOf('Wait') < text.indexOf('and see.'));
    const roles = [...text.matchAll(/"(?:role|type)":"(user|assistant|model|tool|function_call)"/g)].map(
      (match) => match[1],
    );
    assert.ok(
      roles.every((role, at) => /tool|call/.test(role ?? '') || role !== roles[at + 1]),
      roles.join(' '),
    );
  });

  test(`${format}: arguments that were no JSON go back as an object`, async () => {
    const broken: Message = { role: 'assistant', text: '', calls: [{ id: 'call_a', name: 'read', arguments: '{"pa' }] };
    const text = JSON.stringify(said(await sent(format, [task, broken, results[0]!])));
    assert.match(text, /\{\\?"arguments\\?":\\?"\{\\+"pa\\?"\}/);
  });
}

test('anthropic: thoughts between text and calls go back where they stood', async () => {
  const at = (text: number, count: number, value: object) => JSON.stringify({ text, calls: count, value });
  const message: Message = {
    role: 'assistant',
    text: 'First. Then.',
    calls,
    from: modelOf('anthropic'),
    thoughts: [
      { text: 'one', carry: at(0, 0, { type: 'thinking', signature: 's1' }) },
      { text: '', carry: at(6, 0, { type: 'redacted_thinking', data: 'r' }) },
      { text: 'two', carry: at(12, 1, { type: 'thinking', signature: 's2' }) },
      { text: 'of nobody', carry: 'not ours' },
    ],
  };
  const [, { content }] = said(await sent('anthropic', [task, message, ...results])) as [
    unknown,
    { content: object[] },
  ];
  assert.deepEqual(
    content.map((block) => Object.values(block).slice(0, 2).join(' ')),
    [
      'thinking one',
      'text First.',
      'redacted_thinking r',
      'text  Then.',
      'tool_use call_a',
      'thinking two',
      'tool_use call_b',
    ],
  );
});

test('anthropic: a change of tools or system is the only thing that moves their breakpoint', async () => {
  const breakpoints = async (endpoint: Partial<Endpoint>, request = {}) => {
    const { text } = await sent('anthropic', [...plain, { role: 'assistant', text: 'So.', calls: [] }, task], {
      endpoint,
      request,
    });
    return text.match(/"cache_control"/g)?.length ?? 0;
  };
  assert.equal(await breakpoints({}), 3);
  assert.equal(await breakpoints({}, { system: '' }), 3);
  assert.equal(await breakpoints({ vendor: 'minimax' }), 0);
  assert.equal(await breakpoints({ vendor: 'minimax', quirks: { cacheBreakpoints: true } }), 3);
});

test('effort is what each vendor calls it', async () => {
  const effort = async (format: WireFormat, model: string, level: Effort, more: Partial<Endpoint> = {}) => {
    const { body } = await sent(format, [task], {
      endpoint: more,
      request: { model, effort: level, outputTokensMax: 16_000 },
    });
    const config = (body.generationConfig ?? {}) as { thinkingConfig?: object };
    return body.thinking ?? body.reasoning ?? body.reasoning_effort ?? config.thinkingConfig ?? null;
  };
  const adaptive = { type: 'adaptive', display: 'summarized' };
  assert.deepEqual(await effort('anthropic', 'claude-opus-5', 'high'), adaptive);
  assert.deepEqual(server.requests.at(-1)?.body.output_config, { effort: 'high' });
  assert.deepEqual(await effort('anthropic', 'claude-sonnet-4-6', 'minimal'), adaptive);
  assert.deepEqual(await effort('anthropic', 'claude-haiku-4-5-20251001', 'medium'), {
    type: 'enabled',
    budget_tokens: 8_192,
  });
  assert.deepEqual(await effort('anthropic', 'claude-haiku-4-5', 'max'), { type: 'enabled', budget_tokens: 12_000 });
  assert.deepEqual(await effort('anthropic', 'claude-opus-5', 'none'), { type: 'disabled' });
  assert.deepEqual(await effort('openai-responses', 'gpt-5.5', 'low'), { effort: 'low', summary: 'auto' });
  assert.deepEqual(await effort('openai-chat', 'gpt-5.5', 'xhigh'), 'xhigh');
  assert.deepEqual(await effort('openai-chat', 'm', 'xhigh', { vendor: 'ollama' }), null);
  assert.deepEqual(await effort('gemini', 'gemini-3-pro', 'minimal'), { includeThoughts: true, thinkingLevel: 'LOW' });
  assert.deepEqual(await effort('gemini', 'gemini-2.5-flash', 'none'), { includeThoughts: false, thinkingBudget: 0 });
});

test('anthropic: calls that nobody thought about are answered without a budget for thinking', async () => {
  const thinkingOf = async (messages: Message[]) =>
    (
      await sent('anthropic', messages, {
        request: { model: 'claude-haiku-4-5', effort: 'low', outputTokensMax: 9_000 },
      })
    ).body.thinking;
  const carry = JSON.stringify({ text: 0, calls: 0, value: { type: 'thinking', signature: 's' } });
  const own = { from: 'anthropic/claude-haiku-4-5', thoughts: [{ text: 'Hm.', carry }] };
  const budget = { type: 'enabled', budget_tokens: 2_048 };
  assert.deepEqual(await thinkingOf(plain), undefined);
  assert.deepEqual(await thinkingOf([task, { role: 'assistant', text: '', calls, ...own }, ...results]), budget);
  assert.deepEqual(await thinkingOf([...plain, { role: 'assistant', text: 'So.', calls: [] }, task]), budget);
});

test('openai-chat: a call that another model made has a thought in its place where one must be', async () => {
  const thought = async (quirks: Endpoint['quirks']) => {
    const messages = said(await sent('openai-chat', plain, { endpoint: { vendor: 'moonshot', quirks } })) as object[];
    return (messages[2] as { reasoning_content?: string }).reasoning_content;
  };
  assert.equal(await thought({ thinkingField: 'reasoning_content' }), ' ');
  assert.equal(await thought({}), undefined);
});

test('openai-chat: quirks change what is sent, and nothing else does', async () => {
  const body = async (vendor: string, quirks: Endpoint['quirks']) => {
    const received = await sent('openai-chat', plain, { endpoint: { vendor, quirks }, request: { cacheKey: 'k' } });
    const { max_tokens, max_completion_tokens, stream_options, prompt_cache_key } = received.body;
    return { max_tokens, max_completion_tokens, stream_options, prompt_cache_key };
  };
  const counted = { include_usage: true };
  const nothing = { max_tokens: undefined, max_completion_tokens: undefined, prompt_cache_key: undefined };
  assert.deepEqual(await body('openai', {}), {
    ...nothing,
    max_completion_tokens: 4_000,
    prompt_cache_key: 'k',
    stream_options: counted,
  });
  assert.deepEqual(await body('ollama', {}), { ...nothing, max_tokens: 4_000, stream_options: counted });
  assert.deepEqual(await body('ollama', { noStreamUsage: true, promptCacheKey: true }), {
    ...nothing,
    max_tokens: 4_000,
    prompt_cache_key: 'k',
    stream_options: undefined,
  });
  const { text } = await sent('openai-chat', plain, {
    endpoint: { vendor: 'mistral', quirks: { nineCharacterIds: true } },
  });
  const ids = [...text.matchAll(/"(?:id|tool_call_id)":"([^"]+)"/g)].map((match) => match[1]);
  assert.equal(ids.length, 4);
  assert.ok(
    ids.every((id) => /^[A-Za-z0-9]{9}$/.test(id ?? '')),
    ids.join(' '),
  );
  assert.deepEqual(ids.slice(0, 2), ids.slice(2));
  const marked = await sent('openai-chat', plain, {
    endpoint: { vendor: 'openrouter', quirks: { cacheBreakpoints: true } },
  });
  assert.equal(marked.text.match(/"cache_control"/g)?.length, 3);
});

test('openai-chat: reasoning details go back whole, as pieces of one kind and index', async () => {
  const details = (...pieces: object[]) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { reasoning_details: pieces } }] })}\n\n`;
  const quirks = { thinkingField: 'reasoning_details' } as const;
  server.answerWith(() => ({
    answer: { calls: [{ id: 'call_a', name: 'read', arguments: {} }] },
    pieces: (events) => [
      details({ type: 'reasoning.text', index: 0, text: 'Let ' }),
      details({ type: 'reasoning.text', index: 0, text: 'me.' }),
      details(
        { type: 'reasoning.text', index: 0, signature: 's' },
        { type: 'reasoning.encrypted', index: 1, data: 'xyz' },
      ),
      ...events,
    ],
  }));
  const { message } = await askForEnd(server, 'openai-chat', { endpoint: { quirks } });
  assert.equal(message.thoughts?.[0]?.text, 'Let me.');
  server.answerWith(() => ({ answer: { text: 'Yes.' } }));
  const heard = { ...message, from: modelOf('openai-chat') };
  const messages = said(await sent('openai-chat', [task, heard, results[0]!], { endpoint: { quirks } })) as object[];
  assert.deepEqual((messages[2] as { reasoning_details: unknown }).reasoning_details, [
    { type: 'reasoning.text', index: 0, text: 'Let me.', signature: 's' },
    { type: 'reasoning.encrypted', index: 1, data: 'xyz' },
  ]);
});
