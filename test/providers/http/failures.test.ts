/**
 * Goal: every way in which a vendor fails becomes one failure with the right kind, wait and words, and none holds the key.
 * Method: a scripted server answers with what the vendors answer, word for word; the vendor's real SDK reads it.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import type { FailureKind, WireFormat } from '../../../ipc/model.ts';
import { ask, askForEnd, askForFailure, formats, key } from '../../support/model-calls.ts';
import { type ModelServer, type Reply, startModelServer } from '../../support/model-server.ts';
import { sse } from '../../support/model-wire.ts';

let server: ModelServer;
before(async () => {
  server = await startModelServer(() => ({}));
});
after(() => server.stop());

/** An error body in the format's own shape. */
function errorBody(format: WireFormat, message: string, code: string, status: number): unknown {
  if (format === 'anthropic') return { type: 'error', error: { type: code, message } };
  if (format === 'gemini') return { error: { code: status, message, status: code.toUpperCase() } };
  return { error: { message, type: code, code, param: null } };
}

const byStatus: [number, string, string, FailureKind][] = [
  [400, 'Unknown parameter: foo.', 'invalid_request_error', 'request'],
  [401, 'Incorrect key provided.', 'authentication_error', 'auth'],
  [402, 'Insufficient Balance', 'unknown_error', 'quota'],
  [403, 'Not yours.', 'permission_error', 'auth'],
  [404, 'The model does not exist.', 'not_found_error', 'not_found'],
  [409, 'Conflict.', 'conflict', 'server'],
  [422, 'Unprocessable.', 'invalid_request_error', 'request'],
  [429, 'Too many requests.', 'rate_limit_error', 'rate_limited'],
  [500, 'Something broke.', 'server_error', 'server'],
  [502, 'Bad gateway.', 'server_error', 'server'],
  [503, 'No capacity.', 'unavailable', 'overloaded'],
  [529, 'Overloaded', 'overloaded_error', 'overloaded'],
];

