import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { runAgent } from '../../agents/loop.ts';
import type { AgentSpec, FromAgent, ToAgent } from '../../ipc/agent-protocol.ts';
import type { Message, ModelEvent, ModelRequest, Provider } from '../../ipc/message.ts';
import { portChannel } from '../../ipc/port-channel.ts';

/**
 * Goal: the agent asks, hears, waits and asks again, and keeps nothing that its log would not have.
 * Method: a real channel, a provider that answers from a list (models are the outside), the host played by hand.
 */
const usage = { inputTokens: 1, outputTokens: 1, usd: 0 };
const spec: AgentSpec = {
  agent: 'a',
  life: 1,
  model: 'scripted',
  system: 'be brief',
  tools: [],
  messages: [{ role: 'user', text: 'go' }],
  nextCall: 1,
  waitingFor: [],
};

type Assistant = Extract<Message, { role: 'assistant' }>;
const say = (text: string, ...ids: string[]): ModelEvent => ({
  type: 'end',
  usage,
  message: { role: 'assistant', text, calls: ids.map((id) => ({ id, name: 'look', arguments: {} })) },
});

function scripted(answers: ModelEvent[]): { provider: Provider; asked: ModelRequest[] } {
  const asked: ModelRequest[] = [];
  return {
    asked,
    provider: {
      async *stream(request) {
        asked.push(structuredClone(request));
        yield answers[asked.length - 1] ?? { type: 'failure', reason: 'nothing left', retryable: false };
      },
    },
  };
}

/** Starts an agent and returns the host's end of its line, with a reader that gives one message after another. */
function start(given: AgentSpec, provider: Provider) {
  const { port1, port2 } = new MessageChannel();
  const host = portChannel<ToAgent, FromAgent>(port1);
  const heard: FromAgent[] = [];
  const readers: ((message: FromAgent) => void)[] = [];
  host.onMessage((message) => {
    const reader = readers.shift();
    if (reader) reader(message);
    else heard.push(message);
  });
  const next = () =>
    new Promise<FromAgent>((resolve) => {
      const early = heard.shift();
      if (early) resolve(early);
      else readers.push(resolve);
    });
  const ended = runAgent(given, portChannel<FromAgent, ToAgent>(port2), provider);
  return { host, next, ended };
}

test('a conversation: ask, grant, hear, results, ask again with all of it', async () => {
  const { provider, asked } = scripted([say('looking', 'c1', 'c2'), say('done')]);
  const { host, next, ended } = start(spec, provider);
  assert.deepEqual(await next(), { type: 'ask', call: 1 });
  host.send({ type: 'grant', call: 1 });
  const heard = await next();
  assert.equal(heard.type, 'heard');
  host.send({ type: 'result', callId: 'c2', name: 'look', text: 'two', isError: false });
  host.send({ type: 'result', callId: 'c1', name: 'look', text: 'one', isError: true });
  assert.deepEqual(await next(), { type: 'ask', call: 2 });
  host.send({ type: 'grant', call: 2 });
  assert.equal((await next()).type, 'heard');
  assert.deepEqual(asked[1]?.messages, [
    { role: 'user', text: 'go' },
    {
      role: 'assistant',
      text: 'looking',
      calls: [
        { id: 'c1', name: 'look', arguments: {} },
        { id: 'c2', name: 'look', arguments: {} },
      ],
    },
    { role: 'tool', callId: 'c2', name: 'look', text: 'two', isError: false },
    { role: 'tool', callId: 'c1', name: 'look', text: 'one', isError: true },
  ]);
  host.send({ type: 'stop' });
  await ended;
  host.close();
});

test('an agent rebuilt in the middle of its tool calls waits for the missing results before it asks', async () => {
  const { provider, asked } = scripted([say('done')]);
  const assistant = (say('looking', 'c1', 'c2') as { message: Assistant }).message;
  const rebuilt: AgentSpec = {
    ...spec,
    messages: [...spec.messages, assistant, { role: 'tool', callId: 'c1', name: 'look', text: 'one', isError: false }],
    nextCall: 2,
    waitingFor: ['c2'],
  };
  const { host, next, ended } = start(rebuilt, provider);
  host.send({ type: 'result', callId: 'c2', name: 'look', text: 'two', isError: false });
  assert.deepEqual(await next(), { type: 'ask', call: 2 });
  host.send({ type: 'grant', call: 2 });
  await next();
  assert.equal(asked[0]?.messages.length, 4);
  host.close();
  await ended;
});

test('a failed call is told, and the same call can be granted again', async () => {
  const { provider } = scripted([{ type: 'failure', reason: 'overloaded', retryable: true }, say('done')]);
  const { host, next, ended } = start(spec, provider);
  await next();
  host.send({ type: 'grant', call: 1 });
  assert.deepEqual(await next(), { type: 'failed', call: 1, reason: 'overloaded', retryable: true });
  host.send({ type: 'grant', call: 1 });
  assert.equal((await next()).type, 'heard');
  host.close();
  await ended;
});

test('a stream that ends without an end is a failure that may be retried', async () => {
  const provider: Provider = {
    async *stream() {
      yield { type: 'text.delta', text: 'half a' };
    },
  };
  const { host, next, ended } = start(spec, provider);
  await next();
  host.send({ type: 'grant', call: 1 });
  assert.deepEqual(await next(), { type: 'delta', call: 1, text: 'half a' });
  assert.deepEqual(await next(), { type: 'failed', call: 1, reason: 'the stream broke off', retryable: true });
  host.close();
  await ended;
});
