import type { Message } from './message.ts';
import { todoHead } from './todo.ts';

/**
 * Shortens a conversation that grows too long. The agent decides when, the log records it, and both sides apply it with
 * these functions: so a rebuilt conversation equals the one that the agent had.
 */

/** The reminder in logs of versions in which an answer without a tool call never was a hand-in. */
export const olderReminder =
  'Go on, or end with the tool that hands in your result (finish, or propose_plan for a plan).';

/** The words of the host to an agent whose answer has no tool call and is no hand-in. */
export const reminders = {
  cut: 'Your answer was cut at the output limit. Go on from there, in smaller steps.',
  text_call:
    'You wrote a tool call as text: nothing was run. Call the tool itself, through the tools of this interface. If you only quoted a call, answer again without it.',
  empty: 'Your answer was empty. Go on with the work; when it is done, say in a few lines what came of it.',
  no_plan: 'Only propose_plan hands in a plan. Call it now, or finish with outcome cannot and the reason.',
};

const cleared = '(cleared to save room; call the tool again if you need it)';
/** Replacing a shorter result would save nothing, in characters. */
const clearedMin = 400;
const handOffHead = 'The conversation so far was replaced by this hand-off, which you wrote:\n\n';

/** The conversation with the long tool results among its first `count` messages taken out. Pure. */
export function clearResults(messages: Message[], count: number): Message[] {
  return messages.map((message, at) => {
    if (at >= count || message.role !== 'tool' || charactersOf(message) <= clearedMin) return message;
    if (message.text.startsWith(todoHead)) return message;
    const { images: _, ...rest } = message;
    return { ...rest, text: cleared };
  });
}

/** How many characters `clearResults` would save. */
export function clearable(messages: Message[], count: number): number {
  let saved = 0;
  for (const message of messages.slice(0, count))
    if (message.role === 'tool' && charactersOf(message) > clearedMin) saved += charactersOf(message) - cleared.length;
  return saved;
}

/** An image counts as the text of as many tokens. */
const imageCharacters = 6_400;

function charactersOf({ text, images = [] }: Extract<Message, { role: 'tool' }>): number {
  return text.length + images.length * imageCharacters;
}

/**
 * The conversation with its first `count` messages replaced by a hand-off. Messages of people and the host stay word
 * for word (the task, work sent back); reminders and earlier hand-offs are removed. Pure.
 */
export function compact(messages: Message[], count: number, handOff: string): Message[] {
  const said = messages
    .slice(0, count)
    .filter((message) => message.role === 'user')
    .filter(({ text }) => !isReminder(text) && !text.startsWith(handOffHead));
  const list = lastList(messages.slice(0, count));
  const text = handOffHead + handOff + (list === '' ? '' : `\n\n${list}`);
  return [...said, { role: 'user', text }, ...messages.slice(count)];
}

/** The agent's own list as it stood last, in a result or in an earlier hand-off; empty: it keeps none. */
function lastList(messages: Message[]): string {
  for (const { role, text } of messages.toReversed()) {
    if (role === 'tool' && text.startsWith(todoHead)) return text;
    const at = role === 'user' && text.startsWith(handOffHead) ? text.lastIndexOf(`\n\n${todoHead}`) : -1;
    if (at >= 0) return text.slice(at + 2);
  }
  return '';
}

function isReminder(text: string): boolean {
  return text === olderReminder || Object.values(reminders).includes(text);
}