for (const format of formats) {
  test(`${format}: each status has its kind, and a head before the failure`, async () => {
    for (const [status, message, code, kind] of byStatus) {
      server.answerWith(() => ({ status, body: errorBody(format, message, code, status) }));
      const events = await ask(server, format);
      assert.deepEqual(
        events.map(({ type }) => type),
        ['head', 'failure'],
      );
      const last = events.at(-1);
      assert.ok(last?.type === 'failure');
      assert.deepEqual([last.failure.kind, last.failure.status], [kind, status], last.failure.reason);
      assert.match(last.failure.reason, new RegExp(`answered ${status}: ${message.replaceAll('.', '\\.')}$`));
    }
  });

  test(`${format}: nothing is sent twice`, async () => {
    const from = server.requests.length;
    server.answerWith(() => ({ status: 500, headers: { 'x-should-retry': 'true' }, body: {} }));
    await askForFailure(server, format);
    assert.equal(server.requests.length, from + 1);
  });

  test(`${format}: how long to wait is taken from wherever it is said`, async () => {
    const wait = async (reply: Reply) => {
      server.answerWith(() => ({ status: 429, body: errorBody(format, 'Slow down.', 'rate_limit', 429), ...reply }));
      return (await askForFailure(server, format)).retryAfterMs;
    };
    assert.equal(await wait({}), null);
    assert.equal(await wait({ headers: { 'retry-after': '7' } }), 7_000);
    assert.equal(await wait({ headers: { 'retry-after': '7', 'retry-after-ms': '6500.5' } }), 6_500.5);
    const date = new Date(Date.now() + 30_000).toUTCString();
    const until = (await wait({ headers: { 'retry-after': date } })) ?? 0;
    assert.ok(until > 25_000 && until <= 31_000, `${until}`);
    const reset = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m2s' };
    assert.equal(await wait({ headers: reset }), 62_000);
    assert.equal(await wait({ body: { error: { message: 'Please try again in 1.5s.' } } }), 1_500);
    assert.equal(await wait({ body: { error: { code: 429, details: [{ retryDelay: '34s' }] } } }), 34_000);
  });

  test(`${format}: HTML is no API and asks whether base_url is right`, async () => {
    for (const status of [200, 404]) {
      server.answerWith(() => ({
        status,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: `<!DOCTYPE html>\n<html><body>${key} Welcome</body></html>`,
      }));
      const failure = await askForFailure(server, format);
      assert.equal(failure.kind, 'no_api');
      assert.match(failure.reason, /answered HTML \(\d+\): is base_url right\? http/);
    }
    // A gateway's own page about a server behind it is no wrong address.
    server.answerWith(() => ({
      status: 502,
      headers: { 'content-type': 'text/html' },
      body: '<html>Bad Gateway</html>',
    }));
    assert.equal((await askForFailure(server, format)).kind, 'server');
  });

  test(`${format}: an error in place of a stream, with status 200, is that error`, async () => {
    server.answerWith(() => ({ body: { error: { message: 'Rate limit reached', code: 429 } } }));
    assert.deepEqual(await askForFailure(server, format), {
      kind: 'rate_limited',
      reason: `${(await askForFailure(server, format)).reason.split(' ')[0]} answered 200: Rate limit reached`,
      status: 429,
      retryAfterMs: null,
    });
    server.answerWith(() => ({ body: { hello: 'there' } }));
    assert.equal((await askForFailure(server, format)).kind, 'malformed');
  });

  test(`${format}: an event that is no JSON is malformed`, async () => {
    server.answerWith(() => ({
      answer: { text: ['One', 'two'] },
      pieces: ([first = '', ...rest]) => [
        first,
        sse('{"broken": ', format === 'anthropic' ? 'message_delta' : undefined),
        ...rest,
      ],
    }));
    assert.equal((await askForFailure(server, format)).kind, 'malformed');
  });

  test(`${format}: a stream that ends before its end is a broken connection`, async () => {
    server.answerWith(() => ({
      answer: { text: ['One', 'two'] },
      pieces: (events) => [...events.slice(0, -3), 'break'],
    }));
    assert.equal((await askForFailure(server, format)).kind, 'network');
  });

  test(`${format}: a connection that breaks in mid-answer keeps what was said before`, async () => {
    server.answerWith(() => ({
      answer: { text: ['One', 'two', 'three'] },
      pieces: (events) => {
        const at = events.findIndex((event) => event.includes('One'));
        return [...events.slice(0, at + 1), { silenceMs: 50 }, 'break'];
      },
    }));
    const events = await ask(server, format);
    assert.deepEqual(events[1], { type: 'text.delta', text: 'One' });
    const last = events.at(-1);
    assert.ok(last?.type === 'failure' && last.failure.kind === 'network', JSON.stringify(last));
  });

  test(`${format}: a server that hangs up before the head is a broken connection`, async () => {
    const rude = createServer((socket) => socket.on('data', () => socket.destroy())).listen(0, '127.0.0.1');
    await new Promise((resolve) => rude.once('listening', resolve));
    const { port } = rude.address() as { port: number };
    const failure = await askForFailure(server, format, { endpoint: { baseUrl: `http://127.0.0.1:${port}/v1` } });
    await new Promise((resolve) => rude.close(resolve));
    assert.equal(failure.kind, 'network');
    assert.match(failure.reason, new RegExp(`cannot be reached at 127\\.0\\.0\\.1:${port} \\(ECONNRESET\\)`));
  });

  test(`${format}: a port where nothing listens is named`, async () => {
    const failure = await askForFailure(server, format, { endpoint: { baseUrl: 'http://127.0.0.1:9/v1' } });
    assert.equal(failure.kind, 'network');
    assert.match(failure.reason, /cannot be reached at 127\.0\.0\.1:9 \(ECONNREFUSED\): nothing listens there/);
  });

  test(`${format}: the key is in no reason, however it is echoed`, async () => {
    const odd = 'k"ey/with+odd=letters';
    for (const secret of [key, odd]) {
      const forms = [
        secret,
        encodeURIComponent(secret),
        JSON.stringify(secret),
        Buffer.from(secret).toString('base64'),
      ];
      for (const form of forms)
        for (const padding of ['', 'x'.repeat(270)]) {
          const body = errorBody(format, `${padding} Bad key: ${form}!`, 'invalid', 401);
          server.answerWith(() => ({ status: 401, body }));
          const { reason } = await askForFailure(server, format, { endpoint: { key: secret } });
          assert.ok(![...forms, secret.slice(0, 12)].some((one) => reason.includes(one)), reason);
        }
    }
    server.answerWith(() => ({ status: 500, body: `Echo: ${key}\n${key}` }));
    assert.match((await askForFailure(server, format)).reason, /Echo: \[key\] \[key\]/);
  });

  test(`${format}: the key goes where it belongs, and nowhere when there is none`, async () => {
    server.answerWith(() => ({ answer: { text: 'Yes.' } }));
    const sent = async (endpoint: object) => {
      await askForEnd(server, format, { endpoint });
      const headers = server.requests.at(-1)?.headers;
      return ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'].map((name) => headers?.[name] ?? null);
    };
    const usual = { anthropic: [null, key, null, null], gemini: [null, null, key, null] };
    const expected = format in usual ? usual[format as keyof typeof usual] : [`Bearer ${key}`, null, null, null];
    assert.deepEqual(await sent({}), expected);
    assert.deepEqual(await sent({ key: null }), [null, null, null, null]);
    assert.deepEqual(await sent({ quirks: { keyHeader: 'api-key', query: 'api-version=1' } }), [null, null, null, key]);
    assert.match(server.requests.at(-1)?.path ?? '', /[?&]api-version=1/);
  });
}
