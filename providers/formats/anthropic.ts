import { BaseAnthropic } from '@anthropic-ai/sdk/client';
import { Messages, type RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages/messages';
import type { Usage } from '../../ipc/message.ts';
import type { Deadlines, Endpoint, Provider } from '../../ipc/model.ts';
import { type Heard, provider } from '../http/call.ts';
import { CallFailure } from '../http/failures.ts';
import type { Fetch } from '../http/transport.ts';
import { type Answer, openAnswer } from './answer.ts';
import { anthropicBody } from './anthropic-body.ts';

/** Anthropic Messages, and other servers with this format. */
export function open(endpoint: Endpoint, deadlines: Deadlines): Provider {
  // The SDK appends /v1/messages itself.
  const baseURL = endpoint.baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '');
  return provider(endpoint, deadlines, async function* (request, fetch, signal) {
    const messages = new Messages(clientFor(baseURL, fetch));
    yield* heard(await messages.create(anthropicBody(endpoint, request), { signal }));
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

async function* heard(events: AsyncIterable<RawMessageStreamEvent>): AsyncGenerator<Heard> {
  const answer = openAnswer();
  const usage: Partial<Counted> = {};
  let stop: string | null = null;
  for await (const event of events) {
    if (event.type === 'message_start') Object.assign(usage, known(event.message.usage));
    if (event.type === 'content_block_start') yield* started(answer, event);
    if (event.type === 'content_block_delta') yield* grown(answer, event);
    if (event.type === 'message_delta') {
      Object.assign(usage, known(event.usage ?? {}));
      stop = event.delta.stop_reason ?? stop;
    }
    if (event.type !== 'message_stop') continue;
    if (stop === 'refusal') throw new CallFailure('refused', `refused: ${answer.text.trim() || 'no reason given'}`);
    const message = answer.message();
    const length = stop === 'max_tokens' || stop === 'model_context_window_exceeded';
    return yield {
      type: 'end',
      message,
      usage: usageOf(usage),
      stop: length ? 'length' : stopOf(message.calls.length),
    };
  }
}

function stopOf(calls: number): 'calls' | 'done' {
  return calls > 0 ? 'calls' : 'done';
}

type Started = Extract<RawMessageStreamEvent, { type: 'content_block_start' }>;
type Grown = Extract<RawMessageStreamEvent, { type: 'content_block_delta' }>;

function* started(answer: Answer, { index, content_block: block }: Started): Generator<Heard> {
  if (block.type === 'text' && block.text !== '') yield* said(answer, block.text);
  if (block.type === 'thinking') {
    const thought = answer.thought(index);
    thought.text = block.thinking ?? '';
    thought.carry = { type: 'thinking', signature: block.signature ?? '' };
  }
  if (block.type === 'redacted_thinking') answer.thought(index).carry = { type: 'redacted_thinking', data: block.data };
  if (block.type === 'tool_use') {
    const call = answer.call(index);
    Object.assign(call, { id: block.id, name: block.name });
    // Some servers send the arguments whole.
    if (Object.keys((block.input as object | null) ?? {}).length > 0) call.json = JSON.stringify(block.input);
    yield { type: 'call.delta', text: block.name };
  }
  yield { type: 'progress' };
}

function* grown(answer: Answer, { index, delta }: Grown): Generator<Heard> {
  if (delta.type === 'text_delta') yield* said(answer, delta.text);
  if (delta.type === 'thinking_delta') {
    answer.thought(index).text += delta.thinking;
    yield { type: 'thinking.delta', text: delta.thinking };
  }
  if (delta.type === 'signature_delta') {
    answer.thought(index).carry = { type: 'thinking', signature: delta.signature };
    yield { type: 'progress' };
  }
  if (delta.type === 'input_json_delta' && delta.partial_json !== '') {
    answer.call(index).json += delta.partial_json;
    yield { type: 'call.delta', text: delta.partial_json };
  }
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
  return {
    inputTokens: (counted.input_tokens ?? 0) + cachedTokens + cacheWriteTokens,
    outputTokens: counted.output_tokens,
    usd: 0,
    cachedTokens,
    cacheWriteTokens,
    ...(reasoningTokens !== undefined && { reasoningTokens }),
  };
}
