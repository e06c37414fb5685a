import type { WireFormat } from '../../ipc/model.ts';

/** What a scripted model says, in no format. */
export type Answer = {
  thinking?: string;
  /** Text in pieces: each is one event. */
  text?: string | string[];
  /** `arguments` as a string is sent as it is, broken or not. */
  calls?: { id?: string; name: string; arguments: unknown }[];
  stop?: 'done' | 'calls' | 'length' | 'refused';
  usage?: { input?: number; output?: number; cached?: number; reasoning?: number; cacheWrite?: number };
};

/** The events of an answer, each as the bytes of one server-sent event, in the order in which the vendor sends them. */
export function eventsOf(format: WireFormat, answer: Answer): string[] {
  const pieces = typeof answer.text === 'string' ? [answer.text] : (answer.text ?? []);
  const calls = (answer.calls ?? []).map((call, at) => ({
    id: call.id ?? `call_${at}_${call.name}`,
    name: call.name,
    json: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
    raw: call.arguments,
  }));
  const stop = answer.stop ?? (calls.length > 0 ? 'calls' : 'done');
  const usage = { input: 100, output: 20, cached: 0, reasoning: 0, cacheWrite: 0, ...answer.usage };
  return encoders[format]({ thinking: answer.thinking ?? '', pieces, calls, stop, usage });
}

type Told = {
  thinking: string;
  pieces: string[];
  calls: { id: string; name: string; json: string; raw: unknown }[];
  stop: 'done' | 'calls' | 'length' | 'refused';
  usage: { input: number; output: number; cached: number; reasoning: number; cacheWrite: number };
};

const encoders: Record<WireFormat, (told: Told) => string[]> = {
  'openai-chat': chat,
  'openai-responses': responses,
  anthropic,
  gemini,
};

