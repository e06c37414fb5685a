import type { ChatCompletionChunk } from 'openai/resources/chat/completions/completions';
import type { Usage } from '../../ipc/message.ts';
import type { Deadlines, Endpoint, ModelRequest, Provider } from '../../ipc/model.ts';
import { type Heard, provider } from '../http/call.ts';
import { CallFailure, SaidFailure } from '../http/failures.ts';
import type { Exchange } from '../http/transport.ts';
import { type Answer, openAnswer } from './answer.ts';
import { callJoiner, type Piece } from './chat-calls.ts';
import { type ThoughtDelta, thought, thoughtInContent } from './chat-thoughts.ts';
import { type Endings, endingsOf } from './endings.ts';
import { chatBody, type Dialect } from './openai-chat-body.ts';
import { learnFrom } from './openai-chat-dialect.ts';
import { openaiClient } from './openai-client.ts';

/** OpenAI Chat Completions, which most vendors and local servers speak, each a little differently. */
export function open(endpoint: Endpoint, deadlines: Deadlines): Provider {
  const endings = endingsOf(endpoint, 'finish_reason');
  const dialect: Dialect = { dropped: new Set(), limitField: null, blankThoughts: false, imagesMax: null };
  return provider(endpoint, deadlines, async function* (request, exchange, signal) {
    const chunks = await ask(endpoint, request, dialect, exchange, signal);
    yield* heard(chunks, endings, request.model, exchange);
  });
}

/** A field that the server refuses is left out from then on: it names the field in its error. */
async function ask(
  endpoint: Endpoint,
  request: ModelRequest,
  dialect: Dialect,
  { fetch }: Exchange,
  signal: AbortSignal,
) {
  const client = openaiClient(endpoint, fetch);
  for (;;) {
    const body = chatBody(endpoint, request, dialect);
    try {
      return await client.chat.completions.create(body, { signal, headers: sessionHeader(endpoint, request) });
    } catch (error) {
      if (!learnFrom(error, body, dialect)) throw error;
    }
  }
}

/** Names the conversation to a gateway that keeps it with one server, and its cache warm. */
function sessionHeader({ quirks }: Endpoint, { cacheKey }: ModelRequest): Record<string, string> {
  return quirks.sessionHeader === undefined || cacheKey === undefined ? {} : { [quirks.sessionHeader]: cacheKey };
}

async function* heard(
  chunks: AsyncIterable<ChatCompletionChunk>,
  endings: Endings,
  model: string,
  exchange: Exchange,
): AsyncGenerator<Heard> {
  const answer = openAnswer();
  const called = callJoiner(answer);
  let finish = '';
  let refusal = '';
  let usage: ChatUsage | null = null;
  for await (const chunk of chunks) {
    // An error that a proxy reports in place of an answer.
    if ((chunk as { object?: string }).object === 'error') throw new SaidFailure(chunk);
    // Groq counts in a field of its own where it was not asked to count.
    const counted = chunk.usage ?? (chunk as { x_groq?: { usage?: unknown } }).x_groq?.usage;
    usage = (counted as ChatUsage | null | undefined) ?? usage;
    const choice = chunk.choices?.[0] as Choice | undefined;
    if (!choice) continue;
    // Moonshot counts inside the choice.
    usage = choice.usage ?? usage;
    // An error within a choice (OpenRouter).
    if (choice.error) throw new SaidFailure(choice.error);
    // A server that cannot stream says its message whole; some say it again after the pieces.
    const delta = choice.delta ?? (answer.isEmpty() ? choice.message : null) ?? {};
    refusal += delta.refusal ?? '';
    yield* thought(answer, delta as ThoughtDelta);
    yield* said(answer, delta.content);
    const pieces: Piece[] = delta.tool_calls ?? (delta.function_call ? [{ function: delta.function_call }] : []);
    for (const piece of pieces) yield* called(piece);
    finish = choice.finish_reason || finish;
    if (choice.finish_reason) endings.said(model, exchange);
  }
  if (finish === '') endings.unsaid(model, exchange, answer);
  yield ended(answer, finish, refusal, usage);
}

const refused = /^(content_filter|sensitive|safety|refusal|prohibited_content|recitation)$/i;
/** The vendor was interrupted: OpenRouter, Z.AI, DeepSeek, vLLM. */
const interrupted = /^(error|network_error|insufficient_system_resource|abort|aborted|cancelled)$/i;
const cutByLimit =
  /^(length|max_tokens|max_output_tokens|model_length|model_context_window_exceeded|repetition_truncation)$/i;

function ended(answer: Answer, finish: string, refusal: string, usage: ChatUsage | null): Heard {
  if (refusal !== '' || refused.test(finish))
    throw new CallFailure(
      'refused',
      `refused: ${refusal || answer.text.trim() || `its content filter stopped the answer (${finish})`}`,
    );
  if (finish === 'insufficient_system_resource') throw new CallFailure('overloaded', `broke the answer off: ${finish}`);
  if (interrupted.test(finish))
    throw new CallFailure('server', `broke the answer off: the model stopped with ${finish}`);
  const message = answer.message();
  const stop = cutByLimit.test(finish) ? 'length' : message.calls.length > 0 ? 'calls' : 'done';
  return { type: 'end', message, usage: usageOf(usage), stop };
}

/** Mistral's thinking models say their content in parts, thoughts among them. */
type ContentPart = { type: string; text?: string; thinking?: ContentPart[] };

type Delta = Omit<ChatCompletionChunk.Choice.Delta, 'content' | 'tool_calls'> & {
  content?: string | ContentPart[] | null;
  tool_calls?: Piece[] | null;
};
type Choice = {
  delta?: Delta | null;
  message?: Delta | null;
  finish_reason?: string | null;
  usage?: ChatUsage | null;
  error?: object | null;
};

function* said(answer: Answer, content: string | ContentPart[] | null | undefined): Generator<Heard> {
  if (!content || content.length === 0) return;
  if (!Array.isArray(content)) {
    answer.text += content;
    return yield { type: 'text.delta', text: content };
  }
  for (const { text, thinking } of content) {
    yield* said(answer, text);
    const inContent = (thinking ?? []).map((part) => part.text ?? '').join('');
    if (inContent === '') continue;
    thoughtInContent(answer, inContent);
    yield { type: 'thinking.delta', text: inContent };
  }
}

type ChatUsage = NonNullable<ChatCompletionChunk['usage']> & {
  prompt_cache_hit_tokens?: number;
  cached_tokens?: number;
};

/** Some vendors do not count thinking into `completion_tokens`, but all count it into `total_tokens`. */
function usageOf(usage: ChatUsage | null): Usage | null {
  if (usage === null || !(usage.prompt_tokens >= 0)) return null;
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details: details } = usage;
  const cachedTokens = details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens;
  const cacheWriteTokens = details?.cache_write_tokens;
  const reasoningTokens = usage.completion_tokens_details?.reasoning_tokens;
  return {
    inputTokens: prompt_tokens,
    outputTokens: Math.max(completion_tokens ?? 0, (total_tokens ?? 0) - prompt_tokens),
    usd: 0,
    ...(cachedTokens !== undefined && { cachedTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
  };
}
