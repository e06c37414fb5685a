import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions/completions';
import type { Dialect } from './openai-chat-body.ts';

/** Fields that a request can do without. */
const spare = ['stream_options', 'reasoning_effort', 'prompt_cache_key'];
/** Fields of an assistant's message that only some servers know. */
const thoughts = [
  'reasoning_content',
  'reasoning_details',
  'reasoning_opaque',
  'reasoning_text',
  'reasoning',
  'thinking_blocks',
  'thinking',
];

/**
 * Learns from a refused request how this server wants the next. False: the error is about something else, or was learnt
 * before. A server of one's own needs no quirks in the configuration then.
 */
export function learnFrom(error: unknown, body: ChatCompletionCreateParamsStreaming, dialect: Dialect): boolean {
  const { status } = error as { status?: number };
  if (status !== 400 && status !== 422) return false;
  const words = JSON.stringify([(error as Error).message, (error as { error?: unknown }).error ?? null]);
  const names = (field: string) => new RegExp(`(?<![\\w-])${field}(?![\\w-])`, 'i').test(words);
  const other = 'max_tokens' in body ? 'max_completion_tokens' : 'max_tokens';
  if (dialect.limitField === null && names('max_tokens') && names('max_completion_tokens')) {
    dialect.limitField = other;
    return true;
  }
  if (!dialect.blankThoughts && names('reasoning_content') && wanted.test(words) && !unknown.test(words)) {
    dialect.blankThoughts = true;
    return true;
  }
  // vLLM takes as many as it was started for.
  const images = Number(/at most (\d+) image/i.exec(words)?.[1] ?? Number.NaN);
  if (dialect.imagesMax === null && images >= 0) {
    dialect.imagesMax = images;
    return true;
  }
  const sent = new Set([...Object.keys(body), ...body.messages.flatMap((message) => Object.keys(message))]);
  const refused = [...spare, ...thoughts].find((field) => sent.has(field) && names(field));
  if (refused === undefined || dialect.dropped.has(refused)) return false;
  dialect.dropped.add(refused);
  return true;
}

const wanted = /must be (passed|provided|sent|included)|is (missing|required)|missing/i;
const unknown = /unsupported|not supported|unknown|unrecogni[sz]ed|unexpected|extra|not (permitted|allowed)/i;
