import type { Message } from './message.ts';

/**
 * Shortens a conversation that grows too long. The agent decides when, the log records it, and both sides apply it with
 * these functions: so a rebuilt conversation equals the one that the agent had.
 */

/** The message to an agent that stops without handing in: it must end with a tool call, never with prose. */
export const nudge = 'Go on, or end with the tool that hands in your result (finish, or propose_plan for a plan).';

/** The same after an answer that was cut at the output limit. */
export const cutNudge = 'Your answer was cut at the output limit. Go on from there, in smaller steps.';

const cleared = '(cleared to save room; call the tool again if you need it)';
/** Replacing a shorter result would save nothing, in characters. */
const clearedMin = 400;
const handOffHead = 'The conversation so far was replaced by this hand-off, which you wrote:\n\n';

/** The conversation with the long tool results among its first `count` messages taken out. Pure. */
export function clearResults(messages: Message[], count: number): Message[] {
  return messages.map((message, at) =>
    at < count && message.role === 'tool' && message.text.length > clearedMin ? { ...message, text: cleared } : message,
  );
}

/** How many characters `clearResults` would save. */
export function clearable(messages: Message[], count: number): number {
  let saved = 0;
  for (const message of messages.slice(0, count))
    if (message.role === 'tool' && message.text.length > clearedMin) saved += message.text.length - cleared.length;
  return saved;
}

/**
 * The conversation with its first `count` messages replaced by a hand-off. Messages of people and the host stay word
 * for word (the task, work sent back); nudges and earlier hand-offs are removed. Pure.
 */
export function compact(messages: Message[], count: number, handOff: string): Message[] {
  const said = messages
    .slice(0, count)
    .filter((message) => message.role === 'user')
    .filter(({ text }) => text !== nudge && text !== cutNudge && !text.startsWith(handOffHead));
  return [...said, { role: 'user', text: handOffHead + handOff }, ...messages.slice(count)];
}
