import type { Response as ModelResponse, ResponseStreamEvent } from 'openai/resources/responses/responses';
import type { Usage } from '../../ipc/message.ts';
import type { Deadlines, Endpoint, ModelRequest, Provider } from '../../ipc/model.ts';
import { type Heard, provider } from '../http/call.ts';
import { CallFailure, SaidFailure } from '../http/failures.ts';
import type { Exchange, Fetch } from '../http/transport.ts';
import { type Answer, openAnswer } from './answer.ts';
import { type Endings, endingsOf } from './endings.ts';
import { openaiClient } from './openai-client.ts';
import { type Extras, responsesBody } from './openai-responses-body.ts';
import { openSources, type Sources } from './web-search.ts';

/** OpenAI Responses, and Open Responses servers. Nothing is stored with the vendor. */
export function open(endpoint: Endpoint, deadlines: Deadlines): Provider {
  const isOpenai = endpoint.vendor === 'openai' || endpoint.vendor === 'azure';
  const taken: Extras = { summary: true, encrypted: true, plainThoughts: !isOpenai };
  const endings = endingsOf(endpoint, 'response.completed');
  return provider(endpoint, deadlines, async function* (request, exchange, signal) {
    const events = await ask(endpoint, request, taken, exchange.fetch, signal);
    yield* heard(events, endings, request.model, exchange);
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
  if (taken.encrypted && /encrypted|'?include'?/.test(words)) return 'encrypted';
  return taken.plainThoughts && /reasoning/.test(words) ? 'plainThoughts' : null;
}

async function* heard(
  events: AsyncIterable<ResponseStreamEvent>,
  endings: Endings,
  model: string,
  exchange: Exchange,
): AsyncGenerator<Heard> {
  const answer = openAnswer();
  const sources = openSources();
  const items = itemReader(answer, sources);
  for await (const event of events) {
    yield* items.piece(event);
    if (event.type === 'error') throw new SaidFailure(event);
    const response = lastWord(event);
    if (response === null) continue;
    endings.said(model, exchange);
    if (response.status === 'failed' || response.error)
      throw new SaidFailure(response.error ?? { message: 'the response failed' });
    if (answer.isEmpty()) for (const [at, item] of (response.output ?? []).entries()) yield* items.whole(item, at);
    return yield ended(answer, response, sources);
  }
  endings.unsaid(model, exchange, answer);
  yield ended(answer, {}, sources);
}

/** The response at its end; a server that cannot stream says nothing else. Null: it goes on. */
function lastWord(event: ResponseStreamEvent): Partial<ModelResponse> | null {
  const { type, object } = event as { type?: string; object?: string };
  if (object === 'response' && type === undefined) return event as unknown as ModelResponse;
  const isLast = /^response\.(completed|incomplete|failed|cancelled|done)$/.test(type ?? '');
  return isLast ? ((event as { response?: ModelResponse }).response ?? {}) : null;
}

type ItemEvent = Extract<ResponseStreamEvent, { type: 'response.output_item.added' | 'response.output_item.done' }>;
type Item = ItemEvent['item'];

/** Pieces name their item by id and by place in the output; servers give several one place, or leave one of them out. */
function itemReader(answer: Answer, sources: Sources) {
  const keys = new Map<string | number | undefined, string>();
  const keyOf = (id: string | undefined, index: number | undefined) =>
    (id === undefined ? undefined : keys.get(id)) ?? keys.get(index) ?? id ?? `item ${index}`;
  const named = ({ id }: { id?: string | null }, index: number | undefined, isNew: boolean): string => {
    const key = isNew || !keys.has(id ?? index) ? (id ?? `item ${index}`) : keyOf(id ?? undefined, index);
    if (id) keys.set(id, key);
    keys.set(index, key);
    return key;
  };

  function* piece(event: ResponseStreamEvent): Generator<Heard> {
    if (event.type === 'response.output_text.delta') yield* said(answer, event.delta);
    if (event.type === 'response.reasoning_summary_text.delta' || event.type === 'response.reasoning_text.delta') {
      answer.thought(keyOf(event.item_id, event.output_index)).text += event.delta;
      yield { type: 'thinking.delta', text: event.delta };
    }
    if (event.type === 'response.reasoning_summary_part.added' && event.summary_index > 0)
      answer.thought(keyOf(event.item_id, event.output_index)).text += '\n\n';
    if (event.type === 'response.function_call_arguments.delta') {
      answer.call(keyOf(event.item_id, event.output_index)).json += event.delta;
      yield { type: 'call.delta', text: event.delta };
    }
    if (event.type === 'response.refusal.done') throw new CallFailure('refused', `refused: ${event.refusal}`);
    if (event.type === 'response.output_item.added') yield* begun(event.item, event.output_index);
    if (event.type === 'response.output_item.done') yield* done(event.item, event.output_index);
  }

  function* begun(item: Item, index: number): Generator<Heard> {
    const key = named(item as { id?: string }, index, true);
    if (item.type === 'function_call') yield* called(answer, key, item);
    // Whether what follows is commentary or the answer: models want it back with the words.
    if (item.type === 'message' && item.phase) answer.thought(key).carry = { type: 'phase', phase: item.phase };
    if (item.type === 'reasoning') answer.thought(key);
    yield { type: 'progress' };
  }

  /** An item is known in full when it is done. Thinking goes back as that item, unchanged. */
  function* done(item: Item, index: number): Generator<Heard> {
    const key = named(item as { id?: string }, index, false);
    if (item.type === 'web_search_call' && item.action?.type !== 'open_page') sources.searched();
    for (const part of item.type === 'message' ? item.content : [])
      for (const cited of part.type === 'output_text' ? (part.annotations ?? []) : [])
        if (cited.type === 'url_citation') sources.cited(cited.url, cited.title);
    if (item.type === 'function_call') {
      yield* called(answer, key, item);
      answer.call(key).json = item.arguments || answer.call(key).json;
    }
    if (item.type === 'reasoning') answer.thought(key).carry = item;
    yield { type: 'progress' };
  }

  /** An item that came in no event of its own. */
  function* whole(item: Item, index: number): Generator<Heard> {
    yield* begun(item, index);
    const parts = item.type === 'message' ? item.content : [];
    for (const part of parts) {
      if (part.type === 'refusal') throw new CallFailure('refused', `refused: ${part.refusal}`);
      if (part.type === 'output_text') yield* said(answer, part.text);
    }
    if (item.type === 'reasoning') {
      const text = (item.summary ?? []).map((summary) => summary.text).join('\n\n');
      answer.thought(keyOf(item.id, index)).text += text;
    }
    yield* done(item, index);
  }

  return { piece, whole };
}

function* said(answer: Answer, text: string): Generator<Heard> {
  answer.text += text;
  if (text !== '') yield { type: 'text.delta', text };
}

function* called(answer: Answer, key: string, item: Extract<Item, { type: 'function_call' }>): Generator<Heard> {
  const call = answer.call(key);
  if (call.name === '') yield { type: 'call.delta', text: item.name };
  Object.assign(call, { id: item.call_id ?? item.id ?? '', name: item.name });
}

function ended(
  answer: Answer,
  { incomplete_details: details, usage }: Partial<ModelResponse>,
  sources: Sources,
): Heard {
  const why = details?.reason;
  if (why === 'content_filter') throw new CallFailure('refused', 'refused: its content filter stopped the answer');
  answer.text += sources.list();
  const message = answer.message();
  const stop = why ? 'length' : message.calls.length > 0 ? 'calls' : 'done';
  return { type: 'end', message, usage: sources.counted(usageOf(usage)), stop };
}

function usageOf(usage: ModelResponse['usage'] | null | undefined): Usage | null {
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
