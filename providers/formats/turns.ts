import * as z from 'zod/mini';
import type { AssistantMessage, Message, ToolCall } from '../../ipc/message.ts';
import { legalName } from '../http/tool-names.ts';
import type { Carried } from './answer.ts';

/**
 * A conversation in turns: all messages between two assistant messages are one user turn, with tool results first. An
 * answer of thoughts alone is left out: vendors refuse an assistant's turn without text and calls.
 */
export type Turn = { role: 'assistant'; message: AssistantMessage } | UserTurn;
export type UserTurn = { role: 'user'; results: ToolMessage[]; said: UserMessage[] };
export type UserMessage = Extract<Message, { role: 'user' }>;
export type ToolMessage = Extract<Message, { role: 'tool' }>;

export function turnsOf(messages: Message[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'assistant') {
      if (message.text.trim() !== '' || message.calls.length > 0) turns.push({ role: 'assistant', message });
      continue;
    }
    const last = turns.at(-1);
    const turn: UserTurn = last?.role === 'user' ? last : { role: 'user', results: [], said: [] };
    if (turn !== last) turns.push(turn);
    if (message.role === 'tool') turn.results.push(message);
    else turn.said.push(message);
  }
  return turns;
}

/** A piece of an assistant message, in the order in which the model said it. */
export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'thought'; text: string; value: unknown }
  | { kind: 'call'; call: ToolCall };

/**
 * The pieces of an assistant message. Thoughts and carries, which only their own model understands, are among them only
 * when that model, as `vendor/model`, is asked again. Text of only white space is left out: vendors refuse it.
 */
export function partsOf(message: AssistantMessage, model: string): Part[] {
  const own = message.from === model;
  const parts: Part[] = [];
  let characters = 0;
  let calls = 0;
  const upTo = (text: number, count: number) => {
    const piece = message.text.slice(characters, text);
    if (piece.trim() !== '') parts.push({ kind: 'text', text: piece });
    characters = Math.max(characters, text);
    for (; calls < Math.min(count, message.calls.length); calls++)
      parts.push({ kind: 'call', call: callOf(message.calls[calls]!, own) });
  };
  for (const thought of own ? (message.thoughts ?? []) : []) {
    const carried = thought.carry === undefined ? { text: 0, calls: 0, value: null } : carriedIn(thought.carry);
    upTo(carried.text, carried.calls);
    parts.push({ kind: 'thought', text: thought.text, value: carried.value });
  }
  upTo(message.text.length, message.calls.length);
  return parts;
}

/** A call as every vendor takes it back: models sometimes write names that the vendor's own check refuses later. */
function callOf(call: ToolCall, own: boolean): ToolCall {
  const { carry, ...rest } = call;
  return { ...rest, name: legalName(call.name), ...(own && carry !== undefined && { carry }) };
}

/** answer.ts writes these texts. A text of another origin stands first in the answer and carries nothing. */
function carriedIn(json: string): Carried {
  const nothing = { text: 0, calls: 0, value: null };
  try {
    const parsed = carried.safeParse(JSON.parse(json));
    return parsed.success ? parsed.data : nothing;
  } catch {
    return nothing;
  }
}

const carried = z.object({
  text: z._default(z.number(), 0),
  calls: z._default(z.number(), 0),
  value: z._default(z.unknown(), null),
});

/** Arguments as an object, as some vendors demand: a text that is no JSON, or no object, is wrapped. */
export function objectOf(given: unknown): Record<string, unknown> {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  return isObject ? (given as Record<string, unknown>) : { arguments: given };
}

/** Arguments as JSON text. Broken arguments go back wrapped: some servers parse them. */
export function jsonOf(given: unknown): string {
  return JSON.stringify(objectOf(given));
}

/** A tool's result for a format that cannot mark errors. */
export function markedText({ text, isError }: ToolMessage): string {
  return isError && !text.startsWith('Error: ') ? `Error: ${text}` : text;
}
