import * as z from 'zod/mini';
import type { AssistantMessage, Message, ToolSpec, Usage } from './message.ts';

/**
 * Terms for models: the endpoint, the request, the answer and the failures.
 *
 * vendor: the service that answers (`anthropic`, `ollama`, a name of the user's). model: the vendor's own name of it.
 * A model reference is `vendor/model`; the first `/` divides.
 */
export const wireFormat = z.enum(['openai-chat', 'openai-responses', 'anthropic', 'gemini']);
export type WireFormat = z.infer<typeof wireFormat>;

/** How hard a model should think, weakest first. Each format maps it to its vendor's setting. */
export const effort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);
export type Effort = z.infer<typeof effort>;

/** Where a vendor differs from its format. Absent: as the format says. */
export const quirks = z.object({
  /** The field that bounds the output of a chat completion; default `max_completion_tokens` for OpenAI itself. */
  outputTokensField: z.optional(z.enum(['max_tokens', 'max_completion_tokens'])),
  /** Takes `reasoning_effort` in chat completions. */
  reasoningEffort: z.optional(z.boolean()),
  /** The assistant's thinking is in this field of a chat message, and must be sent back with its tool calls. */
  thinkingField: z.optional(z.enum(['reasoning_content', 'reasoning', 'reasoning_details'])),
  /** Tool call ids must be nine letters or digits (Mistral). */
  nineCharacterIds: z.optional(z.boolean()),
  /** Takes `prompt_cache_key`. */
  promptCacheKey: z.optional(z.boolean()),
  /** Takes cache breakpoints (`cache_control`); default true for Anthropic itself. */
  cacheBreakpoints: z.optional(z.boolean()),
  /** Does not take `stream_options.include_usage`. */
  noStreamUsage: z.optional(z.boolean()),
  /** The key is sent in this header instead of the format's own (Azure: `api-key`). */
  keyHeader: z.optional(z.string()),
  /** The most images in one request, and the most megabytes of them together as sent, in base64. */
  imagesMax: z.optional(z.number()),
  imagesMbMax: z.optional(z.number()),
  /** The name of the conversation is sent in this header (OpenCode: `x-opencode-session`). */
  sessionHeader: z.optional(z.string()),
  /** A 429 that speaks of a quota means the allowance of a minute (Alibaba). */
  quotaPasses: z.optional(z.boolean()),
  /** Searches the web itself on request, at this price of one search in US dollars. */
  webSearchUsd: z.optional(z.number()),
  /** Appended to every URL, e.g. `api-version=2025-04-01-preview`. */
  query: z.optional(z.string()),
});
export type Quirks = z.infer<typeof quirks>;

/**
 * The address and settings for calls to one vendor. It holds the key, and what a proxy or a server
 * wants beside it: keep it in memory and on channels only, never on disk.
 */
export type Endpoint = {
  vendor: string;
  format: WireFormat;
  /** Without a trailing slash, e.g. `https://api.openai.com/v1`. */
  baseUrl: string;
  /** Null: none is needed. */
  key: string | null;
  quirks: Quirks;
  /** A proxy as a URL of http, https or socks5, perhaps with user and password; absent: none. */
  proxy?: string;
  /** PEM texts, not paths, because an agent reads no files: more authorities, and a certificate of one's own. */
  tls?: { ca?: string; cert?: string; key?: string; passphrase?: string };
};

/** US dollars per million tokens. */
export const prices = z.object({
  input: z.number(),
  output: z.number(),
  /** Default: as `input`. */
  cacheRead: z.optional(z.number()),
  /** Default: as `input`. */
  cacheWrite: z.optional(z.number()),
});
export type Prices = z.infer<typeof prices>;

/** The known properties of a model. */
export type ModelFacts = {
  /** Input and output together. */
  contextTokens: number;
  /** The most tokens in one answer; null: not known. */
  outputTokensMax: number | null;
  /** Null: not known, so no budget in money can count it. */
  prices: Prices | null;
  reasoning: boolean;
  images: boolean;
};

/** The longest silence in a call, in milliseconds. Keep-alives do not count as tokens. */
export type Deadlines = {
  /** Until the response's head arrives. */
  connectMs: number;
  /** From the head to the first token, thought or piece of a call. */
  firstTokenMs: number;
  /** Between two tokens. */
  idleMs: number;
  /** The whole call. */
  totalMs: number;
};

/** One request to a provider: one turn of one conversation. */
export type ModelRequest = {
  /** The vendor's own name of the model. */
  model: string;
  system: string;
  messages: Message[];
  /** Always in the same order, so that the beginning of the request stays the same byte for byte. */
  tools: ToolSpec[];
  /** Asks for the vendor's own search of the web; such a request has no tools. The answer ends with its sources. */
  webSearch?: boolean | undefined;
  outputTokensMax: number;
  /** Absent: the vendor's default. */
  effort?: Effort | undefined;
  /** Names the conversation to a vendor that keeps its cache by a key. */
  cacheKey?: string | undefined;
};

/**
 * One rate limit of a key, from a vendor's headers: `limit` and `remaining` in requests or tokens; `resetMs` until it
 * is full again. Null: not given.
 */
export const allowance = z.object({
  limit: z.nullable(z.number()),
  remaining: z.nullable(z.number()),
  resetMs: z.nullable(z.number()),
});
export const rateLimits = z.object({ requests: z.nullable(allowance), tokens: z.nullable(allowance) });
export type RateLimits = z.infer<typeof rateLimits>;

/**
 * Why a call failed. rate_limited: 429. overloaded: 503, 529 or said in words. server: other 5xx. network: no or a broken
 * connection. timeout: a deadline of ours. malformed: not what the format promises (broken events). no_api: a web page, another protocol, a certificate that is not trusted. auth: 401, 403.
 * quota: the account is empty. not_found: 404, no such model. context_overflow: the conversation is too long.
 * refused: the vendor's policy. request: any other 4xx. ended: our own signal.
 */
export const failureKind = z.enum([
  'rate_limited',
  'overloaded',
  'server',
  'network',
  'timeout',
  'malformed',
  'no_api',
  'auth',
  'quota',
  'not_found',
  'context_overflow',
  'refused',
  'request',
  'ended',
]);
export type FailureKind = z.infer<typeof failureKind>;

export const modelFailure = z.object({
  kind: failureKind,
  /** One line for a person; never holds a key. */
  reason: z.string(),
  status: z.nullable(z.number()),
  /** The pause that the vendor asks for; null: not given. */
  retryAfterMs: z.nullable(z.number()),
});
export type ModelFailure = z.infer<typeof modelFailure>;

/**
 * The answer of a provider, in order: `head` once the response's head is there, any number of deltas, then exactly one
 * `end` or `failure`. It never throws. `call.delta` is progress of a tool call being written (name, then pieces of
 * JSON).
 */
export type ModelEvent =
  | { type: 'head'; limits: RateLimits | null }
  | { type: 'text.delta'; text: string }
  | { type: 'thinking.delta'; text: string }
  | { type: 'call.delta'; text: string }
  | { type: 'end'; message: AssistantMessage; usage: Usage; stop: 'done' | 'calls' | 'length' }
  | { type: 'failure'; failure: ModelFailure };

/** One wire format, or the embedded model. `signal` ends the call: the stream then ends with a failure `ended`. */
export type Provider = { stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent> };
