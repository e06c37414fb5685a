import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { runAgent } from '../../agents/loop.ts';
import type { AgentSpec, FromAgent, ToAgent } from '../../ipc/agent-protocol.ts';
import type { Message } from '../../ipc/message.ts';
import type { FailureKind, ModelEvent, ModelRequest, Provider } from '../../ipc/model.ts';
import { portChannel } from '../../ipc/port-channel.ts';

/**
 * Goal: the agent asks, hears, waits and asks again, and keeps nothing that its log would not have.
 * Method: a real channel, a provider that answers from a list (models are the outside), the host played by hand.
 */
const usage = { inputTokens: 1, outputTokens: 1, usd: 0 };
const spec: AgentSpec = {
  agent: 'a',
  life: 1,
  system: 'be brief',
  tools: [],
  messages: [{ role: 'user', text: 'go' }],
  nextCall: 1,
  waitingFor: [],
  told: [],
  formats: [],
  contextTokens: 100_000,
  compactAt: 0.75,
  compactsFirst: false,
  fence: 'f',
  cacheKey: 'a',
};

const deadlines = { connectMs: 1, firstTokenMs: 1, idleMs: 1, totalMs: 1 };
const grant = (call: number): ToAgent => ({
  type: 'grant',
  call,
  model: 'scripted',
  endpoint: null,
  name: 'scripted',
  outputTokensMax: 1000,
  images: true,
  deadlines,
});

type Assistant = Extract<Message, { role: 'assistant' }>;
const failure = (kind: FailureKind, reason: string) => ({
  type: 'failure' as const,
  failure: { kind, reason, status: null, retryAfterMs: null },
});
const say = (text: string, ...ids: string[]): ModelEvent => ({
  type: 'end',
  usage,
  stop: ids.length > 0 ? 'calls' : 'done',
  message: { role: 'assistant', text, calls: ids.map((id) => ({ id, name: 'look', arguments: {} })) },
});

function scripted(answers: ModelEvent[]): { provider: Provider; asked: ModelRequest[] } {
  const asked: ModelRequest[] = [];
  return {
    asked,
    provider: {
      async *stream(request) {
        asked.push(structuredClone(request));
        yield answers[asked.length - 1] ?? failure('request', 'nothing left');
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
  const ended = runAgent(given, portChannel<FromAgent, ToAgent>(port2), async () => provider);
  return { host, next, ended };
}

function assertAsk(message: FromAgent, call: number): void {
  assert.equal(message.type, 'ask');
  assert.equal(message.type === 'ask' && message.call, call);
}

test('a conversation: ask, grant, hear, results, ask again with all of it', async () => {
  const { provider, asked } = scripted([say('looking', 'c1', 'c2'), say('done')]);
  const { host, next, ended } = start(spec, provider);
  assertAsk(await next(), 1);
  host.send(grant(1));
  const heard = await next();
  assert.equal(heard.type, 'heard');
  host.send({ type: 'result', callId: 'c2', name: 'look', text: 'two', isError: false });
  host.send({ type: 'result', callId: 'c1', name: 'look', text: 'one', isError: true });
  assertAsk(await next(), 2);
  host.send(grant(2));
  assert.equal((await next()).type, 'heard');
  assert.deepEqual(asked[1]?.messages, [
    { role: 'user', text: 'go' },
    {
      role: 'assistant',
      text: 'looking',
      from: 'scripted',
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
  assertAsk(await next(), 2);
  host.send(grant(2));
  await next();
  assert.equal(asked[0]?.messages.length, 4);
  host.close();
  await ended;
});

test('a failed call is told, and the same call can be granted again', async () => {
  const { provider } = scripted([failure('overloaded', 'busy'), say('done')]);
  const { host, next, ended } = start(spec, provider);
  await next();
  host.send(grant(1));
  assert.deepEqual(await next(), { type: 'failed', call: 1, failure: failure('overloaded', 'busy').failure });
  host.send(grant(1));
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
  host.send(grant(1));
  assert.deepEqual(await next(), { type: 'delta', call: 1, kind: 'text', text: 'half a' });
  assert.deepEqual(await next(), {
    type: 'failed',
    call: 1,
    failure: failure('malformed', 'the stream broke off').failure,
  });
  host.close();
  await ended;
});
