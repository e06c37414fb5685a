import * as z from 'zod/mini';
import type { AgentSpec } from '../ipc/agent-protocol.ts';
import { clearable, clearResults } from '../ipc/context.ts';
import type { AssistantMessage, Message, ToolSpec } from '../ipc/message.ts';
import type { SizeGauge } from './request-size.ts';

/**
 * Keeps a conversation inside its model's window: first old tool results go, then the whole is handed over to itself.
 * Both happen seldom and all at once, because each one ends what the vendor has cached.
 */
export type ContextWindow = {
  messages: Message[];
  /** Estimated size of the request, in tokens. */
  tokens: number;
  /** How many first messages had their tool results cleared just now; 0: none. */
  cleared: number;
  /** Ask for a hand-off of so many first messages instead of going on. */
  compacts?: number;
};

/** Messages at the end that are never cleared: the model is at work with them. */
const freshMessages = 8;
/** Clearing must save this share of the window, or it is not worth the cache. */
const worthShare = 0.2;
/** Fewer messages than these are not handed over: then the task itself is long. */
const compactMin = 4;

export function roomFor(spec: AgentSpec, messages: Message[], gauge: SizeGauge, contextTokens: number): ContextWindow {
  // Without a window there is nothing to measure for.
  if (contextTokens >= Number.MAX_SAFE_INTEGER) return { messages, tokens: 0, cleared: 0 };
  const limit = contextTokens * spec.compactAt;
  const tokens = gauge.of(spec.system, spec.tools, messages);
  if (tokens <= limit) return { messages, tokens, cleared: 0 };
  const old = Math.max(0, messages.length - freshMessages);
  if (clearable(messages, old) / 4 > contextTokens * worthShare) {
    const shorter = clearResults(messages, old);
    const left = gauge.of(spec.system, spec.tools, shorter);
    if (left <= limit) return { messages: shorter, tokens: left, cleared: old };
  }
  if (messages.length < compactMin) return { messages, tokens, cleared: 0 };
  // The hand-off is written from a conversation that fits: what is longest in it is cleared for that request only.
  const compacts = messages.length;
  const asked = handOffRequest({ system: spec.system, tools: spec.tools, messages }, compacts);
  return { messages, tokens: gauge.of(asked.system, asked.tools, asked.messages), cleared: 0, compacts };
}

const handOff = z.object({
  goal: z.string(),
  done: z.array(z.string()),
  decisions: z.array(z.string()),
  files: z.array(z.string()),
  failures: z.array(z.string()),
  next: z.array(z.string()),
  open_questions: z.array(z.string()),
});

const { $schema: _, ...handOffSchema } = z.toJSONSchema(handOff);
const handOffTool: ToolSpec = {
  name: 'hand_off',
  description:
    'Hand your work over to yourself: everything that is needed to go on without this conversation. Paths, names and commands exactly.',
  schema: handOffSchema,
};
const handOffWords =
  'The conversation is too long to go on. Call hand_off now; afterwards you go on from what you wrote.';

type Conversation = { system: string; tools: ToolSpec[]; messages: Message[] };

/** The request for a hand-off. Old results are left out of it, and every text is cut, so that it is sure to fit. */
export function handOffRequest(conversation: Conversation, count: number): Conversation {
  const short = clearResults(conversation.messages.slice(0, count), Math.max(0, count - freshMessages));
  const messages = short.map((message) =>
    message.role === 'tool' ? { ...message, text: cut(message.text, resultCharactersMax) } : message,
  );
  return {
    system: conversation.system,
    tools: [handOffTool],
    messages: [...messages, { role: 'user', text: handOffWords }],
  };
}

const resultCharactersMax = 4_000;

/** The model's hand-off in words; made from the conversation itself when the model gave none. */
export function handOffText(message: AssistantMessage, messages: Message[]): string {
  const parsed = handOff.safeParse(message.calls.find(({ name }) => name === handOffTool.name)?.arguments);
  if (parsed.success) return sections(parsed.data);
  return message.text.trim() === '' ? digest(messages) : message.text;
}

function sections(given: z.infer<typeof handOff>): string {
  const parts = Object.entries(given).map(([name, value]) => {
    const lines = Array.isArray(value) ? value.map((line) => `- ${line}`) : [value];
    return lines.length === 0 ? '' : `## ${name.replace('_', ' ')}\n${lines.join('\n')}`;
  });
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The last words and calls of a conversation, when no model could sum it up. */
export function digest(messages: Message[]): string {
  const lines = messages.flatMap((message) => {
    if (message.role !== 'assistant') return [];
    const calls = message.calls.map((call) => `- ${call.name} ${cut(JSON.stringify(call.arguments) ?? '', 200)}`);
    return [...(message.text === '' ? [] : [`- said: ${cut(message.text, 500)}`]), ...calls];
  });
  return `## What was done, newest last\n${lines.slice(-60).join('\n')}`;
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max / 2)}\n… (cut) …\n${text.slice(-max / 2)}`;
}
