/**
 * Goal: every vendor of the table is understood as its own documentation shows it: its stream, its tool calls, its errors,
 * its counts and the headers of its limits. Method: a server on loopback plays the documented bytes; the real SDK reads
 * them, with the quirks of the vendor's row.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ModelEvent, RateLimits } from '../../../ipc/model.ts';
import { vendors } from '../../../providers/catalog/vendors.ts';
import { ask, askForFailure, joined } from '../../support/model-calls.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { anthropicAndGemini } from './anthropic-gemini.ts';
import { gateways } from './gateways.ts';
import { labs } from './labs.ts';
import { localServers } from './local-servers.ts';
import { moreGateways } from './more-gateways.ts';
import { moreLabs } from './more-labs.ts';
import { responsesVendors } from './responses.ts';
import type { Heard, Shape } from './shape.ts';

const shapes = [
  ...anthropicAndGemini,
  ...responsesVendors,
  ...labs,
  ...moreLabs,
  ...gateways,
  ...moreGateways,
  ...localServers,
];

let server: ModelServer;
before(async () => {
  server = await startModelServer(() => ({}));
});
after(() => server.stop());

test('every vendor of the table has its shapes', () => {
  assert.deepEqual(shapes.map(({ vendor }) => vendor).sort(), Object.keys(vendors).sort());
  for (const { vendor, source, streams, errors } of shapes) {
    assert.ok(source.length > 0 && streams.length > 0 && errors.length > 0, vendor);
    assert.ok(
      streams.some((stream) => 'is' in stream && stream.is.calls),
      `${vendor} calls a tool`,
    );
  }
});

const row = ({ vendor }: Shape) => vendors[vendor]!;
const formatOf = (shape: Shape) => shape.format ?? row(shape).format;
const more = (shape: Shape) => ({ endpoint: { vendor: shape.vendor, quirks: row(shape).quirks } });

for (const shape of shapes) {
  for (const stream of shape.streams)
    test(`${shape.vendor}: ${stream.what}`, async () => {
      server.answerWith(() => ({ pieces: () => [stream.raw] }));
      const events = await ask(server, formatOf(shape), more(shape));
      const last = events.at(-1);
      if ('is' in stream) return assert.deepEqual(heard(events), whole(stream.is));
      assert.ok(last?.type === 'failure', JSON.stringify(last));
      assert.equal(last.failure.kind, stream.fails[0], last.failure.reason);
      assert.match(last.failure.reason, stream.fails[1]);
    });

  for (const [status, body, kind, words] of shape.errors)
    test(`${shape.vendor}: ${status} ${JSON.stringify(body).slice(0, 90)} is ${kind}`, async () => {
      server.answerWith(() => ({ status, body }));
      const failure = await askForFailure(server, formatOf(shape), more(shape));
      assert.equal(failure.kind, kind, failure.reason);
      assert.match(failure.reason, words);
    });

  if (shape.limits)
    test(`${shape.vendor}: its headers tell its limits`, async () => {
      const { headers = {}, are } = shape.limits ?? {};
      server.answerWith(() => ({ headers, pieces: () => [shape.streams.find((one) => 'is' in one)?.raw ?? ''] }));
      const [head] = await ask(server, formatOf(shape), more(shape));
      assert.ok(head?.type === 'head');
      assert.deepEqual(rounded(head.limits), are);
    });

  if (shape.wait)
    test(`${shape.vendor}: a 429 asks for a pause`, async () => {
      const { headers = {}, body = { error: { message: 'Slow down.' } }, ms } = shape.wait ?? {};
      server.answerWith(() => ({ status: 429, headers, body }));
      assert.equal((await askForFailure(server, formatOf(shape), more(shape))).retryAfterMs, ms);
    });

  if (shape.sent)
    test(`${shape.vendor}: what it gets`, async () => {
      const { headers = {}, body = {} } = shape.sent ?? {};
      server.answerWith(() => ({ answer: { text: 'Yes.' } }));
      await ask(server, formatOf(shape), { ...more(shape), request: { effort: 'low', cacheKey: 'conversation' } });
      const received = server.requests.at(-1);
      assert.deepEqual(part(received?.headers ?? {}, headers), headers);
      assert.deepEqual(part(received?.body ?? {}, body), body);
    });
}

/** The fields of `whole` that `sample` has. */
function part(whole: object, sample: object): object {
  return Object.fromEntries(Object.keys(sample).map((name) => [name, (whole as Record<string, unknown>)[name]]));
}

function heard(events: ModelEvent[]): Heard {
  const last = events.at(-1);
  assert.ok(last?.type === 'end', JSON.stringify(last));
  const { message, stop, usage } = last;
  assert.equal(joined(events, 'text.delta'), message.text, 'the pieces are the text');
  const { inputTokens, outputTokens, cachedTokens, reasoningTokens } = usage;
  return {
    text: message.text,
    thoughts: (message.thoughts ?? []).map(({ text }) => text).join(''),
    calls: message.calls.map(({ name, arguments: given }) => [name, given]),
    stop,
    usage: [inputTokens, outputTokens, cachedTokens, reasoningTokens],
  };
}

function whole({ usage: [input, output, cached, thinking], ...rest }: Heard): Heard {
  return { text: '', thoughts: '', calls: [], ...rest, usage: [input, output, cached, thinking] };
}

/** Seconds suffice: the vendor's moments are told from now. */
function rounded(limits: RateLimits | null): RateLimits | null {
  const one = (allowance: RateLimits['requests']) =>
    allowance && {
      ...allowance,
      resetMs: allowance.resetMs === null ? null : Math.ceil(allowance.resetMs / 1_000) * 1_000,
    };
  return limits && { requests: one(limits.requests), tokens: one(limits.tokens) };
}
