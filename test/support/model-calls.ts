import assert from 'node:assert/strict';
import type { Message } from '../../ipc/message.ts';
import type { Deadlines, Endpoint, ModelEvent, ModelFailure, ModelRequest, WireFormat } from '../../ipc/model.ts';
import * as sources from '../../providers/formats/open.ts';
import type { ModelServer } from './model-server.ts';

/**
 * Asks a scripted model through the real provider and reads its answer. The provider comes from the sources, or from the
 * built bundle that VTCODE_TEST_PROVIDERS names (test/providers/formats/bundle.test.ts runs the tests so).
 */
const bundle = process.env.VTCODE_TEST_PROVIDERS;
export const { openProvider }: Pick<typeof sources, 'openProvider'> = bundle ? await import(bundle) : sources;

export const formats: WireFormat[] = ['openai-chat', 'openai-responses', 'anthropic', 'gemini'];

export const key = 'sk-test-7f3a91c4e8d2b605';
/** Long enough for a machine that does other things too. */
export const patient: Deadlines = { connectMs: 20_000, firstTokenMs: 20_000, idleMs: 20_000, totalMs: 60_000 };

/** The vendors that own the formats. */
const vendors = { 'openai-chat': 'openai', 'openai-responses': 'openai', anthropic: 'anthropic', gemini: 'google' };
const models = {
  'openai-chat': 'gpt-5.5',
  'openai-responses': 'gpt-5.5',
  anthropic: 'claude-opus-5',
  gemini: 'gemini-3-pro',
};

export function endpointOf(server: ModelServer, format: WireFormat, more: Partial<Endpoint> = {}): Endpoint {
  return { vendor: vendors[format], format, baseUrl: server.baseUrl(format), key, quirks: {}, ...more };
}

/** `vendor/model` that `requestOf` asks for. */
export function modelOf(format: WireFormat): string {
  return `${vendors[format]}/${models[format]}`;
}

export const tools = [
  {
    name: 'read',
    description: 'Reads a file.',
    schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  },
  {
    name: 'list',
    description: 'Lists a folder.',
    schema: { type: 'object', properties: { path: { type: 'string' } } },
  },
];

export function requestOf(format: WireFormat, messages: Message[] = [{ role: 'user', text: 'Go on.' }]): ModelRequest {
  return { model: models[format], system: 'You write code.', messages, tools, outputTokensMax: 4_000 };
}

export type AskMore = {
  endpoint?: Partial<Endpoint>;
  request?: Partial<ModelRequest>;
  deadlines?: Partial<Deadlines>;
  signal?: AbortSignal;
};

/** All events of one call. What every stream keeps to is checked on the way. */
export async function ask(server: ModelServer, format: WireFormat, more: AskMore = {}): Promise<ModelEvent[]> {
  const endpoint = endpointOf(server, format, more.endpoint);
  const provider = await openProvider(endpoint, { ...patient, ...more.deadlines });
  const events: ModelEvent[] = [];
  const signal = more.signal ?? new AbortController().signal;
  for await (const event of provider.stream({ ...requestOf(format), ...more.request }, signal)) events.push(event);
  const last = events.at(-1);
  assert.ok(last?.type === 'end' || last?.type === 'failure', 'the last event is an end or a failure');
  assert.equal(events.filter(({ type }) => type === 'end' || type === 'failure').length, 1, 'there is one end');
  assert.ok(
    events.slice(1).every(({ type }) => type !== 'head'),
    'the head comes first, and once',
  );
  assert.ok(last.type === 'failure' || events[0]?.type === 'head', 'nothing ends without a head');
  if (last.type === 'failure') checkReason(last.failure);
  return events;
}

function checkReason({ reason }: ModelFailure): void {
  assert.ok(reason.length > 0 && reason.length <= 300 && !/[\r\n]/.test(reason), `one line: ${reason}`);
  assert.ok(!reason.includes(key), `no key: ${reason}`);
}

export async function askForEnd(server: ModelServer, format: WireFormat, more: AskMore = {}) {
  const last = (await ask(server, format, more)).at(-1);
  assert.equal(last?.type, 'end', JSON.stringify(last));
  return last as Extract<ModelEvent, { type: 'end' }>;
}

export async function askForFailure(
  server: ModelServer,
  format: WireFormat,
  more: AskMore = {},
): Promise<ModelFailure> {
  const last = (await ask(server, format, more)).at(-1);
  assert.equal(last?.type, 'failure', JSON.stringify(last));
  return (last as Extract<ModelEvent, { type: 'failure' }>).failure;
}

export function joined(events: ModelEvent[], type: 'text.delta' | 'thinking.delta' | 'call.delta'): string {
  return events.map((event) => (event.type === type ? event.text : '')).join('');
}
