import * as z from 'zod/mini';

/** The conversation between an agent and a model, in a form of our own that no vendor defines. */
export const toolCall = z.object({
  /** Unique in its conversation: letters, digits, `_` and `-`, at most 40 of them. */
  id: z.string(),
  name: z.string(),
  /** As parsed from the model's JSON; a string if it was not valid JSON, which no tool accepts. */
  arguments: z.unknown(),
  /** Data that the vendor wants back with this call, unchanged (Gemini's thought signature). */
  carry: z.optional(z.string()),
});
export type ToolCall = z.infer<typeof toolCall>;

/** An image for a model to look at. `data` is base64. */
export const image = z.object({ mediaType: z.string(), data: z.string() });
export type Image = z.infer<typeof image>;

/**
 * The result of a tool call. `text` is for the model, already cut to its limit. `data` is for the host and the screens
 * only: no model depends on it.
 */
export const toolResult = z.object({
  text: z.string(),
  isError: z._default(z.boolean(), false),
  data: z.optional(z.unknown()),
  /** Images that a tool read, of bounded size; the log keeps them, so that a conversation can be rebuilt. */
  images: z.optional(z.array(image)),
});
export type ToolResult = z.infer<typeof toolResult>;

/**
 * A model's thinking before its answer. `carry` is the vendor's own form of it (a signature, an encrypted item) as
 * JSON: it is sent back unchanged, and only to the same model.
 */
export const thought = z.object({ text: z.string(), carry: z.optional(z.string()) });

export const message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('user'), text: z.string(), images: z.optional(z.array(image)) }),
  z.object({
    role: z.literal('assistant'),
    text: z.string(),
    calls: z.array(toolCall),
    thoughts: z.optional(z.array(thought)),
    /** The model that wrote it, as `vendor/model`. Thoughts and `carry` are meaningful to that model only. */
    from: z.optional(z.string()),
  }),
  z.object({
    role: z.literal('tool'),
    callId: z.string(),
    name: z.string(),
    text: z.string(),
    isError: z.boolean(),
    images: z.optional(z.array(image)),
  }),
]);
export type Message = z.infer<typeof message>;
export type AssistantMessage = Extract<Message, { role: 'assistant' }>;

/**
 * The usage of a model call. `inputTokens` counts the whole request, cached or not; `outputTokens` counts all generated
 * tokens, also of thinking. The other counts are parts of those two. `usd` is 0 where no price is known.
 */
export const usage = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  usd: z.number(),
  /** Read from the vendor's cache. */
  cachedTokens: z.optional(z.number()),
  /** Written to the vendor's cache. */
  cacheWriteTokens: z.optional(z.number()),
  reasoningTokens: z.optional(z.number()),
  /** Searches of the web that the vendor made for the call and bills apart. */
  searches: z.optional(z.number()),
});
export type Usage = z.infer<typeof usage>;

/** A tool as a model sees it: `schema` is the JSON Schema of its arguments. */
export const toolSpec = z.object({ name: z.string(), description: z.string(), schema: z.unknown() });
export type ToolSpec = z.infer<typeof toolSpec>;
