import { args, call, counts, data, done, openaiError, piece, type Shape, weather } from './shape.ts';

/** The vendors that serve models of others. */
const usage = { prompt_tokens: 100, completion_tokens: 30, total_tokens: 130 };
const toolCall = call(0, 'call_1', 'read', ...args);
const thoughts = 'Let me read.';

export const gateways: Shape[] = [
  {
    vendor: 'openrouter',
    source: [
      'openrouter.ai/docs/api/reference/streaming',
      'openrouter.ai/docs/api/reference/errors-and-debugging',
      'openrouter.ai/docs/api/reference/limits',
    ],
    streams: [
      {
        what: 'comments keep the connection, thoughts come in pieces with an index',
        raw:
          ': OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n' +
          data(
            piece({
              content: '',
              reasoning: 'Let me ',
              reasoning_details: [{ type: 'reasoning.text', text: 'Let me ', format: 'anthropic-claude-v1', index: 0 }],
            }),
            piece({
              content: '',
              reasoning: 'read.',
              reasoning_details: [{ type: 'reasoning.text', text: 'read.', format: 'anthropic-claude-v1', index: 0 }],
            }),
            ...toolCall,
            piece({ content: '' }, 'tool_calls'),
            piece({ content: '' }, null, {
              usage: {
                ...usage,
                cost: 0.0012,
                prompt_tokens_details: { cached_tokens: 50 },
                completion_tokens_details: { reasoning_tokens: 4 },
              },
            }),
          ) +
          done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30, 50, 4] },
      },
      {
        what: 'an error in mid-stream stands beside the choice',
        raw: data(
          piece({ content: 'And' }),
          piece({ content: '' }, 'error', {
            error: { code: 'server_error', message: 'Provider disconnected unexpectedly' },
          }),
        ),
        fails: ['server', /Provider disconnected unexpectedly/],
      },
      {
        what: 'or in the choice',
        raw:
          data({
            id: 'c',
            choices: [
              {
                index: 0,
                delta: { content: '' },
                finish_reason: 'error',
                error: { code: 502, message: 'Upstream error' },
              },
            ],
          }) + done,
        fails: ['server', /Upstream error/],
      },
    ],
    errors: [
      [401, { error: { code: 401, message: 'No auth credentials found' } }, 'auth', /No auth/],
      [402, { error: { code: 402, message: 'Insufficient credits' } }, 'quota', /Insufficient credits/],
      [
        403,
        { error: { code: 403, message: 'Input was flagged', metadata: { reasons: ['violence'], flagged_input: 'x' } } },
        'refused',
        /flagged/,
      ],
      [408, { error: { code: 408, message: 'Request timed out' } }, 'server', /timed out/],
      [
        502,
        { error: { code: 502, message: 'Provider returned error', metadata: { provider_name: 'x', raw: '{}' } } },
        'server',
        /Provider returned/,
      ],
      [503, { error: { code: 503, message: 'No available model provider' } }, 'overloaded', /No available/],
    ],
    limits: {
      headers: { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1000000000001' },
      are: { requests: { limit: 20, remaining: 0, resetMs: 0 }, tokens: null },
    },
    wait: { headers: { 'retry-after': '8' }, ms: 8_000 },
    sent: { body: { reasoning_effort: 'low', max_tokens: 4_000 } },
  },
  {
    vendor: 'groq',
    source: ['console.groq.com/docs/rate-limits', 'console.groq.com/docs/errors', 'console.groq.com/docs/reasoning'],
    streams: [
      {
        what: 'it counts in a field of its own',
        raw:
          data(
            piece({ role: 'assistant', content: '' }, null, { x_groq: { id: 'req_1' } }),
            piece({ reasoning: thoughts }),
            piece({
              tool_calls: [
                { index: 0, id: 'fc_1', type: 'function', function: { name: 'read', arguments: args.join('') } },
              ],
            }),
            piece({}, 'tool_calls', {
              x_groq: { id: 'req_1', usage: { ...usage, queue_time: 0.02, total_time: 0.3 } },
            }),
          ) + done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30] },
      },
      {
        what: 'a call that the model wrote wrongly is malformed, also in mid-stream',
        raw: data(piece({ content: '' }), {
          error: {
            message: 'Failed to call a function.',
            type: 'invalid_request_error',
            code: 'tool_use_failed',
            failed_generation: '<function=read',
          },
        }),
        fails: ['malformed', /Failed to call a function/],
      },
    ],
    errors: [
      [
        400,
        {
          error: {
            message: "Failed to call a function. See 'failed_generation'.",
            type: 'invalid_request_error',
            code: 'tool_use_failed',
            failed_generation: '{"name": read}',
          },
        },
        'malformed',
        /Failed to call/,
      ],
      [
        413,
        openaiError(
          'Request too large for model `x` on tokens per minute (TPM): Limit 8000, Requested 9000',
          'tokens',
          'rate_limit_exceeded',
        ),
        'context_overflow',
        /too large/,
      ],
      [422, openaiError('Unprocessable Entity', 'invalid_request_error'), 'request', /Unprocessable/],
      [498, openaiError('Flex tier capacity exceeded', 'capacity_exceeded'), 'overloaded', /capacity/],
    ],
    limits: {
      headers: {
        'x-ratelimit-limit-requests': '14400',
        'x-ratelimit-limit-tokens': '18000',
        'x-ratelimit-remaining-requests': '14370',
        'x-ratelimit-remaining-tokens': '17997',
        'x-ratelimit-reset-requests': '2m59.56s',
        'x-ratelimit-reset-tokens': '7.66s',
      },
      are: {
        requests: { limit: 14_400, remaining: 14_370, resetMs: 180_000 },
        tokens: { limit: 18_000, remaining: 17_997, resetMs: 8_000 },
      },
    },
    wait: {
      body: openaiError(
        'Rate limit reached: Limit 15000, Used 11972, Requested 4351. Please try again in 5.289s. Visit …',
        'tokens',
        'rate_limit_exceeded',
      ),
      ms: 5_289,
    },
    sent: { body: { max_completion_tokens: 4_000, reasoning_effort: 'low' } },
  },
  {
    vendor: 'together',
    source: [
      'docs.together.ai/docs/rate-limits',
      'docs.together.ai/docs/error-codes',
      'docs.together.ai/docs/glm-5.3-quickstart',
    ],
    streams: [
      {
        what: 'thoughts are in `reasoning`, the last piece counts and has no choice',
        raw: data(piece({ reasoning: thoughts }), ...toolCall, piece({}, 'tool_calls'), counts(usage)) + done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30] },
      },
      {
        what: 'or in `reasoning_content`, and the end of the text has a reason of its own',
        raw:
          data(
            piece({ reasoning_content: thoughts }),
            piece({ content: 'Yes.' }),
            piece({ content: '' }, 'eos', { usage }),
          ) + done,
        is: { text: 'Yes.', thoughts, stop: 'done', usage: [100, 30] },
      },
    ],
    errors: [
      [
        401,
        openaiError('Invalid API key provided.', 'invalid_request_error', 'invalid_api_key'),
        'auth',
        /Invalid API key/,
      ],
      [402, openaiError('You have reached your spending limit.', 'credit_limit'), 'quota', /spending limit/],
      [
        422,
        openaiError(
          'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097',
          'invalid_request_error',
        ),
        'context_overflow',
        /4097/,
      ],
      [503, openaiError('The engine is overloaded with requests', 'server_error'), 'overloaded', /overloaded/],
      [524, openaiError('Cloudflare timeout', 'server_error'), 'server', /timeout/],
    ],
    limits: {
      headers: {
        'x-ratelimit-limit': '10',
        'x-ratelimit-remaining': '9',
        'x-ratelimit-reset': '1',
        'x-tokenlimit-limit': '3000',
        'x-tokenlimit-remaining': '2900',
      },
      are: {
        requests: { limit: 10, remaining: 9, resetMs: 1_000 },
        tokens: { limit: 3_000, remaining: 2_900, resetMs: null },
      },
    },
  },
  {
    vendor: 'fireworks',
    source: [
      'docs.fireworks.ai/serverless/rate-limits',
      'docs.fireworks.ai/guides/inference-error-codes',
      'docs.fireworks.ai/guides/reasoning',
    ],
    streams: [
      {
        what: 'the last piece has the reason and counts',
        raw:
          data(
            piece({ reasoning_content: thoughts }),
            ...toolCall,
            piece({}, 'tool_calls', { usage: { ...usage, prompt_tokens_details: { cached_tokens: 30 } } }),
          ) + done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30, 30] },
      },
    ],
    errors: [
      [
        400,
        {
          error: {
            object: 'error',
            type: 'invalid_request_error',
            code: 'invalid_request_error',
            message: 'The prompt is too long: 140000, model maximum context length: 131071',
          },
        },
        'context_overflow',
        /too long/,
      ],
      [
        404,
        {
          error: {
            object: 'error',
            type: 'invalid_request_error',
            code: 'NOT_FOUND',
            message: 'Model not found, inaccessible, and/or not deployed',
          },
        },
        'not_found',
        /not found/,
      ],
      [
        412,
        { error: { message: 'Account x is suspended, possibly due to reaching the monthly spending limit' } },
        'quota',
        /suspended/,
      ],
      [503, { error: { message: 'Service overloaded' } }, 'overloaded', /overloaded/],
    ],
    limits: {
      headers: {
        'x-ratelimit-limit-tokens-prompt': '3600000',
        'x-ratelimit-remaining-tokens-prompt': '3599000',
        'x-ratelimit-limit-tokens-generated': '36000',
      },
      are: { requests: null, tokens: { limit: 3_600_000, remaining: 3_599_000, resetMs: null } },
    },
  },
];
