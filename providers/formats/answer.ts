import type { AssistantMessage, ToolCall } from '../../ipc/message.ts';
import { areWhole, argumentsIn } from './arguments.ts';

/** An answer as it grows. A format knows its thoughts and calls by keys of its own (an index, an id). */
export type Answer = {
  text: string;
  thought(key: string | number): OpenThought;
  call(key: string | number): OpenCall;
  /** No call of that key yet. */
  hasCall(key: string | number): boolean;
  /** Neither text nor call yet. */
  isEmpty(): boolean;
  /** No call is in the middle of its arguments. */
  callsAreWhole(): boolean;
  message(): AssistantMessage;
};

/** `carry`: data that the vendor wants back with it; undefined: none. */
export type OpenThought = { text: string; carry: unknown };
/** `json`: the arguments received so far. */
export type OpenCall = { id: string; name: string; json: string; carry?: string | undefined };

/** Where a thought stood: after so many characters of text and so many calls. Order is part of what vendors sign. */
export type Carried = { text: number; calls: number; value: unknown };

export function openAnswer(): Answer {
  const thoughts = new Map<string | number, OpenThought & { at: { text: number; calls: number } }>();
  const calls = new Map<string | number, OpenCall>();
  return {
    text: '',
    thought(key) {
      const at = { text: this.text.length, calls: calls.size };
      const found = thoughts.get(key) ?? { text: '', carry: undefined, at };
      thoughts.set(key, found);
      return found;
    },
    call(key) {
      const found = calls.get(key) ?? { id: '', name: '', json: '' };
      calls.set(key, found);
      return found;
    },
    hasCall: (key) => calls.has(key),
    isEmpty() {
      return this.text === '' && calls.size === 0;
    },
    callsAreWhole: () => [...calls.values()].every(({ json }) => areWhole(json)),
    message() {
      const kept = [...thoughts.values()].filter((one) => one.text !== '' || one.carry !== undefined).map(closed);
      return {
        role: 'assistant',
        text: this.text,
        calls: [...calls.values()].map(closedCall),
        ...(kept.length > 0 && { thoughts: kept }),
      };
    },
  };
}

type Thought = NonNullable<AssistantMessage['thoughts']>[number];

function closed({ text, carry, at }: OpenThought & { at: { text: number; calls: number } }): Thought {
  return carry === undefined ? { text } : { text, carry: JSON.stringify({ ...at, value: carry } satisfies Carried) };
}

function closedCall({ id, name, json, carry }: OpenCall, at: number): ToolCall {
  return {
    id: id === '' ? `call_${at}` : String(id),
    name,
    arguments: argumentsIn(json),
    ...(carry !== undefined && { carry }),
  };
}
