import { BaseAnthropic } from '@anthropic-ai/sdk/client';
import { type Message, Messages, type RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages/messages';
import type { Usage } from '../../ipc/message.ts';
import type { Deadlines, Endpoint, Provider } from '../../ipc/model.ts';
import { type Heard, provider } from '../http/call.ts';
import { CallFailure } from '../http/failures.ts';
import type { Exchange, Fetch } from '../http/transport.ts';
import { type Answer, openAnswer } from './answer.ts';
import { anthropicBody } from './anthropic-body.ts';
import { type Endings, endingsOf } from './endings.ts';
import { openSources, type Sources } from './web-search.ts';

/** Anthropic Messages, and other servers with this format. */
export function open(endpoint: Endpoint, deadlines: Deadlines): Provider {
  // The SDK appends /v1/messages itself.
  const baseURL = endpoint.baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '');
  const endings = endingsOf(endpoint, 'stop_reason');
  return provider(endpoint, deadlines, async function* (request, exchange, signal) {
    const messages = new Messages(clientFor(baseURL, exchange.fetch));
    const events = await messages.create(anthropicBody(endpoint, request), { signal });
    yield* heard(events, endings, request.model, exchange);
  });
}

/** The transport holds the key, retries are the host's and deadlines ours. */
function clientFor(baseURL: string, fetch: Fetch): BaseAnthropic {
  return new BaseAnthropic({
    baseURL,
    apiKey: 'held-by-the-transport',
    maxRetries: 0,
    timeout: 2 ** 31 - 1,
    fetch: fetch as unknown as typeof globalThis.fetch,
    openTelemetry: false,
    logLevel: 'off',
  });
}

async function* heard(
  events: AsyncIterable<RawMessageStreamEvent>,
  endings: Endings,
  model: string,
  exchange: Exchange,
): AsyncGenerator<Heard> {
  const answer = openAnswer();
  const usage: Partial<Counted> = {};
  const sources = openSources();
  const blocks = blockReader(answer, sources);
  let stop = '';
  for await (const event of withWhole(events)) {
    if (event.type === 'message_start') Object.assign(usage, known(event.message?.usage ?? {}));
    if (event.type === 'content_block_start') yield* blocks.started(event);
    if (event.type === 'content_block_delta') yield* blocks.grown(event);
    if (event.type === 'message_delta') {
      Object.assign(usage, known(event.usage ?? {}));
      stop = event.delta?.stop_reason || stop;
      if (event.delta?.stop_reason) endings.said(model, exchange);
    }
    // Before the stream's end: to leave it earlier would close the connection.
    if (event.type !== 'message_stop') continue;
    if (stop === '') endings.unsaid(model, exchange, answer);
    answer.text += sources.list();
    return yield ended(answer, stop, usage);
  }
  if (stop === '') endings.unsaid(model, exchange, answer);
  answer.text += sources.list();
  yield ended(answer, stop, usage);
}

function ended(answer: Answer, stop: string, usage: Partial<Counted>): Heard {
  if (stop === 'refusal') throw new CallFailure('refused', `refused: ${answer.text.trim() || 'no reason given'}`);
  const message = answer.message();
  const isCut = stop === 'max_tokens' || stop === 'model_context_window_exceeded';
  return {
    type: 'end',
    message,
    usage: usageOf(usage),
    stop: isCut ? 'length' : message.calls.length > 0 ? 'calls' : 'done',
  };
}

/** A server that cannot stream says its message in one event: it is taken apart into those of a stream. */
async function* withWhole(events: AsyncIterable<RawMessageStreamEvent>): AsyncGenerator<RawMessageStreamEvent> {
  for await (const event of events) {
    if ((event as { type: string }).type !== 'message') {
      yield event;
      continue;
    }
    const message = event as unknown as Message;
    yield { type: 'message_start', message };
    for (const [index, block] of message.content.entries())
      yield { type: 'content_block_start', index, content_block: block };
    const { stop_reason, usage } = message;
    yield { type: 'message_delta', delta: { stop_reason }, usage } as unknown as RawMessageStreamEvent;
  }
}

