import type { AgentSpec, FromAgent, Grant, ToAgent } from '../ipc/agent-protocol.ts';
import type { Channel } from '../ipc/channel.ts';
import { compact } from '../ipc/context.ts';
import { fenced } from '../ipc/fence.ts';
import type { Message, Usage } from '../ipc/message.ts';
import type { ModelEvent, ModelFailure, ModelRequest, Provider } from '../ipc/model.ts';
import { withUniqueIds } from './call-ids.ts';
import { digest, handOffRequest, handOffText, roomFor } from './context-window.ts';
import { sizeGauge } from './request-size.ts';

/**
 * The agent asks for a model call, reads the whole answer, waits for the results of its tool calls, and asks again. It
 * keeps no state that the log lacks, has no effects itself, and ends when the host says so or closes the line.
 */
export async function runAgent(
  spec: AgentSpec,
  channel: Channel<FromAgent, ToAgent>,
  providerOf: (grant: Grant) => Promise<Provider>,
): Promise<void> {
  const ended = new AbortController();
  const inbox = queue<ToAgent>(ended.signal);
  channel.onMessage((message) => (message.type === 'stop' ? ended.abort() : inbox.push(message)));
  channel.onClose(() => ended.abort());
  const mind = openMind(spec, channel);
  if (spec.waitingFor.length === 0) mind.ask();
  while (!ended.signal.aborted) {
    const message = await inbox.next();
    if (message === null) return;
    if (message.type === 'grant') await mind.think(message, await providerOf(message), ended.signal);
    else if (message.type !== 'stop') mind.hear(message);
  }
}

/** One conversation, and the call or results that it waits for. */
function openMind(spec: AgentSpec, channel: Channel<FromAgent, ToAgent>) {
  let messages = [...spec.messages];
  const waiting = new Set(spec.waitingFor);
  const told = [...spec.told];
  const gauge = sizeGauge();
  let call = spec.nextCall;
  /** A call is asked for and not granted yet; the number of the last that was. */
  let asking = false;
  let granted = spec.nextCall - 1;
  let asked = { tokens: 0, compacts: undefined as number | undefined };
  /** When the vendor refuses a request as too long, every later estimate of the window gets smaller. */
  let { contextTokens, compactsFirst } = spec;

  const ask = () => {
    const room = roomFor(spec, messages, gauge, compactsFirst ? 0 : contextTokens);
    [messages, compactsFirst] = [room.messages, false];
    if (room.cleared > 0) channel.send({ type: 'cleared', messages: room.cleared });
    asked = { tokens: room.tokens, compacts: room.compacts };
    asking = true;
    const { tokens: inputTokens, compacts } = room;
    channel.send({ type: 'ask', call, inputTokens, ...(compacts !== undefined && { compacts }) });
  };

  /** Goes on from a hand-off. */
  const replace = (count: number, text: string, usage: Usage) => {
    messages = compact(messages, count, text);
    channel.send({ type: 'compacted', call, messages: count, text, usage });
    call += 1;
    ask();
  };

  return {
    ask,
    /** Reads one model call to its end and tells the host; only the host can grant a failed call again. */
    async think(grant: Grant, provider: Provider, signal: AbortSignal): Promise<void> {
      asking = false;
      if (grant.call > granted) for (const text of told.splice(0)) messages.push({ role: 'user', text });
      granted = grant.call;
      const { compacts } = asked;
      const request = requestOf(spec, messages, compacts, grant);
      const last = await listen(provider.stream(request, signal), call, channel);
      if (last.type === 'failure') {
        channel.send({ type: 'failed', call, failure: last.failure });
        if (last.failure.kind !== 'context_overflow') return;
        contextTokens = Math.min(contextTokens, asked.tokens) * 0.8;
        return compacts === undefined ? ask() : replace(compacts, digest(messages.slice(0, compacts)), nothingSpent);
      }
      const { usage, stop } = last;
      gauge.learn(asked.tokens, usage.inputTokens);
      if (compacts !== undefined)
        return replace(compacts, handOffText(last.message, messages.slice(0, compacts)), usage);
      const message = withUniqueIds({ ...last.message, from: grant.model }, messages, call);
      messages.push(message);
      for (const wanted of message.calls) waiting.add(wanted.id);
      channel.send({ type: 'heard', call, message, usage, stop });
      call += 1;
    },
    /** A result or a word from outside. */
    hear(message: Extract<ToAgent, { type: 'result' | 'say' }>): void {
      // Results follow their calls: a message that comes meanwhile waits for the last result.
      if (message.type === 'say') told.push(message.text);
      if (message.type === 'result') {
        waiting.delete(message.callId);
        const { callId, name, text, isError, images } = message;
        messages.push({ role: 'tool', callId, name, text, isError, ...(images && { images }) });
      }
      if (waiting.size === 0 && !asking) ask();
    },
  };
}

const brokeOff: ModelFailure = { kind: 'malformed', reason: 'the stream broke off', status: null, retryAfterMs: null };

/** One turn as the granted model is asked it; `compacts`: the hand-off of so many messages instead. */
function requestOf(spec: AgentSpec, messages: Message[], compacts: number | undefined, grant: Grant): ModelRequest {
  // The rule-based model needs no marks around results: it obeys no text in them.
  const marked = grant.endpoint === null ? messages : messages.map((message) => withFence(message, spec.fence));
  const conversation = { system: spec.system, tools: spec.tools, messages: marked };
  const asks = compacts === undefined ? conversation : handOffRequest(conversation, compacts);
  const shown = grant.images ? asks.messages : withoutImages(asks.messages);
  const { name: model, outputTokensMax, effort } = grant;
  const { cacheKey, webSearch } = spec;
  return { ...asks, messages: shown, model, outputTokensMax, effort, cacheKey, ...(webSearch && { webSearch }) };
}

function withFence(message: Message, fence: string): Message {
  return message.role === 'tool' ? { ...message, text: fenced(message.text, fence) } : message;
}

/** The text in place of an image, for a model that sees no images. */
function withoutImages(messages: Message[]): Message[] {
  return messages.map((message) => {
    if (message.role === 'assistant' || !message.images) return message;
    const { images, ...rest } = message;
    const count = images.length === 1 ? '1 image is' : `${images.length} images are`;
    return { ...rest, text: `${rest.text}\n(${count} left out: this model sees none)` };
  });
}

const nothingSpent: Usage = { inputTokens: 0, outputTokens: 0, usd: 0 };

/** Passes the deltas on; returns how the call ended. */
async function listen(
  stream: AsyncIterable<ModelEvent>,
  call: number,
  channel: Channel<FromAgent, ToAgent>,
): Promise<Extract<ModelEvent, { type: 'end' | 'failure' }>> {
  for await (const event of stream) {
    if (event.type === 'end' || event.type === 'failure') return event;
    if (event.type === 'head') channel.send({ type: 'head', call, limits: event.limits });
    else channel.send({ type: 'delta', call, kind: deltaKinds[event.type], text: event.text });
  }
  return { type: 'failure', failure: brokeOff };
}

const deltaKinds = { 'text.delta': 'text', 'thinking.delta': 'thinking', 'call.delta': 'call' } as const;

/** A queue with one reader; `next` gives null once the signal is aborted. */
function queue<Item>(signal: AbortSignal) {
  const items: Item[] = [];
  let wake = () => {};
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    push(item: Item) {
      items.push(item);
      wake();
    },
    async next(): Promise<Item | null> {
      while (items.length === 0 && !signal.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return signal.aborted ? null : (items.shift() ?? null);
    },
  };
}
