import type { AgentSpec, FromAgent, ToAgent } from '../ipc/agent-protocol.ts';
import type { Channel } from '../ipc/channel.ts';
import type { Message, ModelEvent, Provider } from '../ipc/message.ts';

/**
 * The agent: ask for a model call, hear it out, wait for the results of its tool calls, ask again. It keeps nothing
 * that the log does not have, acts on nothing itself, and ends when the host says so or closes the line.
 */
export async function runAgent(
  spec: AgentSpec,
  channel: Channel<FromAgent, ToAgent>,
  provider: Provider,
): Promise<void> {
  const messages = [...spec.messages];
  const waiting = new Set(spec.waitingFor);
  const ended = new AbortController();
  const inbox = queue<ToAgent>(ended.signal);
  channel.onMessage((message) => (message.type === 'stop' ? ended.abort() : inbox.push(message)));
  channel.onClose(() => ended.abort());

  let call = spec.nextCall;
  if (waiting.size === 0) channel.send({ type: 'ask', call });
  while (!ended.signal.aborted) {
    const message = await inbox.next();
    if (message === null) return;
    if (message.type === 'grant') {
      const heard = await think(spec, provider, messages, call, channel, ended.signal);
      if (heard === null) continue;
      messages.push(heard);
      for (const wanted of heard.calls) waiting.add(wanted.id);
      call += 1;
      continue;
    }
    if (message.type === 'say') messages.push({ role: 'user', text: message.text });
    if (message.type === 'result') {
      waiting.delete(message.callId);
      messages.push({ role: 'tool', ...pick(message) });
    }
    if (waiting.size === 0) channel.send({ type: 'ask', call });
  }
}

function pick(message: Extract<ToAgent, { type: 'result' }>) {
  return { callId: message.callId, name: message.name, text: message.text, isError: message.isError };
}

/** One model call; tells the host what was heard. Null when it failed: the host then decides how to go on. */
async function think(
  spec: AgentSpec,
  provider: Provider,
  messages: Message[],
  call: number,
  channel: Channel<FromAgent, ToAgent>,
  signal: AbortSignal,
): Promise<Extract<Message, { role: 'assistant' }> | null> {
  const request = { model: spec.model, system: spec.system, messages, tools: spec.tools };
  let last: ModelEvent | undefined;
  for await (const event of provider.stream(request, signal)) {
    if (event.type === 'text.delta') channel.send({ type: 'delta', call, text: event.text });
    last = event;
  }
  if (last?.type === 'end') {
    channel.send({ type: 'heard', call, message: last.message, usage: last.usage });
    return last.message;
  }
  const failure = last?.type === 'failure' ? last : { reason: 'the stream broke off', retryable: true };
  channel.send({ type: 'failed', call, reason: failure.reason, retryable: failure.retryable });
  return null;
}

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
