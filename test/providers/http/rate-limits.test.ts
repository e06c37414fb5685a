/**
 * Goal: what vendors' headers say of a key's allowances reaches the host with the head of every answer, good or bad.
 * Method: headers as the vendors document them, read alone and through a whole call.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { millisecondsOf, rateLimitsOf, retryAfterOf } from '../../../providers/http/rate-limits.ts';
import { ask, formats } from '../../support/model-calls.ts';
import { startModelServer } from '../../support/model-server.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const limits = (headers: Record<string, string>) => rateLimitsOf(new Headers(headers), now);
const of = (limit: number | null, remaining: number | null, resetMs: number | null) => ({ limit, remaining, resetMs });

test('allowances are understood as each vendor writes them', () => {
  assert.equal(limits({ 'content-type': 'text/event-stream' }), null);
  const openai = {
    'x-ratelimit-limit-requests': '60',
    'x-ratelimit-remaining-requests': '59',
    'x-ratelimit-reset-requests': '1s',
    'x-ratelimit-limit-tokens': '150000',
    'x-ratelimit-remaining-tokens': '149984',
    'x-ratelimit-reset-tokens': '6m0s',
  };
  assert.deepEqual(limits(openai), { requests: of(60, 59, 1_000), tokens: of(150_000, 149_984, 360_000) });
  const anthropic = {
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-requests-remaining': '49',
    'anthropic-ratelimit-requests-reset': '2026-11-20T12:00:01Z',
    'anthropic-ratelimit-input-tokens-limit': '40000',
    'anthropic-ratelimit-input-tokens-remaining': '0',
    'anthropic-ratelimit-input-tokens-reset': '2026-11-20T12:00:30Z',
  };
  assert.deepEqual(limits(anthropic), { requests: of(50, 49, 2_000), tokens: of(40_000, 0, 31_000) });
  const both = { 'anthropic-ratelimit-tokens-limit': '10', 'anthropic-ratelimit-tokens-remaining': '5' };
  assert.deepEqual(limits({ ...anthropic, ...both })?.tokens, of(10, 5, null));
  const mistral = { 'x-ratelimit-limit-req-minute': '60', 'x-ratelimit-remaining-tokens-minute': '7' };
  assert.deepEqual(limits(mistral), { requests: of(60, null, null), tokens: of(null, 7, null) });
  const openrouter = {
    'x-ratelimit-limit': '20',
    'x-ratelimit-remaining': '3',
    'x-ratelimit-reset': String(now + 5_000),
  };
  assert.deepEqual(limits(openrouter), { requests: of(20, 3, 5_000), tokens: null });
  const draft = { 'ratelimit-limit': '100, 100;w=60', 'ratelimit-remaining': '50', 'ratelimit-reset': '30' };
  assert.deepEqual(limits(draft), { requests: of(100, 50, 30_000), tokens: null });
});

test('moments are understood as durations, seconds, dates and times since 1970', () => {
  const given: [string | null, number | null][] = [
    [null, null],
    ['', null],
    ['soon', null],
    ['20ms', 20],
    ['1.5s', 1_500],
    ['1h2m3.5s', 3_723_500],
    ['1m30.951s', 90_951],
    ['12', 12_000],
    ['0.25', 250],
    // To the second is to its end.
    [String(now / 1000 + 9), 10_000],
    ['2026-11-20T12:00:02Z', 3_000],
    ['2026-11-20T12:00:02.5Z', 2_500],
    ['Fri, 20 Nov 2026 12:00:03 GMT', 4_000],
    ['Fri, 20 Nov 2026 11:00:03 GMT', 0],
  ];
  for (const [text, expected] of given) assert.equal(millisecondsOf(text, now), expected, String(text));
});

test('with no word on how long to wait, the allowance that is used up tells', () => {
  const headers = new Headers({
    'x-ratelimit-remaining-requests': '5',
    'x-ratelimit-reset-requests': '50s',
    'x-ratelimit-remaining-tokens': '0',
    'x-ratelimit-reset-tokens': '8s',
  });
  assert.equal(retryAfterOf(headers, '', now), 8_000);
  assert.equal(retryAfterOf(new Headers(), 'Please retry in 34.2s.', now), 34_200);
  assert.equal(retryAfterOf(new Headers(), 'Rate limit: try again in 1m2s', now), 62_000);
});

test('the head brings them, before an answer and before a failure', async () => {
  const headers = { 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': '0' };
  const server = await startModelServer(() => ({ headers, answer: { text: 'Yes.' } }));
  for (const format of formats) {
    const head = { type: 'head', limits: { requests: of(60, 0, null), tokens: null } };
    server.answerWith(() => ({ headers, answer: { text: 'Yes.' } }));
    assert.deepEqual((await ask(server, format))[0], head);
    server.answerWith(() => ({ status: 429, headers, body: {} }));
    assert.deepEqual((await ask(server, format))[0], head);
  }
  await server.stop();
});

test('the head comes as soon as it is there, long before the first token', async () => {
  const server = await startModelServer(() => ({
    answer: { text: 'Yes.' },
    pieces: (events) => [{ silenceMs: 400 }, ...events],
  }));
  const { openProvider } = await import('../../../providers/formats/open.ts');
  const { endpointOf, patient, requestOf } = await import('../../support/model-calls.ts');
  for (const format of formats) {
    const provider = await openProvider(endpointOf(server, format), patient);
    const began = performance.now();
    const times: number[] = [];
    for await (const _ of provider.stream(requestOf(format), new AbortController().signal))
      times.push(performance.now() - began);
    assert.ok((times[1] ?? 0) - (times[0] ?? 0) > 250, `${format}: ${times.join(' ')}`);
  }
  await server.stop();
});

test('numbers beyond all numbers are not said', () => {
  const huge = '9'.repeat(400);
  const headers = new Headers({ 'x-ratelimit-limit-requests': huge, 'retry-after': huge });
  assert.equal(rateLimitsOf(headers, 0), null);
  assert.equal(retryAfterOf(headers, '', 0), null);
});
