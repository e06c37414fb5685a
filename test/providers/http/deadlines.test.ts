/**
 * Goal: a vendor that is silent never holds a run up: each deadline ends the call, says which one it was, and hangs up.
 * Method: a scripted server is silent at the right moment; keep-alives, pings and comments must not count as tokens.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deadlines } from '../../../ipc/model.ts';
import { ask, askForEnd, askForFailure, formats, joined } from '../../support/model-calls.ts';
import { type ModelServer, type Piece, type Reply, startModelServer } from '../../support/model-server.ts';
import { sse } from '../../support/model-wire.ts';

let server: ModelServer;
before(async () => {
  server = await startModelServer(() => ({}));
});
after(() => server.stop());

const ping = sse({ type: 'ping' }, 'ping');
const comments: Piece[] = Array.from({ length: 12 }, (_, at) => [
  at % 2 ? ': keep-alive\n\n' : '\n',
  { silenceMs: 30 },
]).flat();

const slow: { deadline: keyof Deadlines; name: string; reply: Reply }[] = [
  { deadline: 'connectMs', name: 'connect', reply: { headDelayMs: 5_000 } },
  { deadline: 'firstTokenMs', name: 'first token', reply: { pieces: () => ['hang'] } },
  {
    deadline: 'firstTokenMs',
    name: 'first token',
    reply: { answer: { text: 'Late.' }, pieces: (events) => [...comments, ...events] },
  },
  {
    deadline: 'idleMs',
    name: 'idle',
    reply: {
      answer: { text: ['One', 'two'] },
      pieces: (events) => {
        const at = events.findIndex((event) => event.includes('One')) + 1;
        return [...events.slice(0, at), ...comments, ...events.slice(at)];
      },
    },
  },
  {
    deadline: 'totalMs',
    name: 'whole call',
    reply: { answer: { text: Array.from({ length: 100 }, () => 'and ') }, eventDelayMs: 20 },
  },
];

for (const format of formats) {
  for (const [at, { deadline, name, reply }] of slow.entries())
    test(`${format}: the ${name} deadline ends a slow call (${at})`, async () => {
      server.answerWith(() => reply);
      const began = performance.now();
      const failure = await askForFailure(server, format, { deadlines: { [deadline]: 250 } });
      const took = performance.now() - began;
      assert.equal(failure.kind, 'timeout');
      assert.match(failure.reason, new RegExp(`0\\.25 s \\(${name} deadline\\)$`));
      assert.ok(took >= 240, `${took} ms`);
      // The server is told by the connection being closed.
      for (let waited = 0; server.requests.at(-1)?.ended === null && waited < 100; waited++) await sleep(20);
      // On a slow machine the deadline may come before the request was sent: then the server has seen nothing.
      const seen = server.requests.at(-1);
      assert.ok(seen === undefined || seen.ended === 'gone', `${seen?.ended}`);
    });

  test(`${format}: tokens that keep coming are no silence, and neither is a slow reader`, async () => {
    server.answerWith(() => ({ answer: { text: ['One ', 'two ', 'three ', 'four'] }, eventDelayMs: 60 }));
    const events = await ask(server, format, { deadlines: { connectMs: 1_000, firstTokenMs: 1_000, idleMs: 1_000 } });
    assert.equal(joined(events, 'text.delta'), 'One two three four');
  });

  test(`${format}: a signal ends a call before and in mid-answer`, async () => {
    server.answerWith(() => ({
      answer: { text: ['One', 'two'] },
      pieces: (events) => [...events.slice(0, 3), 'hang'],
    }));
    for (const delayMs of [null, 0, 60]) {
      const ended = new AbortController();
      if (delayMs === null) ended.abort();
      else setTimeout(() => ended.abort(), delayMs);
      const failure = await askForFailure(server, format, { signal: ended.signal });
      assert.equal(failure.kind, 'ended', `${delayMs}: ${failure.reason}`);
    }
  });

  test(`${format}: an error whose page never ends is that error`, async () => {
    server.answerWith(() => ({
      status: 429,
      headers: { 'content-type': 'application/json', 'retry-after': '3' },
      pieces: () => ['{"error": {"mess', 'hang'],
    }));
    const { kind, retryAfterMs } = await askForFailure(server, format, { deadlines: { firstTokenMs: 200 } });
    assert.deepEqual([kind, retryAfterMs], ['rate_limited', 3_000]);
  });

  test(`${format}: a reader that goes away closes the connection`, async () => {
    server.answerWith(() => ({
      answer: { text: ['One', 'two'] },
      pieces: (events) => [...events.slice(0, 3), 'hang'],
    }));
    const { openProvider } = await import('../../../providers/formats/open.ts');
    const { endpointOf, patient, requestOf } = await import('../../support/model-calls.ts');
    const provider = await openProvider(endpointOf(server, format), patient);
    for await (const event of provider.stream(requestOf(format), new AbortController().signal))
      if (event.type === 'head') break;
    for (let waited = 0; server.requests.at(-1)?.ended === null && waited < 100; waited++) await sleep(20);
    assert.equal(server.requests.at(-1)?.ended, 'gone');
  });
}

test('anthropic: pings are no tokens', async () => {
  const pings: Piece[] = Array.from({ length: 12 }, () => [ping, { silenceMs: 30 }]).flat();
  server.answerWith(() => ({ answer: { text: 'Late.' }, pieces: (events) => [...pings, ...events] }));
  assert.equal((await askForFailure(server, 'anthropic', { deadlines: { firstTokenMs: 200 } })).kind, 'timeout');
});

test('openai-chat: empty deltas are no tokens', async () => {
  const empty = sse({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] });
  const empties: Piece[] = Array.from({ length: 12 }, () => [empty, { silenceMs: 30 }]).flat();
  server.answerWith(() => ({ answer: { text: 'Late.' }, pieces: (events) => [...empties, ...events] }));
  assert.equal((await askForFailure(server, 'openai-chat', { deadlines: { firstTokenMs: 200 } })).kind, 'timeout');
});

for (const format of formats)
  test(`${format}: calls one after the other share a connection`, async () => {
    const own = await startModelServer(() => ({ answer: { text: 'Yes.' } }));
    const ports = new Set<number | undefined>();
    own.answerWith(({ port }) => {
      ports.add(port);
      return { answer: { text: 'Yes.' } };
    });
    for (let count = 0; count < 5; count++) {
      await askForEnd(own, format);
      await sleep(5);
    }
    await own.stop();
    assert.equal(ports.size, 1);
  });
