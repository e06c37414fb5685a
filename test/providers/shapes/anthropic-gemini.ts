import { data, named, type Shape, weather } from './shape.ts';

/** The two vendors whose formats are theirs alone, but for those who copied Anthropic's. */
export const anthropicAndGemini: Shape[] = [
  {
    vendor: 'anthropic',
    source: [
      'platform.claude.com/docs/en/build-with-claude/streaming',
      'platform.claude.com/docs/en/api/errors',
      'platform.claude.com/docs/en/api/rate-limits',
      'platform.claude.com/docs/en/build-with-claude/handling-stop-reasons',
    ],
    streams: [
      {
        what: 'thinks, pings and calls a tool',
        raw: named(
          start(),
          { type: 'ping' },
          ...block(
            0,
            { type: 'thinking', thinking: '', signature: '' },
            { type: 'thinking_delta', thinking: 'Let me read.' },
            { type: 'signature_delta', signature: 'EqQB' },
          ),
          ...block(
            1,
            { type: 'tool_use', id: 'toolu_1', name: 'read', input: {} },
            { type: 'input_json_delta', partial_json: '' },
            { type: 'input_json_delta', partial_json: '{"path": "a' },
            { type: 'input_json_delta', partial_json: '.ts"}' },
          ),
          ...stop('tool_use'),
        ),
        // The tokens read from the cache and written to it are counted apart from input_tokens.
        is: { thoughts: 'Let me read.', ...weather, stop: 'calls', usage: [472 + 1_000 + 200, 89, 1_000] },
      },
      {
        what: 'a turn that pauses is an answer',
        raw: named(
          start(),
          ...block(0, { type: 'text', text: '' }, { type: 'text_delta', text: 'Searching.' }),
          ...stop('pause_turn'),
        ),
        is: { text: 'Searching.', stop: 'done', usage: [1_672, 89, 1_000] },
      },
      {
        what: 'a full window is a cut answer',
        raw: named(
          start(),
          ...block(0, { type: 'text', text: '' }, { type: 'text_delta', text: 'And' }),
          ...stop('model_context_window_exceeded'),
        ),
        is: { text: 'And', stop: 'length', usage: [1_672, 89, 1_000] },
      },
      {
        what: 'a refusal in mid-stream is no answer',
        raw: named(
          start(),
          ...block(0, { type: 'text', text: '' }, { type: 'text_delta', text: 'I' }),
          ...stop('refusal'),
        ),
        fails: ['refused', /^anthropic refused: I$/],
      },
      {
        what: 'overload in mid-stream is its error',
        raw: named(start(), { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } as {
          type: string;
        }),
        fails: ['overloaded', /Overloaded/],
      },
    ],
    errors: [
      anthropicError(400, 'invalid_request_error', 'You have reached your specified API usage limits.', 'quota'),
      anthropicError(401, 'authentication_error', 'invalid x-api-key', 'auth'),
      anthropicError(402, 'billing_error', 'Your payment failed.', 'quota'),
      anthropicError(403, 'permission_error', 'Your API key may not use this resource.', 'auth'),
      anthropicError(404, 'not_found_error', 'model: claude-x', 'not_found'),
      anthropicError(
        413,
        'request_too_large',
        'Request exceeds the maximum allowed number of bytes.',
        'context_overflow',
      ),
      anthropicError(500, 'api_error', 'Internal server error', 'server'),
      anthropicError(504, 'timeout_error', 'The request timed out.', 'server'),
      anthropicError(529, 'overloaded_error', 'Overloaded', 'overloaded'),
    ],
    limits: {
      headers: {
        'anthropic-ratelimit-requests-limit': '50',
        'anthropic-ratelimit-requests-remaining': '49',
        'anthropic-ratelimit-tokens-limit': '40000',
        'anthropic-ratelimit-tokens-remaining': '39000',
        'anthropic-ratelimit-tokens-reset': '2001-01-01T00:00:00Z',
      },
      are: {
        requests: { limit: 50, remaining: 49, resetMs: null },
        tokens: { limit: 40_000, remaining: 39_000, resetMs: 0 },
      },
    },
    wait: { headers: { 'retry-after': '14' }, ms: 14_000 },
    sent: { headers: { 'x-api-key': 'sk-test-7f3a91c4e8d2b605' } },
  },
  {
    vendor: 'gemini',
    source: [
      'ai.google.dev/api/generate-content',
      'ai.google.dev/gemini-api/docs/thought-signatures',
      'ai.google.dev/gemini-api/docs/troubleshooting',
    ],
    // It has no headers for limits: an error tells how long to wait.
    streams: [
      {
        what: 'thinks, then calls a tool with a signature',
        raw: data(
          google([{ text: 'Let me read.', thought: true }]),
          google([{ functionCall: { name: 'read', args: { path: 'a.ts' } }, thoughtSignature: 'CpMB' }], {
            finishReason: 'STOP',
          }),
        ),
        is: { thoughts: 'Let me read.', ...weather, stop: 'calls', usage: [120, 30 + 40, 64, 40] },
      },
      {
        what: 'its limit is a cut answer',
        raw: data(google([{ text: 'And' }], { finishReason: 'MAX_TOKENS' })),
        is: { text: 'And', stop: 'length', usage: [120, 70, 64, 40] },
      },
      {
        what: 'a call that the model wrote wrongly is malformed',
        raw: data(
          google([], {
            finishReason: 'MALFORMED_FUNCTION_CALL',
            finishMessage: 'Malformed function call: print(read())',
          }),
        ),
        fails: ['malformed', /broke its own answer \(MALFORMED_FUNCTION_CALL\)/],
      },
      {
        what: 'its safety is a refusal',
        raw: data(google([{ text: 'I' }], { finishReason: 'SAFETY', safetyRatings: [] })),
        fails: ['refused', /SAFETY/],
      },
      {
        what: 'a blocked prompt is a refusal',
        raw: data({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 9 } }),
        fails: ['refused', /the prompt was blocked \(PROHIBITED_CONTENT\)/],
      },
      {
        what: 'an error in mid-stream is its error',
        raw: data(google([{ text: 'And' }]), {
          error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' },
        }),
        fails: ['overloaded', /overloaded/],
      },
    ],
    errors: [
      [
        400,
        googleError(400, 'API key not valid. Please pass a valid API key.', 'INVALID_ARGUMENT'),
        'auth',
        /API key not valid/,
      ],
      [403, googleError(403, 'Your API key was reported as leaked.', 'PERMISSION_DENIED'), 'auth', /leaked/],
      [
        404,
        googleError(404, 'models/gemini-9 is not found for API version v1beta.', 'NOT_FOUND'),
        'not_found',
        /gemini-9/,
      ],
      [
        503,
        googleError(503, 'The model is overloaded. Please try again later.', 'UNAVAILABLE'),
        'overloaded',
        /overloaded/,
      ],
      [
        504,
        googleError(504, 'Deadline expired before operation could complete.', 'DEADLINE_EXCEEDED'),
        'server',
        /Deadline/,
      ],
    ],
    wait: {
      body: {
        error: {
          code: 429,
          status: 'RESOURCE_EXHAUSTED',
          message: 'Quota exceeded.',
          details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.07s' }],
        },
      },
      ms: 34_070,
    },
    sent: { headers: { 'x-goog-api-key': 'sk-test-7f3a91c4e8d2b605' } },
  },
];