/** A server-sent event. */
export function sse(data: unknown, event?: string): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`;
}

/** JSON text in pieces, as models write it. */
function halves(json: string): string[] {
  const middle = Math.ceil(json.length / 2);
  return [json.slice(0, middle), json.slice(middle)].filter((piece) => piece !== '');
}

function chat({ thinking, pieces, calls, stop, usage }: Told): string[] {
  const chunk = (delta: object, finish: string | null = null) =>
    sse({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] });
  const finish = { done: 'stop', calls: 'tool_calls', length: 'length', refused: 'content_filter' }[stop];
  return [
    chunk({ role: 'assistant', content: '' }),
    ...(thinking === '' ? [] : [chunk({ reasoning_content: thinking })]),
    ...pieces.map((content) => chunk({ content })),
    ...calls.flatMap(({ id, name, json }, index) => [
      chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
      ...halves(json).map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ]),
    chunk({}, finish),
    sse({
      id: 'c',
      object: 'chat.completion.chunk',
      choices: [],
      usage: {
        prompt_tokens: usage.input,
        completion_tokens: usage.output,
        total_tokens: usage.input + usage.output,
        prompt_tokens_details: { cached_tokens: usage.cached },
        completion_tokens_details: { reasoning_tokens: usage.reasoning },
      },
    }),
    sse('[DONE]'),
  ];
}

function responses({ thinking, pieces, calls, stop, usage }: Told): string[] {
  let sequence = 0;
  const event = (type: string, data: object) => sse({ type, sequence_number: sequence++, ...data }, type);
  const counted = {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cached },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  };
  const why = {
    done: null,
    calls: null,
    length: { reason: 'max_output_tokens' },
    refused: { reason: 'content_filter' },
  }[stop];
  const last = why === null ? 'completed' : 'incomplete';
  const reasoning = {
    type: 'reasoning',
    id: 'rs_1',
    summary: [{ type: 'summary_text', text: thinking }],
    encrypted_content: 'sealed',
  };
  const at = thinking === '' ? 0 : 1;
  const item = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [] };
  const from = at + (pieces.length > 0 ? 1 : 0);
  return [
    event('response.created', { response: { id: 'r', status: 'in_progress', output: [] } }),
    ...(thinking === ''
      ? []
      : [
          event('response.output_item.added', { output_index: 0, item: { ...reasoning, summary: [] } }),
          event('response.reasoning_summary_text.delta', {
            item_id: 'rs_1',
            output_index: 0,
            summary_index: 0,
            delta: thinking,
          }),
          event('response.output_item.done', { output_index: 0, item: reasoning }),
        ]),
    ...(pieces.length === 0
      ? []
      : [
          event('response.output_item.added', { output_index: at, item }),
          ...pieces.map((delta) =>
            event('response.output_text.delta', { item_id: 'msg_1', output_index: at, content_index: 0, delta }),
          ),
          event('response.output_item.done', { output_index: at, item }),
        ]),
    ...calls.flatMap(({ id, name, json }, index) => {
      const call = { type: 'function_call', id: `fc_${index}`, call_id: id, name, arguments: '' };
      const place = { output_index: from + index };
      return [
        event('response.output_item.added', { ...place, item: call }),
        ...halves(json).map((delta) =>
          event('response.function_call_arguments.delta', { ...place, item_id: call.id, delta }),
        ),
        event('response.output_item.done', { ...place, item: { ...call, arguments: json } }),
      ];
    }),
    event(`response.${last}`, {
      response: { id: 'r', status: last, incomplete_details: why, usage: counted, output: [] },
    }),
  ];
}

function anthropic({ thinking, pieces, calls, stop, usage }: Told): string[] {
  const event = (type: string, data: object) => sse({ type, ...data }, type);
  let index = -1;
  const block = (start: object, deltas: object[]) => {
    index += 1;
    return [
      event('content_block_start', { index, content_block: start }),
      ...deltas.map((delta) => event('content_block_delta', { index, delta })),
      event('content_block_stop', { index }),
    ];
  };
  const counted = {
    input_tokens: usage.input - usage.cached - usage.cacheWrite,
    cache_read_input_tokens: usage.cached,
    cache_creation_input_tokens: usage.cacheWrite,
  };
  const reason = { done: 'end_turn', calls: 'tool_use', length: 'max_tokens', refused: 'refusal' }[stop];
  return [
    event('message_start', {
      message: { id: 'm', role: 'assistant', content: [], usage: { ...counted, output_tokens: 1 } },
    }),
    ...(thinking === ''
      ? []
      : block({ type: 'thinking', thinking: '', signature: '' }, [
          { type: 'thinking_delta', thinking },
          { type: 'signature_delta', signature: 'sealed' },
        ])),
    ...(pieces.length === 0
      ? []
      : block(
          { type: 'text', text: '' },
          pieces.map((text) => ({ type: 'text_delta', text })),
        )),
    ...calls.flatMap(({ id, name, json }) =>
      block(
        { type: 'tool_use', id, name, input: {} },
        halves(json).map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
      ),
    ),
    event('message_delta', {
      delta: { stop_reason: reason },
      usage: { output_tokens: usage.output, output_tokens_details: { thinking_tokens: usage.reasoning } },
    }),
    event('message_stop', {}),
  ];
}

function gemini({ thinking, pieces, calls, stop, usage }: Told): string[] {
  const chunk = (parts: object[], rest: object = {}) =>
    sse({ candidates: [{ content: { role: 'model', parts }, ...rest }], modelVersion: 'g' });
  const finishReason = { done: 'STOP', calls: 'STOP', length: 'MAX_TOKENS', refused: 'SAFETY' }[stop];
  const usageMetadata = {
    promptTokenCount: usage.input,
    candidatesTokenCount: usage.output - usage.reasoning,
    thoughtsTokenCount: usage.reasoning,
    cachedContentTokenCount: usage.cached,
  };
  return [
    ...(thinking === '' ? [] : [chunk([{ text: thinking, thought: true }])]),
    ...pieces.map((text) => chunk([{ text }])),
    ...calls.map(({ id, name, raw }, at) =>
      chunk([{ functionCall: { id, name, args: raw }, ...(at === 0 && { thoughtSignature: 'sealed' }) }]),
    ),
    sse({ candidates: [{ content: { role: 'model', parts: [] }, finishReason }], usageMetadata }),
  ];
}
