import { args, call, counts, data, done, openaiError, piece, type Shape, weather } from './shape.ts';

/** Servers on the user's own machine, and Ollama's cloud, which answers as they do. */
const usage = { prompt_tokens: 100, completion_tokens: 30, total_tokens: 130 };
const thoughts = 'Let me read.';

const ollama: Pick<Shape, 'source' | 'streams'> = {
  source: ['docs.ollama.com/api/openai-compatibility', 'docs.ollama.com/api/errors'],
  streams: [
    {
      what: 'thoughts are in `reasoning`, calls come whole',
      raw:
        data(
          piece({ role: 'assistant', content: '', reasoning: 'Let me ' }),
          piece({ role: 'assistant', content: '', reasoning: 'read.' }),
          piece({
            role: 'assistant',
            content: '',
            tool_calls: [
              { id: 'call_1', index: 0, type: 'function', function: { name: 'read', arguments: args.join('') } },
            ],
          }),
          piece({ role: 'assistant', content: '' }, 'tool_calls'),
          counts(usage),
        ) + done,
      is: { thoughts, ...weather, stop: 'calls', usage: [100, 30] },
    },
    {
      what: 'several calls have the index 0 in older versions',
      raw:
        data(
          piece({
            tool_calls: [
              { id: 'call_1', index: 0, type: 'function', function: { name: 'read', arguments: '{"path":"a.ts"}' } },
            ],
          }),
          piece({
            tool_calls: [
              { id: 'call_2', index: 0, type: 'function', function: { name: 'list', arguments: '{"path":"src"}' } },
            ],
          }),
          piece({}, 'stop', { usage }),
        ) + done,
      is: {
        calls: [
          ['read', { path: 'a.ts' }],
          ['list', { path: 'src' }],
        ],
        stop: 'calls',
        usage: [100, 30],
      },
    },
    {
      what: 'an error in mid-stream is a line of its own',
      raw: `${data(piece({ content: 'And' }))}{"error":"an error was encountered while running the model: unexpected EOF"}\n`,
      fails: ['server', /unexpected EOF/],
    },
  ],
};

export const localServers: Shape[] = [
  {
    vendor: 'ollama',
    ...ollama,
    errors: [
      [404, openaiError('model "x" not found, try pulling it first', 'not_found_error'), 'not_found', /not found/],
      [400, openaiError('"x" does not support tools', 'api_error'), 'request', /does not support tools/],
      // Its 500 may mean that no later attempt can succeed.
      [
        500,
        openaiError('model requires more system memory (20 GiB) than is available', 'api_error'),
        'request',
        /memory/,
      ],
      [500, openaiError('error parsing tool call: raw=\'{"a":\'', 'api_error'), 'malformed', /parsing tool call/],
      [
        503,
        openaiError('server busy, please try again. maximum pending requests exceeded', 'api_error'),
        'overloaded',
        /busy/,
      ],
    ],
    sent: { body: { max_tokens: 4_000, reasoning_effort: 'low' } },
  },
  {
    vendor: 'ollama-cloud',
    ...ollama,
    errors: [
      [401, { error: 'unauthorized' }, 'auth', /unauthorized/],
      [404, openaiError("model 'x' not found", 'not_found_error'), 'not_found', /not found/],
      [
        429,
        { error: 'you (someone) have reached your weekly usage limit, upgrade for higher limits' },
        'quota',
        /weekly usage limit/,
      ],
      [502, { error: 'upstream error' }, 'server', /upstream/],
    ],
  },
  {
    vendor: 'lmstudio',
    source: [
      'lmstudio.ai/docs/developer/openai-compat/tools',
      'lmstudio.ai/docs/developer/openai-compat/chat-completions',
    ],
    streams: [
      {
        what: 'the id comes once, the name once, the arguments in pieces',
        raw:
          data(
            piece({ role: 'assistant', reasoning_content: thoughts }),
            ...call(0, '123456789', 'read', ...args),
            piece({}, 'tool_calls'),
            counts(usage),
          ) + done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30] },
      },
      {
        what: 'an error in mid-stream has a name',
        raw: `${data(piece({ content: 'And' }))}event: error\ndata: {"error":{"message":"The model has crashed"}}\n\n`,
        fails: ['server', /The model has crashed/],
      },
    ],
    errors: [
      [
        404,
        openaiError(
          'No models loaded. Please load a model in the developer page.',
          'invalid_request_error',
          'model_not_found',
        ),
        'not_found',
        /No models loaded/,
      ],
      [
        400,
        {
          error:
            'The number of tokens to keep from the initial prompt is greater than the context length. Load the model with a larger context length.',
        },
        'context_overflow',
        /greater than the context/,
      ],
      [400, { error: "'messages' field is required" }, 'request', /required/],
    ],
  },
  {
    vendor: 'llamacpp',
    source: ['github.com/ggml-org/llama.cpp: tools/server/README.md'],
    streams: [
      {
        what: 'the last piece has timings, and it counts',
        raw:
          data(
            piece({ role: 'assistant', content: null }),
            piece({ reasoning_content: thoughts }),
            ...call(0, 'Xk2', 'read', ...args),
            piece({}, 'tool_calls', { timings: { prompt_n: 100, predicted_n: 30 } }),
            counts(usage),
          ) + done,
        is: { thoughts, ...weather, stop: 'calls', usage: [100, 30] },
      },
      {
        what: 'the field of an error in mid-stream has a name of its own in older versions',
        raw: `${data(piece({ content: 'And' }))}error: {"code":500,"message":"context shift is disabled","type":"server_error"}\n\n`,
        fails: ['server', /context shift is disabled/],
      },
    ],
    errors: [
      [
        400,
        {
          error: {
            code: 400,
            message: 'the request exceeds the available context size',
            type: 'exceed_context_size_error',
            n_prompt_tokens: 5_000,
            n_ctx: 4_096,
          },
        },
        'context_overflow',
        /context size/,
      ],
      [
        401,
        { error: { code: 401, message: 'Invalid API Key', type: 'authentication_error' } },
        'auth',
        /Invalid API Key/,
      ],
      [
        501,
        { error: { code: 501, message: 'This feature is not supported by this server.', type: 'not_supported_error' } },
        'request',
        /not supported/,
      ],
      [
        503,
        { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } },
        'overloaded',
        /Loading model/,
      ],
    ],
  },
];
