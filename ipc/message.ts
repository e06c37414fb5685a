import * as z from 'zod/mini';

/** The conversation between an agent and a model, in no vendor's dialect. */
export const toolCall = z.object({ id: z.string(), name: z.string(), arguments: z.unknown() });
export type ToolCall = z.infer<typeof toolCall>;

/**
 * What a tool call came to. `text` is what the model reads, already cut to its limit. `data` is for the host and the
 * screens only: no model depends on it.
 */
export const toolResult = z.object({
  text: z.string(),
  isError: z._default(z.boolean(), false),
  data: z.optional(z.unknown()),
});
export type ToolResult = z.infer<typeof toolResult>;

export const message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('user'), text: z.string() }),
  z.object({ role: z.literal('assistant'), text: z.string(), calls: z.array(toolCall) }),
  z.object({ role: z.literal('tool'), callId: z.string(), name: z.string(), text: z.string(), isError: z.boolean() }),
]);
export type Message = z.infer<typeof message>;

export const usage = z.object({ inputTokens: z.number(), outputTokens: z.number(), usd: z.number() });
export type Usage = z.infer<typeof usage>;

/** A tool as a model sees it: `schema` is the JSON Schema of its arguments. */
export const toolSpec = z.object({ name: z.string(), description: z.string(), schema: z.unknown() });
export type ToolSpec = z.infer<typeof toolSpec>;

/** What a provider is asked: one turn of one conversation. */
export type ModelRequest = { model: string; system: string; messages: Message[]; tools: ToolSpec[] };

/** What a provider answers, in order: any number of text deltas, then exactly one end or failure. It never throws. */
export type ModelEvent =
  | { type: 'text.delta'; text: string }
  | { type: 'end'; message: Extract<Message, { role: 'assistant' }>; usage: Usage }
  | { type: 'failure'; reason: string; retryable: boolean };

/** One wire format, or the embedded model. `signal` ends the call: the stream then ends with a failure. */
export type Provider = { stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent> };