type Started = Extract<RawMessageStreamEvent, { type: 'content_block_start' }>;
type Grown = Extract<RawMessageStreamEvent, { type: 'content_block_delta' }>;

/** A block has the key of its start, because some servers give several blocks one index, or deltas none. */
function blockReader(answer: Answer, sources: Sources) {
  let key = -1;
  const servers = new Set<number>();
  const keys = new Map<number | undefined, number>();
  const keyOf = (index: number | undefined) => keys.get(index) ?? key;
  return {
    *started({ index, content_block: block }: Started): Generator<Heard> {
      key += 1;
      keys.set(index, key);
      if (block.type === 'server_tool_use') servers.add(key);
      if (block.type === 'web_search_tool_result')
        for (const { url, title } of resultsIn(block)) sources.found(url, title);
      if (block.type === 'text' && block.text) yield* said(answer, block.text);
      if (block.type === 'thinking') {
        const thought = answer.thought(key);
        thought.text = block.thinking ?? '';
        thought.carry = { type: 'thinking', signature: block.signature ?? '' };
      }
      if (block.type === 'redacted_thinking')
        answer.thought(key).carry = { type: 'redacted_thinking', data: block.data };
      if (block.type === 'tool_use') {
        const call = answer.call(key);
        Object.assign(call, { id: block.id, name: block.name });
        // Some servers send the arguments whole.
        if (Object.keys((block.input as object | null) ?? {}).length > 0) call.json = JSON.stringify(block.input);
        yield { type: 'call.delta', text: block.name };
      }
      yield { type: 'progress' };
    },
    *grown({ index, delta }: Grown): Generator<Heard> {
      if (delta.type === 'text_delta') yield* said(answer, delta.text);
      if (delta.type === 'thinking_delta') {
        answer.thought(keyOf(index)).text += delta.thinking;
        yield { type: 'thinking.delta', text: delta.thinking };
      }
      if (delta.type === 'signature_delta') {
        answer.thought(keyOf(index)).carry = { type: 'thinking', signature: delta.signature };
        yield { type: 'progress' };
      }
      if (delta.type === 'citations_delta' && 'url' in delta.citation)
        sources.cited(delta.citation.url, delta.citation.title);
      if (delta.type === 'input_json_delta' && servers.has(keyOf(index))) yield { type: 'progress' };
      else if (delta.type === 'input_json_delta' && delta.partial_json) {
        answer.call(keyOf(index)).json += delta.partial_json;
        yield { type: 'call.delta', text: delta.partial_json };
      }
    },
  };
}

type SearchResult = Extract<Started['content_block'], { type: 'web_search_tool_result' }>;

/** A search that failed has an error in place of results: the model says so itself. */
function resultsIn({ content }: SearchResult): { url: string; title: string }[] {
  return Array.isArray(content) ? content : [];
}

function* said(answer: Answer, text: string): Generator<Heard> {
  answer.text += text;
  if (text !== '') yield { type: 'text.delta', text };
}

type Counted = {
  input_tokens: number;
  output_tokens: number;
  cache_read_input_tokens: number;
  cache_creation_input_tokens: number;
  output_tokens_details: { thinking_tokens?: number };
  server_tool_use: { web_search_requests?: number };
};

/** Later counts replace earlier ones, but not by null. */
function known(usage: object): Partial<Counted> {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
}

/** Anthropic counts cached tokens apart from `input_tokens`. */
function usageOf(counted: Partial<Counted>): Usage | null {
  if (counted.output_tokens === undefined) return null;
  const cachedTokens = counted.cache_read_input_tokens ?? 0;
  const cacheWriteTokens = counted.cache_creation_input_tokens ?? 0;
  const reasoningTokens = counted.output_tokens_details?.thinking_tokens;
  const searches = counted.server_tool_use?.web_search_requests;
  return {
    inputTokens: (counted.input_tokens ?? 0) + cachedTokens + cacheWriteTokens,
    outputTokens: counted.output_tokens,
    usd: 0,
    cachedTokens,
    cacheWriteTokens,
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(searches && { searches }),
  };
}
