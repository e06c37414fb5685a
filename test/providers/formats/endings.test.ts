/**
 * Goal: an answer that was cut off is never taken for a whole one, and a server that says the end in its own way works.
 * Method: a scripted server on loopback ends its answers so; the vendor's real SDK reads them.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ModelEvent } from '../../../ipc/model.ts';
import {
  askForEnd,
  askForFailure,
  endpointOf,
  formats,
  openProvider,
  patient,
  requestOf,
} from '../../support/model-calls.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { sse } from '../../support/model-wire.ts';

let server: ModelServer;
before(async () => {
  server = await startModelServer(() => ({ answer: { text: 'unused' } }));
});
after(() => server.stop());

const chunk = (delta: object, finish_reason: string | null = null) =>
  sse({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] });
const done = 'data: [DONE]\n\n';
const jsonA = '{"path":"a.ts"}';

/** The end of a call that a server answers so in chat completions. */
async function heard(...events: string[]) {
  server.answerWith(() => ({ pieces: () => [events.join('')] }));
  return await askForEnd(server, 'openai-chat');
}

test('openai-chat: a server without a reason, but with [DONE], is understood', async () => {
  for (const finish of [null, '']) {
    assert.equal((await heard(chunk({ content: 'Yes.' }, finish), done)).message.text, 'Yes.');
    const tool_calls = [{ index: 0, id: 'x', function: { name: 'read', arguments: jsonA } }];
    assert.equal((await heard(chunk({ tool_calls }, finish), done)).stop, 'calls');
  }
});

test('openai-chat: an unknown reason is a reason', async () => {
  for (const reason of ['eos', 'end_turn', 'COMPLETE'])
    assert.equal((await heard(chunk({ content: 'Yes.' }), chunk({}, reason))).stop, 'done');
});

const endless: Record<string, string[]> = {
  'no reason and no [DONE]': [chunk({ content: 'You must ' }, ''), chunk({ content: 'never ' }, '')],
  'an event that was cut off': [chunk({ content: 'You ' }), chunk({ content: 'must' }, 'stop').slice(0, -9)],
  '[DONE] in the middle of a call': [
    chunk({ tool_calls: [{ index: 0, id: 'x', function: { name: 'read', arguments: '{"path":"a' } }] }),
    done,
  ],
};

for (const [what, events] of Object.entries(endless))
  test(`openai-chat: ${what} is no whole answer, and one retry tells`, async () => {
    server.answerWith(() => ({ pieces: () => [events.join('')] }));
    const { kind, reason } = await askForFailure(server, 'openai-chat');
    assert.equal(kind, 'malformed');
    assert.match(reason, /ended its answer without finish_reason .*must say how an answer ends/);
  });

for (const format of formats)
  test(`${format}: an end without the reason that the model gives otherwise is a broken connection`, async () => {
    const provider = await openProvider(endpointOf(server, format), patient);
    const lastOf = async () => {
      const events: ModelEvent[] = [];
      for await (const event of provider.stream(requestOf(format), new AbortController().signal)) events.push(event);
      return events.at(-1);
    };
    server.answerWith(() => ({ answer: { text: 'Whole.' } }));
    assert.equal((await lastOf())?.type, 'end');
    server.answerWith(() => ({
      answer: { text: ['Half', 'way'] },
      pieces: (events) => [...events.slice(0, -3), done],
    }));
    const last = await lastOf();
    assert.ok(last?.type === 'failure');
    assert.equal(last.failure.kind, 'network', last.failure.reason);
  });

for (const format of formats)
  test(`${format}: a server that leaves its answer open after the end is not waited for`, async () => {
    server.answerWith(() => ({
      answer: { text: 'Yes.' },
      pieces: (events) => [...events.filter((one) => one !== done), 'hang'],
    }));
    assert.equal((await askForEnd(server, format)).message.text, 'Yes.');
  });

for (const format of formats)
  test(`${format}: a connection that breaks after the reason for the end takes nothing from the answer`, async () => {
    server.answerWith(() => ({
      answer: { text: 'Yes.' },
      pieces: (events) => [
        ...events.filter((event) => !/DONE|message_stop|"choices":\[\]/.test(event)),
        { silenceMs: 50 },
        'break',
      ],
    }));
    assert.equal((await askForEnd(server, format)).message.text, 'Yes.');
  });
