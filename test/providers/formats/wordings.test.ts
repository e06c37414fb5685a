/**
 * Goal: what vendors say is understood, whatever status it comes with.
 * Method: their wordings, from documentation and from their servers' sources, go through the classification; errors in
 * mid-stream go through the real SDKs.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FailureKind, WireFormat } from '../../../ipc/model.ts';
import { askForFailure } from '../../support/model-calls.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { sse } from '../../support/model-wire.ts';

let server: ModelServer;
before(async () => {
  server = await startModelServer(() => ({}));
});
after(() => server.stop());

const wordings: [FailureKind, number, string][] = [
  // OpenAI, Azure
  [
    'context_overflow',
    400,
    '{"error":{"message":"This model\'s maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.","code":"context_length_exceeded"}}',
  ],
  [
    'context_overflow',
    400,
    '{"error":{"message":"Your input exceeds the context window of this model.","code":"context_length_exceeded"}}',
  ],
  [
    'context_overflow',
    429,
    '{"error":{"message":"Request too large for gpt-5.5 on tokens per min (TPM): Limit 30000, Requested 40000."}}',
  ],
  [
    'quota',
    429,
    '{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","code":"insufficient_quota"}}',
  ],
  [
    'rate_limited',
    429,
    '{"error":{"message":"Rate limit reached for gpt-5.5 on tokens per min.","code":"rate_limit_exceeded"}}',
  ],
  [
    'refused',
    400,
    '{"error":{"message":"The response was filtered due to the prompt triggering Azure\'s content management policy.","code":"content_filter"}}',
  ],
  [
    'not_found',
    400,
    '{"error":{"message":"The model `gpt-9` does not exist or you do not have access to it.","code":"model_not_found"}}',
  ],
  ['auth', 401, '{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}'],
  // Anthropic
  [
    'context_overflow',
    400,
    '{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}',
  ],
  [
    'context_overflow',
    413,
    '{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}',
  ],
  [
    'quota',
    400,
    '{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}',
  ],
  ['overloaded', 529, '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'],
  ['not_found', 404, '{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}'],
  // Gemini
  [
    'context_overflow',
    400,
    '{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}',
  ],
  [
    'auth',
    400,
    '{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}',
  ],
  [
    'rate_limited',
    429,
    '{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. Please retry in 34s.","status":"RESOURCE_EXHAUSTED","details":[{"quotaId":"GenerateRequestsPerMinutePerProject"},{"retryDelay":"34s"}]}}',
  ],
  [
    'quota',
    429,
    '{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","details":[{"quotaId":"GenerateRequestsPerDayPerProject"},{"retryDelay":"34s"}]}}',
  ],
  [
    'overloaded',
    503,
    '{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}',
  ],
  // llama.cpp, Ollama, vLLM, LM Studio
  [
    'context_overflow',
    400,
    '{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error","n_ctx":4096}}',
  ],
  ['context_overflow', 400, '{"error":{"message":"input length exceeds maximum context length"}}'],
  [
    'context_overflow',
    400,
    '{"object":"error","message":"This model\'s maximum context length is 4096 tokens. However, you requested 5000 tokens. Please reduce the length of the messages.","type":"BadRequestError","code":400}',
  ],
  [
    'context_overflow',
    400,
    '{"error":"The number of tokens to keep from the initial prompt is greater than the context length (4096)."}',
  ],
  ['context_overflow', 500, '{"error":{"message":"prompt too long; exceeded max context length by 4 tokens"}}'],
  ['not_found', 404, '{"error":{"message":"model \'qwen9\' not found, try pulling it first","type":"api_error"}}'],
  ['overloaded', 503, '{"error":{"message":"Loading model","type":"unavailable_error","code":503}}'],
  // The rest
  [
    'context_overflow',
    400,
    '{"error":{"message":"Prompt contains 40000 tokens, too large for model with 32768 maximum context length","type":"invalid_request_message"}}',
  ],
  [
    'context_overflow',
    400,
    '{"error":{"message":"Invalid request: Your request exceeded model token limit: 262144","type":"invalid_request_error"}}',
  ],
  ['quota', 402, '{"error":{"message":"Insufficient Balance","type":"unknown_error"}}'],
  ['quota', 429, '{"error":{"code":"1113","message":"Insufficient balance or no resource package. Please recharge."}}'],
  [
    'overloaded',
    429,
    '{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}',
  ],
  [
    'refused',
    403,
    '{"error":{"code":403,"message":"Your chosen model requires moderation and your input was flagged"}}',
  ],
  ['request', 400, '{"detail":[{"loc":["body","messages"],"msg":"field required"}]}'],
  ['request', 301, 'Moved'],
];

test('wordings of all vendors have their kind', async () => {
  for (const [kind, status, body] of wordings) {
    server.answerWith(() => ({ status, body: body.startsWith('{') ? JSON.parse(body) : body }));
    const failure = await askForFailure(server, 'openai-chat');
    assert.equal(failure.kind, kind, `${body}\n${failure.reason}`);
  }
});

test('the sentence for a person is found wherever a vendor puts it', async () => {
  const bodies = [
    { error: { message: 'The cause.' } },
    { error: 'The cause.' },
    { message: 'The cause.' },
    { detail: 'The cause.' },
    { detail: [{ msg: 'The cause.' }] },
    [{ error: { message: 'The cause.' } }],
    'The\ncause.',
  ];
  for (const body of bodies) {
    server.answerWith(() => ({ status: 400, body }));
    assert.equal((await askForFailure(server, 'openai-chat')).reason, 'openai answered 400: The cause.');
  }
});

test('a redirect is not followed, but told', async () => {
  server.answerWith(() => ({ status: 308, headers: { location: 'https://elsewhere.example/v1' }, body: '' }));
  const { kind, reason } = await askForFailure(server, 'openai-chat');
  assert.deepEqual(
    [kind, reason],
    ['request', 'openai answered 308 and points to https://elsewhere.example/v1: is base_url right?'],
  );
});

const inStream: [WireFormat, string, FailureKind, RegExp][] = [
  [
    'anthropic',
    sse({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'error'),
    'overloaded',
    /Overloaded/,
  ],
  [
    'anthropic',
    sse({ type: 'error', error: { type: 'api_error', message: 'Internal server error' } }, 'error'),
    'server',
    /Internal/,
  ],
  [
    'anthropic',
    sse({ type: 'error', error: { type: 'rate_limit_error', message: 'Later' } }, 'error'),
    'rate_limited',
    /Later/,
  ],
  [
    'openai-chat',
    sse({ error: { code: 502, message: 'Provider returned error' } }),
    'server',
    /Provider returned error/,
  ],
  [
    'openai-chat',
    sse({ error: { message: 'The server is overloaded', type: 'server_error' } }),
    'overloaded',
    /overloaded/,
  ],
  [
    'openai-chat',
    sse({ error: { message: 'maximum context length is 4096 tokens', code: null } }),
    'context_overflow',
    /4096/,
  ],
  ['openai-chat', sse({ object: 'error', message: 'boom', code: 500 }), 'server', /boom/],
  [
    'openai-responses',
    sse({ type: 'error', code: 'server_error', message: 'Ouch', sequence_number: 3 }),
    'server',
    /Ouch/,
  ],
  [
    'openai-responses',
    sse({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Wait.' } },
    }),
    'rate_limited',
    /Wait/,
  ],
  [
    'openai-responses',
    sse({ type: 'response.failed', response: { error: { code: 'context_length_exceeded', message: 'Long.' } } }),
    'context_overflow',
    /Long/,
  ],
  [
    'gemini',
    sse({ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }),
    'overloaded',
    /overloaded/,
  ],
  ['gemini', sse({ promptFeedback: { blockReason: 'SAFETY' } }), 'refused', /SAFETY/],
  [
    'gemini',
    sse({ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] }),
    'malformed',
    /MALFORMED_FUNCTION_CALL/,
  ],
];

for (const [format, event, kind, words] of inStream)
  test(`${format}: ${event.replaceAll('\n', ' ').slice(0, 90).trim()} in mid-stream is ${kind}`, async () => {
    server.answerWith(() => ({ answer: { text: ['Half an'] }, pieces: (events) => [...events.slice(0, 2), event] }));
    const failure = await askForFailure(server, format);
    assert.equal(failure.kind, kind, failure.reason);
    assert.match(failure.reason, words);
  });
