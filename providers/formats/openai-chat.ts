import type { ChatCompletionChunk } from 'openai/resources/chat/completions/completions';
import type { Usage } from '../../ipc/message.ts';
import type { Deadlines, Endpoint, Provider } from '../../ipc/model.ts';
import { type Heard, provider } from '../http/call.ts';
import { CallFailure, SaidFailure } from '../http/failures.ts';
import { type Answer, openAnswer } from './answer.ts';
import { chatBody } from './openai-chat-body.ts';
import { openaiClient } from './openai-client.ts';
import { mergeDetails, textOfDetails } from './reasoning-details.ts';

/** OpenAI Chat Completions, which most vendors and local servers speak, each a little differently. */
export function open(endpoint: Endpoint, deadlines: Deadlines): Provider {
  return provider(endpoint, deadlines, async function* (request, fetch, signal) {
    const client = openaiClient(endpoint, fetch);
    yield* heard(await client.chat.completions.create(chatBody(endpoint, request), { signal }));
  });
}

async function* heard(chunks: AsyncIterable<ChatCompletionChunk>): AsyncGenerator<Heard> {
  const answer = openAnswer();
  let finish: string | null = null;
  let refusal = '';
  let usage: ChatUsage | null = null;
  for await (const chunk of chunks) {
    // An error that a proxy reports in place of an answer.
    if ((chunk as { object?: string }).object === 'error') throw new SaidFailure(chunk);
    usage = (chunk.usage as ChatUsage | null | undefined) ?? usage;
    const choice = chunk.choices?.[0];
    if (choice === undefined) continue;
    // Moonshot counts inside the choice.
    usage = (choice as { usage?: ChatUsage | null }).usage ?? usage;
    finish = choice.finish_reason ?? finish;
    const delta = (choice.delta ?? {}) as Delta;
    refusal += delta.refusal ?? '';
    yield* thought(answer, delta);
    yield* said(answer, delta.content);
    for (const [at, piece] of (delta.tool_calls ?? []).entries()) yield* called(answer, piece, at);
  }
  if (finish === null) return;
  if (refusal !== '' || finish === 'content_filter')
    throw new CallFailure(
      'refused',
      `refused: ${refusal || answer.text.trim() || 'its content filter stopped the answer'}`,
    );
  if (finish === 'error') throw new SaidFailure({ message: 'the model stopped with an error' });
  const message = answer.message();
  const stop = finish === 'length' ? 'length' : message.calls.length > 0 ? 'calls' : 'done';
  yield { type: 'end', message, usage: usageOf(usage), stop };
}

/** Mistral's thinking models say their content in parts, thoughts among them. */
type ContentPart = { type: string; text?: string; thinking?: ContentPart[] };

function* said(answer: Answer, content: string | ContentPart[] | null | undefined): Generator<Heard> {
  if (!content || content.length === 0) return;
  if (!Array.isArray(content)) {
    answer.text += content;
    return yield { type: 'text.delta', text: content };
  }
  for (const { text, thinking } of content) {
    yield* said(answer, text);
    const thought = (thinking ?? []).map((part) => part.text ?? '').join('');
    if (thought === '') continue;
    answer.thought('text').text += thought;
    yield { type: 'thinking.delta', text: thought };
  }
}

type Delta = Omit<ChatCompletionChunk.Choice.Delta, 'content'> & {
  content?: string | ContentPart[] | null;
  reasoning_content?: string | null;
  reasoning?: string | null;
  reasoning_details?: unknown[] | null;
};

/** Thinking comes in fields of the vendors' own; where there are two, they say the same. */
function* thought(answer: Answer, delta: Delta): Generator<Heard> {
  if (delta.reasoning_details?.length) {
    const open = answer.thought('details');
    open.carry = mergeDetails((open.carry as object[] | undefined) ?? [], delta.reasoning_details);
  }
  const text = delta.reasoning_content || delta.reasoning || textOfDetails(delta.reasoning_details ?? []);
  if (text) {
    answer.thought(delta.reasoning_details?.length ? 'details' : 'text').text += text;
    yield { type: 'thinking.delta', text };
  } else if (delta.reasoning_details?.length) yield { type: 'progress' };
}

type Piece = ChatCompletionChunk.Choice.Delta.ToolCall;

/** Some servers send each call whole and all with the index 0, or none: a new id then means a new call. */
function* called(answer: Answer, piece: Piece, at: number): Generator<Heard> {
  const index = piece.index ?? at;
  let key: string | number = index;
  if (answer.hasCall(key) && piece.id && answer.call(key).id !== piece.id && piece.function?.name) key = piece.id;
  const call = answer.call(key);
  call.id ||= piece.id ?? '';
  const { name = '', arguments: json = '' } = piece.function ?? {};
  if (call.name === '' && name) yield { type: 'call.delta', text: name };
  call.name ||= name ?? '';
  if (json) {
    // Ollama's parsed arguments, and those of servers that do as it does.
    const text = typeof json === 'string' ? json : JSON.stringify(json);
    call.json += text;
    yield { type: 'call.delta', text };
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
