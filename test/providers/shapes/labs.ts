import { args, call, data, done, named, openaiError, piece, type Shape, weather } from './shape.ts';

/** The vendors of their own models that speak a format of another. */
const usage = { prompt_tokens: 100, completion_tokens: 30, total_tokens: 130 };
const thinks = (field: string) => [
  piece({ role: 'assistant', content: null, [field]: 'Let me ' }),
  piece({ [field]: 'read.' }),
];
const toolCall = call(0, 'call_1', 'read', ...args);
const thoughts = 'Let me read.';

export const labs: Shape[] = [
  {
    vendor: 'deepseek',
    source: [
      'api-docs.deepseek.com/api/create-chat-completion',
      'api-docs.deepseek.com/quick_start/error_codes',
      'api-docs.deepseek.com/quick_start/rate_limit',
    ],
    // It documents no headers: while a request waits it sends comments.
    streams: [
      {
        what: 'comments keep the connection, thoughts come apart, the cache is counted',
        raw:
          ': keep-alive\n\n: keep-alive\n\n' +
          data(
            ...thinks('reasoning_content'),
            ...toolCall,
            piece({ content: '' }, 'tool_calls', {
              usage: {
                ...usage,
                prompt_cache_hit_tokens: 64,
                prompt_cache_miss_tokens: 36,
                completion_tokens_details: { reasoning_tokens: 12 },
              },
            }),
          ) +
          done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30, 64, 12] },
      },
      {
        what: 'a lack of resources interrupts',
        raw: data(piece({ content: 'And' }), piece({ content: '' }, 'insufficient_system_resource')) + done,
        fails: ['overloaded', /insufficient_system_resource/],
      },
      {
        what: 'its filter is a refusal',
        raw: data(piece({ content: '' }, 'content_filter')) + done,
        fails: ['refused', /content filter/],
      },
    ],
    errors: [
      [
        400,
        openaiError('Failed to deserialize the JSON body', 'invalid_request_error', 'invalid_request_error'),
        'request',
        /deserialize/,
      ],
      [
        401,
        openaiError(
          'Authentication Fails, Your api key: ****x is invalid',
          'authentication_error',
          'invalid_request_error',
        ),
        'auth',
        /Authentication Fails/,
      ],
      [
        402,
        openaiError('Insufficient Balance', 'unknown_error', 'invalid_request_error'),
        'quota',
        /Insufficient Balance/,
      ],
      [422, openaiError('Invalid parameters', 'invalid_request_error'), 'request', /Invalid parameters/],
      [429, openaiError('Rate Limit Reached', 'rate_limit_error'), 'rate_limited', /Rate Limit/],
      [503, openaiError('Server overloaded', 'server_error'), 'overloaded', /overloaded/],
    ],
    sent: { body: { max_tokens: 4_000, reasoning_effort: 'low' } },
  },
  {
    vendor: 'zai',
    source: ['docs.z.ai/api-reference/llm/chat-completion', 'docs.z.ai/api-reference/api-code'],
    streams: [
      {
        what: 'a call comes whole, and the last piece counts',
        raw:
          data(
            ...thinks('reasoning_content'),
            piece({
              role: 'assistant',
              tool_calls: [
                { id: 'call_1', index: 0, type: 'function', function: { name: 'read', arguments: args.join('') } },
              ],
            }),
            piece({ role: 'assistant', content: '' }, 'tool_calls', {
              usage: { ...usage, prompt_tokens_details: { cached_tokens: 40 } },
            }),
          ) + done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30, 40] },
      },
      {
        what: 'what its filter stops is a refusal',
        raw: data(piece({ content: '' }, 'sensitive')) + done,
        fails: ['refused', /sensitive/],
      },
      {
        what: 'a broken inference interrupts',
        raw: data(piece({ content: 'And' }, 'network_error')) + done,
        fails: ['server', /network_error/],
      },
      {
        what: 'a full window is a cut answer',
        raw: data(piece({ content: 'And' }, 'model_context_window_exceeded', { usage })) + done,
        is: { text: 'And', stop: 'length', usage: [100, 30] },
      },
    ],
    errors: [
      [401, { error: { code: '1000', message: 'Authentication Failed' } }, 'auth', /Authentication Failed/],
      [
        400,
        { error: { code: '1211', message: 'Unknown Model, please check the model code.' } },
        'not_found',
        /Unknown Model/,
      ],
      [400, { error: { code: '1261', message: 'Prompt exceeds max length' } }, 'context_overflow', /max length/],
      [
        400,
        {
          error: {
            code: '1301',
            message: 'System detected potentially unsafe or sensitive content in input or generation.',
          },
        },
        'refused',
        /unsafe/,
      ],
      [
        429,
        { error: { code: '1113', message: 'Insufficient balance or no resource package. Please recharge.' } },
        'quota',
        /Insufficient balance/,
      ],
      [
        429,
        { error: { code: '1302', message: 'High concurrency usage of this API, please reduce concurrency' } },
        'rate_limited',
        /concurrency/,
      ],
      [
        500,
        { error: { code: '1234', message: 'Network error, please contact customer service.' } },
        'server',
        /Network error/,
      ],
    ],
    sent: { body: { reasoning_effort: 'low' } },
  },
  {
    vendor: 'moonshot',
    source: [
      'platform.kimi.ai/docs/api/chat',
      'platform.kimi.com/docs/api/errors',
      'www.kimi.com/help/kimi-api/api-rate-limits',
    ],
    streams: [
      {
        what: 'it counts within the choice',
        raw:
          data(...thinks('reasoning_content'), ...toolCall, {
            id: 'c',
            object: 'chat.completion.chunk',
            choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls', usage: { ...usage, cached_tokens: 24 } }],
          }) + done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30, 24] },
      },
    ],
    errors: [
      [
        400,
        { error: { type: 'content_filter', message: 'The request was rejected because it was considered high risk' } },
        'refused',
        /high risk/,
      ],
      [
        400,
        { error: { type: 'invalid_request_error', message: 'Input token length too long' } },
        'context_overflow',
        /too long/,
      ],
      [
        401,
        { error: { type: 'invalid_authentication_error', message: 'Invalid Authentication' } },
        'auth',
        /Invalid Authentication/,
      ],
      [
        429,
        {
          error: {
            type: 'exceeded_current_quota_error',
            message: 'Your account is not active, current state: suspended',
          },
        },
        'quota',
        /suspended/,
      ],
      [
        429,
        {
          error: {
            type: 'engine_overloaded_error',
            message: 'The engine is currently overloaded, please try again later',
          },
        },
        'overloaded',
        /overloaded/,
      ],
    ],
    limits: {
      headers: { 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '199', 'x-ratelimit-reset': '2' },
      are: { requests: { limit: 200, remaining: 199, resetMs: 2_000 }, tokens: null },
    },
    wait: {
      body: {
        error: {
          type: 'rate_limit_reached_error',
          message: 'Your account reached its max organization concurrency: 1, please try again after 3 seconds',
        },
      },
      ms: 3_000,
    },
    sent: { body: { prompt_cache_key: 'conversation' } },
  },
  {
    vendor: 'minimax',
    source: [
      'platform.minimax.io/docs/api-reference/text-anthropic-api',
      'platform.minimax.io/docs/api-reference/errorcode',
    ],
    streams: [
      {
        what: "Anthropic's events, with calls that come whole",
        raw: named(
          ...([
            {
              type: 'message_start',
              message: {
                id: 'm',
                type: 'message',
                role: 'assistant',
                content: [],
                usage: { input_tokens: 0, output_tokens: 0 },
              },
            },
            { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
            { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: thoughts } },
            { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: '9fa' } },
            { type: 'content_block_stop', index: 0 },
            {
              type: 'content_block_start',
              index: 1,
              content_block: { type: 'tool_use', id: 'call_1', name: 'read', input: { path: 'a.ts' } },
            },
            { type: 'content_block_stop', index: 1 },
            {
              type: 'message_delta',
              delta: { stop_reason: 'tool_use' },
              usage: { input_tokens: 100, output_tokens: 30, cache_read_input_tokens: 20 },
            },
            { type: 'message_stop' },
          ] as { type: string }[]),
        ),
        is: { thoughts, ...weather, stop: 'calls', usage: [120, 30, 20] },
      },
    ],
    // Errors come with 200 and codes of its own, or in Anthropic's shape.
    errors: [
      [200, { base_resp: { status_code: 1002, status_msg: 'rate limit' } }, 'rate_limited', /rate limit/],
      [
        200,
        { base_resp: { status_code: 1004, status_msg: 'login fail: carry the API secret key' } },
        'auth',
        /login fail/,
      ],
      [200, { base_resp: { status_code: 1008, status_msg: 'insufficient balance' } }, 'quota', /insufficient balance/],
      [200, { base_resp: { status_code: 1027, status_msg: 'output new_sensitive' } }, 'refused', /sensitive/],
      [200, { base_resp: { status_code: 1039, status_msg: 'token limit' } }, 'context_overflow', /token limit/],
      [200, { base_resp: { status_code: 2013, status_msg: 'invalid params' } }, 'request', /invalid params/],
      [200, { base_resp: { status_code: 1033, status_msg: 'system error' } }, 'server', /system error/],
      [
        401,
        { type: 'error', error: { type: 'authentication_error', message: 'login fail' }, request_id: 'x' },
        'auth',
        /login fail/,
      ],
    ],
    sent: { headers: { 'x-api-key': 'sk-test-7f3a91c4e8d2b605' } },
  },
];
