import type { AssistantMessage, Message } from '../ipc/message.ts';

/** The form of tool call id that every vendor accepts. */
const takenByAll = /^[A-Za-z0-9_-]{1,40}$/;

/**
 * The message with ids of tool calls that are unique in the conversation and legal with every vendor, so that it can go
 * on with another one: some servers number from 0 in each answer, or give none. Others keep theirs.
 */
export function withUniqueIds(message: AssistantMessage, before: Message[], call: number): AssistantMessage {
  const used = new Set(before.flatMap((one) => (one.role === 'assistant' ? one.calls.map(({ id }) => id) : [])));
  const calls = message.calls.map((wanted, at) => {
    const id = takenByAll.test(wanted.id) && !used.has(wanted.id) ? wanted.id : `call_${call}_${at}`;
    used.add(id);
    return { ...wanted, id };
  });
  return { ...message, calls };
}
