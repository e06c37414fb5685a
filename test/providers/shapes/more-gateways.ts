import { args, call, counts, data, done, openaiError, piece, type Shape, weather } from './shape.ts';

/** More vendors that serve models of others. */
const usage = { prompt_tokens: 100, completion_tokens: 30, total_tokens: 130 };
const toolCall = call(0, 'call_1', 'read', ...args);
const thoughts = 'Let me read.';

/** OpenCode's two gateways have one source. */
const opencode = {
  source: [
    'opencode.ai/docs/zen',
    'github.com/anomalyco/opencode: packages/console/app/src/routes/zen/util/handler.ts',
  ],
  streams: [
    {
      what: 'what it cost follows the end',
      raw: `${data(piece({ reasoning_content: thoughts }), ...toolCall, piece({}, 'tool_calls'), counts(usage))}${done}data: {"choices":[],"cost":"0.0012"}\n\n`,
      is: { thoughts, ...weather, stop: 'calls', usage: [100, 30] },
    },
  ],
  errors: [
    // All but one of these say 401, the type tells them apart.
    [401, zenError('AuthError', 'Invalid API key.'), 'auth', /Invalid API key/],
    [401, zenError('CreditsError', 'No payment method. Add one.'), 'quota', /No payment method/],
    [401, zenError('MonthlyLimitError', 'The workspace is at its monthly limit.'), 'quota', /monthly limit/],
    [401, zenError('ModelError', 'Model glm-x not supported'), 'not_found', /glm-x/],
    [403, zenError('RegionError', 'Not in your region.'), 'auth', /region/],
    [500, zenError('error', 'Internal server error'), 'server', /Internal/],
  ],
  wait: {
    headers: { 'retry-after': '1800' },
    body: zenError('GoUsageLimitError', '5-hour limit reached.'),
    ms: 1_800_000,
  },
  sent: { headers: { 'x-opencode-session': 'conversation' } },
} satisfies Omit<Shape, 'vendor'>;

function zenError(type: string, message: string): object {
  return { type: 'error', error: { type, message } };
}

export const moreGateways: Shape[] = [
  {
    vendor: 'huggingface',
    source: [
      'huggingface.co/docs/inference-providers/tasks/chat-completion',
      'huggingface.co/docs/inference-providers/pricing',
    ],
    // It passes on the streams of the providers behind it, and documents no headers.
    streams: [
      {
        what: 'a stream of a provider behind it',
        raw:
          data(piece({ role: 'assistant', reasoning: thoughts }), ...toolCall, piece({}, 'tool_calls'), counts(usage)) +
          done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30] },
      },
    ],
    errors: [
      [
        400,
        openaiError(
          "The requested model 'x' is not supported by any provider you have enabled.",
          'invalid_request_error',
          'model_not_supported',
        ),
        'not_found',
        /not supported/,
      ],
      [401, { error: 'Invalid username or password.' }, 'auth', /Invalid username/],
      [
        402,
        { error: 'You have exceeded your monthly included credits for Inference Providers.' },
        'quota',
        /included credits/,
      ],
      [429, { error: 'Too many requests' }, 'rate_limited', /Too many/],
    ],
  },
  {
    vendor: 'nvidia',
    source: [
      'docs.api.nvidia.com/nim/reference/llm-apis',
      'docs.nvidia.com/nim/large-language-models/latest/api-reference.html',
    ],
    streams: [
      {
        what: 'thinks, then calls a tool',
        raw:
          data(
            piece({ role: 'assistant', content: null, reasoning_content: thoughts }),
            ...toolCall,
            piece({ content: '' }, 'tool_calls'),
            counts(usage),
          ) + done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30] },
      },
    ],
    // Errors of its gateway are those of RFC 9457.
    errors: [
      [
        402,
        { type: 'about:blank', status: 402, title: 'Payment Required', detail: 'Account has no credits left' },
        'quota',
        /no credits/,
      ],
      [
        403,
        { type: 'about:blank', status: 403, title: 'Forbidden', detail: 'Authorization failed' },
        'auth',
        /Authorization failed/,
      ],
      [
        404,
        { type: 'about:blank', status: 404, title: 'Not Found', detail: "Function 'x': Not found for account" },
        'not_found',
        /Not found/,
      ],
      [429, { status: 429, title: 'Too Many Requests' }, 'rate_limited', /Too Many Requests/],
    ],
  },
  { vendor: 'opencode-zen', ...opencode },
  { vendor: 'opencode-go', ...opencode },
  {
    vendor: 'evolink',
    source: ['docs.evolink.ai/en/api-manual/language-series/deepseek/deepseek-reference'],
    streams: [
      {
        what: "the format's own stream",
        raw:
          data(piece({ role: 'assistant', content: '' }), ...toolCall, piece({}, 'tool_calls'), counts(usage)) + done,
        is: { ...weather, stop: 'calls', usage: [100, 30] },
      },
    ],
    errors: [
      [
        401,
        { error: { code: 401, message: 'Invalid or expired token', type: 'authentication_error' } },
        'auth',
        /Invalid or expired/,
      ],
      [
        402,
        { error: { code: 402, message: 'Insufficient quota', type: 'insufficient_quota_error' } },
        'quota',
        /Insufficient quota/,
      ],
      [
        429,
        { error: { code: 429, message: 'Rate limit exceeded', type: 'rate_limit_error' } },
        'rate_limited',
        /Rate limit/,
      ],
      [
        503,
        { error: { code: 503, message: 'Service temporarily unavailable', type: 'service_unavailable_error' } },
        'overloaded',
        /unavailable/,
      ],
    ],
  },
  {
    vendor: 'merge-gateway',
    source: [
      'docs.merge.dev/merge-gateway/streaming',
      'docs.merge.dev/merge-gateway/api-overview/chat-completions/create',
    ],
    streams: [
      {
        what: "OpenAI's stream",
        raw:
          data(piece({ role: 'assistant', content: '' }), ...toolCall, piece({}, 'tool_calls'), counts(usage)) + done,
        is: { ...weather, stop: 'calls', usage: [100, 30] },
      },
      {
        what: 'once a stream is open, a failure is a piece of it',
        raw: data(piece({ content: 'And' }), {
          error: { message: 'All vendors failed', type: 'server_error', code: 'vendor_error' },
        }),
        fails: ['server', /All vendors failed/],
      },
    ],
    errors: [
      [401, openaiError('Invalid API key', 'authentication_error', 'invalid_api_key'), 'auth', /Invalid API key/],
      [
        429,
        openaiError('Rate limit exceeded', 'rate_limit_error', 'rate_limit_exceeded'),
        'rate_limited',
        /Rate limit/,
      ],
    ],
  },
];
