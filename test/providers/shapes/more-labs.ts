import { args, call, counts, data, done, openaiError, piece, type Shape, weather } from './shape.ts';

/** More vendors of their own models that speak a format of another. */
const usage = { prompt_tokens: 100, completion_tokens: 30, total_tokens: 130 };
const thinks = (field: string) => [
  piece({ role: 'assistant', content: null, [field]: 'Let me ' }),
  piece({ [field]: 'read.' }),
];
const toolCall = call(0, 'call_1', 'read', ...args);
const thoughts = 'Let me read.';

export const moreLabs: Shape[] = [
  {
    vendor: 'mistral',
    source: [
      'docs.mistral.ai/api/endpoint/chat',
      'docs.mistral.ai/capabilities/reasoning',
      'docs.mistral.ai/resources/error-glossary',
    ],
    streams: [
      {
        what: 'thoughts are parts of the content, a call comes whole without an index',
        raw:
          data(
            piece({ role: 'assistant', content: [{ type: 'thinking', thinking: [{ type: 'text', text: thoughts }] }] }),
            piece({ content: 'Reading.' }),
            piece(
              { content: '', tool_calls: [{ id: 'D681PevKs', function: { name: 'read', arguments: args.join('') } }] },
              'tool_calls',
              { usage },
            ),
          ) + done,
        is: { text: 'Reading.', thoughts, ...weather, stop: 'calls', usage: [100, 30] },
      },
      {
        what: 'the limit of the model is a cut answer',
        raw: data(piece({ content: 'And' }, 'model_length', { usage })) + done,
        is: { text: 'And', stop: 'length', usage: [100, 30] },
      },
    ],
    errors: [
      [
        400,
        { object: 'error', message: 'Invalid model: mistral-x', type: 'invalid_model', param: null, code: '1500' },
        'not_found',
        /Invalid model/,
      ],
      [401, { detail: 'Unauthorized' }, 'auth', /Unauthorized/],
      [
        422,
        {
          detail: [
            {
              type: 'extra_forbidden',
              loc: ['body', 'messages', 2],
              msg: 'Extra inputs are not permitted',
              input: 'x',
            },
          ],
        },
        'request',
        /Extra inputs/,
      ],
      [
        429,
        { object: 'error', message: 'Rate limit exceeded', type: 'rate_limited', param: null, code: '1300' },
        'rate_limited',
        /Rate limit/,
      ],
    ],
    limits: {
      headers: {
        'x-ratelimit-limit-req-minute': '60',
        'x-ratelimit-remaining-req-minute': '59',
        'x-ratelimit-limit-tokens-minute': '500000',
        'x-ratelimit-remaining-tokens-minute': '499000',
      },
      are: {
        requests: { limit: 60, remaining: 59, resetMs: null },
        tokens: { limit: 500_000, remaining: 499_000, resetMs: null },
      },
    },
    sent: { body: { max_tokens: 4_000 } },
  },
  {
    vendor: 'xai',
    source: [
      'docs.x.ai/docs/api-reference',
      'docs.x.ai/docs/key-information/debugging',
      'docs.x.ai/docs/guides/reasoning',
    ],
    streams: [
      {
        what: 'a call comes whole in one piece, thinking is counted apart from the answer',
        raw:
          data(
            ...thinks('reasoning_content'),
            piece({
              tool_calls: [
                { index: 0, id: 'call_1', type: 'function', function: { name: 'read', arguments: args.join('') } },
              ],
            }),
            piece({}, 'tool_calls'),
            counts({
              prompt_tokens: 100,
              completion_tokens: 10,
              total_tokens: 160,
              prompt_tokens_details: { cached_tokens: 7 },
              completion_tokens_details: { reasoning_tokens: 50 },
            }),
          ) + done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 60, 7, 50] },
      },
    ],
    // The sentence is in `error`, the kind in `code`.
    errors: [
      [
        400,
        { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***x.' },
        'auth',
        /Incorrect API key/,
      ],
      [
        403,
        {
          code: 'The caller does not have permission to execute the specified operation',
          error: 'Your team has no credits.',
        },
        'auth',
        /no credits/,
      ],
      [
        404,
        { code: 'Some requested entity was not found', error: 'The model grok-x does not exist' },
        'not_found',
        /grok-x/,
      ],
      [
        429,
        { code: 'Some resource has been exhausted', error: 'Too many requests for team and model grok-4' },
        'rate_limited',
        /Too many/,
      ],
    ],
    limits: {
      headers: {
        'x-ratelimit-limit-requests': '480',
        'x-ratelimit-remaining-requests': '479',
        'x-ratelimit-limit-tokens': '4000000',
        'x-ratelimit-remaining-tokens': '3999000',
      },
      are: {
        requests: { limit: 480, remaining: 479, resetMs: null },
        tokens: { limit: 4_000_000, remaining: 3_999_000, resetMs: null },
      },
    },
    sent: { body: { max_completion_tokens: 4_000, reasoning_effort: 'low' } },
  },
  {
    vendor: 'qwen',
    source: [
      'help.aliyun.com/en/model-studio/error-code',
      'alibabacloud.com/help/en/model-studio/rate-limit',
      'alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope',
    ],
    streams: [
      {
        what: 'content is null while it thinks, an id is empty after the first piece',
        raw:
          data(
            piece({ content: null, reasoning_content: thoughts }),
            piece({
              content: null,
              tool_calls: [
                { index: 0, id: 'call_1', type: 'function', function: { name: 'read', arguments: args[0] } },
              ],
            }),
            piece({
              content: null,
              tool_calls: [{ index: 0, id: '', type: 'function', function: { name: '', arguments: args[1] } }],
            }),
            piece({ content: null }, 'tool_calls'),
            counts({
              ...usage,
              completion_tokens_details: { reasoning_tokens: 9 },
              prompt_tokens_details: { cached_tokens: 0 },
            }),
          ) + done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30, 0, 9] },
      },
    ],
    errors: [
      [
        400,
        openaiError('Access denied, please make sure your account is in good standing.', 'Arrearage', 'Arrearage'),
        'quota',
        /good standing/,
      ],
      [
        400,
        openaiError(
          'Input data may contain inappropriate content.',
          'data_inspection_failed',
          'data_inspection_failed',
        ),
        'refused',
        /inappropriate/,
      ],
      [
        400,
        openaiError('Range of input length should be [1, 129024]', 'invalid_request_error', 'invalid_parameter_error'),
        'context_overflow',
        /Range of input/,
      ],
      [
        401,
        openaiError('Incorrect API key provided.', 'invalid_request_error', 'invalid_api_key'),
        'auth',
        /Incorrect API key/,
      ],
      [
        404,
        openaiError(
          'The model `qwen-x` does not exist or you do not have access to it.',
          'invalid_request_error',
          'model_not_found',
        ),
        'not_found',
        /qwen-x/,
      ],
      // It means the allowance of a minute.
      [
        429,
        openaiError(
          'You exceeded your current quota, please check your plan and billing details.',
          'insufficient_quota',
          'insufficient_quota',
        ),
        'rate_limited',
        /quota/,
      ],
      [
        429,
        openaiError('Requests rate limit exceeded, please try again later.', 'limit_requests', 'limit_requests'),
        'rate_limited',
        /rate limit/,
      ],
    ],
  },
  {
    vendor: 'stepfun',
    // Its documentation of errors could not be read: they are the format's.
    source: ['platform.stepfun.ai/docs/en/api-reference/chat-completions'],
    streams: [
      {
        what: 'thoughts are in `reasoning`',
        raw:
          data(...thinks('reasoning'), ...toolCall, piece({}, 'tool_calls'), counts({ ...usage, cached_tokens: 5 })) +
          done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30, 5] },
      },
    ],
    errors: [
      [401, openaiError('Incorrect API key provided', 'invalid_api_key'), 'auth', /Incorrect API key/],
      [451, openaiError('The content was blocked', 'censorship_blocked'), 'refused', /blocked/],
      [429, openaiError('Request rate limited', 'rate_limited'), 'rate_limited', /rate limited/],
    ],
  },
  {
    vendor: 'meta',
    // It says that it answers in the shape of OpenAI's chat completions, and no more.
    source: ['dev.meta.ai/docs/protocols/chat-completions'],
    streams: [
      {
        what: "the format's own stream",
        raw:
          data(piece({ role: 'assistant', content: '' }), ...toolCall, piece({}, 'tool_calls'), counts(usage)) + done,
        is: { ...weather, stop: 'calls', usage: [100, 30] },
      },
    ],
    errors: [
      [401, openaiError('Invalid API key.', 'invalid_request_error', 'invalid_api_key'), 'auth', /Invalid API key/],
      [
        404,
        openaiError('The model muse-x does not exist.', 'invalid_request_error', 'model_not_found'),
        'not_found',
        /muse-x/,
      ],
    ],
  },
  {
    vendor: 'mimo',
    source: ['platform.xiaomimimo.com/docs/en-US/api/chat/openai-api'],
    streams: [
      {
        what: 'thinks, then calls a tool',
        raw:
          data(
            ...thinks('reasoning_content'),
            ...toolCall,
            piece({}, 'tool_calls'),
            counts({ ...usage, completion_tokens_details: { reasoning_tokens: 8 } }),
          ) + done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30, undefined, 8] },
      },
      {
        what: 'a model that repeats itself is cut',
        raw: data(piece({ content: 'And and and' }, 'repetition_truncation', { usage })) + done,
        is: { text: 'And and and', stop: 'length', usage: [100, 30] },
      },
    ],
    errors: [
      // The sentence is in `param`.
      [
        400,
        { error: { message: 'Param Incorrect', param: 'The messages field is empty here', code: '400' } },
        'request',
        /Param Incorrect: The messages field is empty/,
      ],
      [
        401,
        { error: { message: 'Invalid API Key', type: 'authentication_error', code: '401' } },
        'auth',
        /Invalid API Key/,
      ],
    ],
    sent: { body: { max_completion_tokens: 4_000 } },
  },
  {
    vendor: 'poolside',
    // Its documentation of the API could not be found: the shapes are the format's.
    source: ['docs.poolside.ai'],
    streams: [
      {
        what: "the format's own stream",
        raw: data(...thinks('reasoning_content'), ...toolCall, piece({}, 'tool_calls'), counts(usage)) + done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30] },
      },
    ],
    errors: [[401, { error: { message: 'unauthorized', code: 401 } }, 'auth', /unauthorized/]],
  },
];
