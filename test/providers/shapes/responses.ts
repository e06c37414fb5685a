import { done, named, openaiError, type Shape } from './shape.ts';

/** OpenAI's Responses, and the vendors that serve it. */
const created = { type: 'response.created', response: { id: 'r', status: 'in_progress', output: [] } };
const functionCall = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'read', status: 'completed' };
const calling = [
  { type: 'response.output_item.added', output_index: 1, item: { ...functionCall, arguments: '' } },
  { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 1, delta: '{"path":' },
  { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 1, delta: '"a.ts"}' },
  { type: 'response.function_call_arguments.done', item_id: 'fc_1', output_index: 1, arguments: '{"path":"a.ts"}' },
  { type: 'response.output_item.done', output_index: 1, item: { ...functionCall, arguments: '{"path":"a.ts"}' } },
];
const said = (text: string) => [
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: { type: 'message', id: 'msg_1', role: 'assistant', content: [] },
  },
  {
    type: 'response.content_part.added',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    part: { type: 'output_text', text: '' },
  },
  { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: text },
  { type: 'response.output_text.done', item_id: 'msg_1', output_index: 0, content_index: 0, text },
];
const ended = (type: string, more: object = {}) => ({
  type: `response.${type}`,
  response: {
    id: 'r',
    object: 'response',
    status: type,
    output: [],
    usage: {
      input_tokens: 328,
      input_tokens_details: { cached_tokens: 128 },
      output_tokens: 52,
      output_tokens_details: { reasoning_tokens: 16 },
      total_tokens: 380,
    },
    ...more,
  },
});
const reasoned = [
  { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning', id: 'rs_1', summary: [] } },
  { type: 'response.reasoning_summary_part.added', item_id: 'rs_1', output_index: 0, summary_index: 0 },
  {
    type: 'response.reasoning_summary_text.delta',
    item_id: 'rs_1',
    output_index: 0,
    summary_index: 0,
    delta: 'Let me read.',
  },
  {
    type: 'response.output_item.done',
    output_index: 0,
    item: {
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: 'Let me read.' }],
      encrypted_content: 'x',
    },
  },
];
const read: [string, unknown][] = [['read', { path: 'a.ts' }]];
const responses: Shape['streams'] = [
  {
    what: 'thinks, then calls a tool',
    raw: named(created, ...reasoned, ...calling, ended('completed')),
    is: { thoughts: 'Let me read.', calls: read, stop: 'calls', usage: [328, 52, 128, 16] },
  },
  {
    what: 'incomplete for its limit is a cut answer',
    raw: named(
      created,
      ...said('And th'),
      ended('incomplete', { incomplete_details: { reason: 'max_output_tokens' } }),
    ),
    is: { text: 'And th', stop: 'length', usage: [328, 52, 128, 16] },
  },
  {
    what: 'incomplete for its content filter is a refusal',
    raw: named(created, ended('incomplete', { incomplete_details: { reason: 'content_filter' } })),
    fails: ['refused', /content filter/],
  },
  {
    what: 'a failed response is its error',
    raw: named(created, ended('failed', { error: { code: 'server_error', message: 'The model failed to generate.' } })),
    fails: ['server', /The model failed to generate/],
  },
];

export const responsesVendors: Shape[] = [
  {
    vendor: 'openai',
    source: [
      'platform.openai.com/docs/api-reference/responses-streaming',
      'platform.openai.com/docs/guides/error-codes',
      'platform.openai.com/docs/guides/rate-limits',
    ],
    streams: [
      ...responses,
      {
        what: 'an error event is its error',
        raw: named(created, {
          type: 'error',
          code: 'rate_limit_exceeded',
          message: 'Rate limit reached',
          param: null,
        } as { type: string }),
        fails: ['rate_limited', /Rate limit reached/],
      },
    ],
    errors: [
      [
        401,
        openaiError('Incorrect API key provided: sk-x.', 'invalid_request_error', 'invalid_api_key'),
        'auth',
        /Incorrect API key/,
      ],
      [
        403,
        openaiError(
          'Country, region, or territory not supported',
          'request_forbidden',
          'unsupported_country_region_territory',
        ),
        'auth',
        /not supported/,
      ],
      [
        429,
        openaiError(
          'You exceeded your current quota, please check your plan and billing details.',
          'insufficient_quota',
          'insufficient_quota',
        ),
        'quota',
        /exceeded your current quota/,
      ],
      [
        503,
        openaiError('The engine is currently overloaded, please try again later', 'server_error'),
        'overloaded',
        /overloaded/,
      ],
    ],
    limits: {
      headers: {
        'x-ratelimit-limit-requests': '60',
        'x-ratelimit-limit-tokens': '150000',
        'x-ratelimit-remaining-requests': '59',
        'x-ratelimit-remaining-tokens': '149984',
        'x-ratelimit-reset-requests': '1s',
        'x-ratelimit-reset-tokens': '6m0s',
      },
      are: {
        requests: { limit: 60, remaining: 59, resetMs: 1_000 },
        tokens: { limit: 150_000, remaining: 149_984, resetMs: 360_000 },
      },
    },
    sent: { body: { store: false, prompt_cache_key: 'conversation', reasoning: { effort: 'low', summary: 'auto' } } },
  },
  {
    vendor: 'azure',
    source: [
      'learn.microsoft.com/azure/ai-foundry/openai/latest',
      'learn.microsoft.com/azure/ai-foundry/openai/quotas-limits',
    ],
    streams: responses,
    errors: [
      [
        401,
        { error: { code: '401', message: 'Access denied due to invalid subscription key or wrong API endpoint.' } },
        'auth',
        /invalid subscription key/,
      ],
      [
        404,
        { error: { code: 'DeploymentNotFound', message: 'The API deployment for this resource does not exist.' } },
        'not_found',
        /deployment/,
      ],
      [
        400,
        openaiError(
          "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
          'invalid_request_error',
          'content_filter',
        ),
        'refused',
        /filtered/,
      ],
      [
        429,
        {
          error: {
            code: '429',
            message: 'Requests to the Responses API have exceeded call rate limit. Please retry after 22 seconds.',
          },
        },
        'rate_limited',
        /rate limit/,
      ],
    ],
    limits: {
      headers: { 'x-ratelimit-remaining-requests': '9', 'x-ratelimit-remaining-tokens': '9984' },
      are: {
        requests: { limit: null, remaining: 9, resetMs: null },
        tokens: { limit: null, remaining: 9_984, resetMs: null },
      },
    },
    wait: { headers: { 'retry-after': '22', 'retry-after-ms': '21400' }, ms: 21_400 },
    sent: { headers: { 'api-key': 'sk-test-7f3a91c4e8d2b605' } },
  },
  {
    vendor: 'openresponses',
    // Its streams end with [DONE] after the last event, and its errors have types of their own.
    source: ['openresponses.org/specification'],
    streams: [
      ...responses,
      {
        what: '[DONE] follows the last event',
        raw: named(created, ...said('Yes.'), ended('completed')) + done,
        is: { text: 'Yes.', stop: 'done', usage: [328, 52, 128, 16] },
      },
    ],
    errors: [
      [429, { error: { type: 'too_many_requests', message: 'Too many requests.' } }, 'rate_limited', /Too many/],
      [
        400,
        { error: { type: 'invalid_request', message: 'The parameter foo is unknown.', param: 'foo', code: null } },
        'request',
        /foo/,
      ],
      [500, { error: { type: 'model_error', message: 'The model failed.' } }, 'server', /The model failed/],
    ],
    wait: { headers: { 'retry-after': '3' }, ms: 3_000 },
  },
];
