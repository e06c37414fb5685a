import type { AssistantMessage, Message, ToolSpec } from '../ipc/message.ts';

/**
 * How many tokens a request holds, estimated: no tokenizer is shared by all vendors, and loading one costs more than it
 * tells. UTF-8 bytes divided by a constant, corrected by what the vendor counted for the requests before.
 */
const bytesPerToken = 3;
/** A request is reserved before it is counted: rather a little too much. Code takes 3.2 to 4 bytes for a token. */
const margin = 1.05;
/** Roles, separators and names around each message, in tokens. */
const aroundMessage = 6;
/** An image of the largest size that vendors do not shrink. */
const imageTokens = 1_600;
/** A correction beyond these would be a vendor that does not count: it is not believed. */
const scaleMin = 0.5;
const scaleMax = 2.5;

export type SizeGauge = {
  /** Tokens of a request, rounded up. */
  of(system: string, tools: ToolSpec[], messages: Message[]): number;
  /** Takes the vendor's count for a request that was estimated as `estimated`. */
  learn(estimated: number, counted: number): void;
};

export function sizeGauge(): SizeGauge {
  let scale = 1;
  return {
    of: (system, tools, messages) =>
      Math.ceil(margin * scale * (textTokens(system) + textTokens(JSON.stringify(tools)) + sum(messages))),
    learn(estimated, counted) {
      if (estimated > 0 && counted > 0)
        scale = Math.min(scaleMax, Math.max(scaleMin, (scale * margin * counted) / estimated));
    },
  };
}

function sum(messages: Message[]): number {
  return messages.reduce((total, message) => total + aroundMessage + messageTokens(message), 0);
}

const known = new WeakMap<Message, number>();

/** Each message is measured once: a long conversation is estimated anew for every call. */
function messageTokens(message: Message): number {
  const found = known.get(message) ?? measure(message);
  known.set(message, found);
  return found;
}

function measure(message: Message): number {
  if (message.role === 'assistant') return assistantTokens(message);
  const images = message.images?.length ?? 0;
  return textTokens(message.text) + images * imageTokens;
}

function assistantTokens({ text, calls, thoughts = [] }: AssistantMessage): number {
  const parts = [
    text,
    ...calls.map((call) => JSON.stringify(call)),
    ...thoughts.map((one) => one.text + (one.carry ?? '')),
  ];
  return parts.reduce((total, part) => total + textTokens(part), 0);
}

function textTokens(text: string): number {
  return Buffer.byteLength(text) / bytesPerToken;
}
