import type { Response as ModelResponse, ResponseStreamEvent } from 'openai/resources/responses/responses';
import type { Usage } from '../../ipc/message.ts';
import type { Deadlines, Endpoint, ModelRequest, Provider } from '../../ipc/model.ts';
import { type Heard, provider } from '../http/call.ts';
import { CallFailure, SaidFailure } from '../http/failures.ts';
import type { Fetch } from '../http/transport.ts';
import { type Answer, openAnswer } from './answer.ts';
import { openaiClient } from './openai-client.ts';
import { type Extras, responsesBody } from './openai-responses-body.ts';

/** OpenAI Responses, and Open Responses servers. Nothing is stored with the vendor. */
export function open(endpoint: Endpoint, deadlines: Deadlines): Provider {
  const taken: Extras = { summary: true, encrypted: true };
  return provider(endpoint, deadlines, async function* (request, fetch, signal) {
    yield* heard(await ask(endpoint, request, taken, fetch, signal));
  });
}

/**
 * Options that only some models and accounts accept are sent until the vendor refuses them: summaries of thinking need
 * a verified organisation, encrypted thinking a model that thinks. The vendor tells neither before the request.
 */
async function ask(endpoint: Endpoint, request: ModelRequest, taken: Extras, fetch: Fetch, signal: AbortSignal) {
  const client = openaiClient(endpoint, fetch);
  for (;;) {
    try {
      return await client.responses.create(responsesBody(endpoint, request, taken), { signal });
    } catch (error) {
      const refused = refusedExtra(error, taken);
      if (refused === null) throw error;
      taken[refused] = false;
    }
  }
}

function refusedExtra(error: unknown, taken: Extras): keyof Extras | null {
  if ((error as { status?: number }).status !== 400) return null;
  const words = String((error as Error).message).toLowerCase();
  if (taken.summary && /summar/.test(words)) return 'summary';
  return taken.encrypted && /encrypted|'?include'?/.test(words) ? 'encrypted' : null;
}

async function* heard(events: AsyncIterable<ResponseStreamEvent>): AsyncGenerator<Heard> {
  const answer = openAnswer();
  for await (const event of events) {
    yield* piece(answer, event);
    if (event.type === 'error') throw new SaidFailure(event);
    if (event.type === 'response.failed')
      throw new SaidFailure(event.response.error ?? { message: 'the response failed' });
    if (event.type === 'response.completed' || event.type === 'response.incomplete')
      return yield ended(answer, event.response);
  }
}

function* piece(answer: Answer, event: ResponseStreamEvent): Generator<Heard> {
  if (event.type === 'response.output_text.delta') {
    answer.text += event.delta;
    if (event.delta !== '') yield { type: 'text.delta', text: event.delta };
  }
  if (event.type === 'response.reasoning_summary_text.delta' || event.type === 'response.reasoning_text.delta') {
    answer.thought(event.item_id).text += event.delta;
    yield { type: 'thinking.delta', text: event.delta };
  }
  if (event.type === 'response.reasoning_summary_part.added' && event.summary_index > 0)
    answer.thought(event.item_id).text += '\n\n';
  if (event.type === 'response.function_call_arguments.delta') {
    answer.call(event.output_index).json += event.delta;
    yield { type: 'call.delta', text: event.delta };
  }
  if (event.type === 'response.refusal.done') throw new CallFailure('refused', `refused: ${event.refusal}`);
  if (event.type === 'response.output_item.added' || event.type === 'response.output_item.done')
    yield* item(answer, event);
}

type ItemEvent = Extract<ResponseStreamEvent, { type: 'response.output_item.added' | 'response.output_item.done' }>;

/** An item is known in full when it is done. Thinking goes back as that item, unchanged. */
function* item(answer: Answer, event: ItemEvent): Generator<Heard> {
  const { item, output_index: index, type } = event;
  if (item.type === 'function_call') {
    const call = answer.call(index);
    if (call.name === '') yield { type: 'call.delta', text: item.name };
    Object.assign(call, { id: item.call_id, name: item.name });
    if (type === 'response.output_item.done') call.json = item.arguments;
  }
  // Whether what follows is commentary or the answer: models want it back with the words.
  if (item.type === 'message' && item.phase && type === 'response.output_item.added')
    answer.thought(item.id).carry = { type: 'phase', phase: item.phase };
  if (item.type === 'reasoning') {
    const open = answer.thought(item.id);
    if (type === 'response.output_item.done') open.carry = item;
  }
  yield { type: 'progress' };
}

function ended(answer: Answer, response: ModelResponse): Heard {
  const why = response.incomplete_details?.reason;
  if (why === 'content_filter') throw new CallFailure('refused', 'refused: its content filter stopped the answer');
  const message = answer.message();
  const stop = why === undefined ? (message.calls.length > 0 ? 'calls' : 'done') : 'length';
  return { type: 'end', message, usage: usageOf(response.usage), stop };
}

function usageOf(usage: ModelResponse['usage'] | null): Usage | null {
  if (!usage || !(usage.input_tokens >= 0)) return null;
  const cachedTokens = usage.input_tokens_details?.cached_tokens;
  const cacheWriteTokens = usage.input_tokens_details?.cache_write_tokens;
  const reasoningTokens = usage.output_tokens_details?.reasoning_tokens;
  return {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    usd: 0,
    ...(cachedTokens !== undefined && { cachedTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
  };
}