function start(): { type: string } {
  const usage = {
    input_tokens: 472,
    cache_read_input_tokens: 1_000,
    cache_creation_input_tokens: 200,
    output_tokens: 2,
  };
  return {
    type: 'message_start',
    message: { id: 'm', type: 'message', role: 'assistant', content: [], stop_reason: null, usage },
  } as { type: string };
}

function block(index: number, content_block: object, ...deltas: object[]): { type: string }[] {
  return [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ] as { type: string }[];
}

function stop(stop_reason: string): { type: string }[] {
  const delta = { stop_reason, stop_sequence: null };
  return [{ type: 'message_delta', delta, usage: { output_tokens: 89 } }, { type: 'message_stop' }] as {
    type: string;
  }[];
}

function anthropicError(
  status: number,
  type: string,
  message: string,
  kind: Shape['errors'][number][2],
): Shape['errors'][number] {
  return [
    status,
    { type: 'error', error: { type, message }, request_id: 'req_1' },
    kind,
    new RegExp(message.slice(0, 12)),
  ];
}

function google(parts: object[], more: object = {}): object {
  const usageMetadata = {
    promptTokenCount: 120,
    cachedContentTokenCount: 64,
    candidatesTokenCount: 30,
    thoughtsTokenCount: 40,
    totalTokenCount: 190,
  };
  return {
    candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
    usageMetadata,
    modelVersion: 'gemini-3-pro',
  };
}

function googleError(code: number, message: string, status: string): object {
  return { error: { code, message, status } };
}
