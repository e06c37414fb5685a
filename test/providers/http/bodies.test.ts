/**
 * Goal: an answer is read with any content type, compressed or not, as a stream or as one document.
 * Method: a scripted server on loopback sends the bytes that gateways send; the vendor's real SDK reads them.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as zlib from 'node:zlib';
import { askForEnd, askForFailure, formats } from '../../support/model-calls.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { eventsOf, sse } from '../../support/model-wire.ts';

let server: ModelServer;
before(async () => {
  server = await startModelServer(() => ({}));
});
after(() => server.stop());

const [text, path] = ['Größe: 日本語', 'a.ts'];
const answer = { text, calls: [{ id: 'x', name: 'read', arguments: { path } }] };

async function isWhole(format: (typeof formats)[number], words = ''): Promise<void> {
  const { message, stop, usage } = await askForEnd(server, format);
  assert.deepEqual(
    [message.text, message.calls[0]?.name, message.calls[0]?.arguments],
    [text, 'read', { path }],
    words,
  );
  assert.deepEqual([stop, usage.inputTokens, usage.outputTokens], ['calls', 100, 20], words);
}

const compressions: [encoding: string, compress: (bytes: Buffer) => Buffer][] = [
  ['gzip', zlib.gzipSync],
  ['x-gzip', zlib.gzipSync],
  ['br', zlib.brotliCompressSync],
  ['zstd', zlib.zstdCompressSync],
  ['deflate', zlib.deflateSync],
  ['deflate', zlib.deflateRawSync],
  ['br, gzip', (bytes) => zlib.gzipSync(zlib.brotliCompressSync(bytes))],
  // No word about it, a word too much, and a word that means nothing.
  ['', zlib.gzipSync],
  ['gzip', (bytes) => bytes],
  ['identity', (bytes) => bytes],
];

for (const [encoding, compress] of compressions)
  test(`compressed: ${encoding || 'without a word'} by ${compress.name || 'nothing'}`, async () => {
    for (const format of formats) {
      const whole = compress(Buffer.from(eventsOf(format, answer).join('')));
      const headers: Record<string, string> = encoding === '' ? {} : { 'content-encoding': encoding };
      server.answerWith(() => ({
        headers,
        pieces: () => [whole.subarray(0, 1), whole.subarray(1, 40), whole.subarray(40)],
      }));
      await isWhole(format, encoding);
    }
  });

test('compressed: each event arrives when it was sent', async () => {
  const gzip = zlib.createGzip();
  const [first = '', ...others] = eventsOf('openai-chat', { text: ['One', 'two'] });
  const packets: Buffer[] = [];
  gzip.on('data', (packet: Buffer) => packets.push(packet));
  for (const event of [first, ...others]) {
    gzip.write(event);
    await new Promise<void>((resolve) => gzip.flush(zlib.constants.Z_SYNC_FLUSH, resolve));
  }
  // The end of the compression never comes.
  server.answerWith(() => ({ headers: { 'content-encoding': 'gzip' }, pieces: () => [...packets, 'hang'] }));
  assert.equal((await askForEnd(server, 'openai-chat')).message.text, 'Onetwo');
});

test('compressed: an error is read too', async () => {
  const error = zlib.gzipSync(JSON.stringify({ error: { message: 'Unknown parameter: foo.' } }));
  server.answerWith(() => ({ status: 400, headers: { 'content-encoding': 'gzip' }, pieces: () => [error] }));
  assert.match((await askForFailure(server, 'openai-chat')).reason, /answered 400: Unknown parameter: foo\.$/);
});

test('compressed: what cannot be read is said so', async () => {
  const whole = Buffer.from(eventsOf('openai-chat', answer).join(''));
  const wrong = Buffer.concat([zlib.gzipSync(whole).subarray(0, 12), Buffer.alloc(200, 0xff)]);
  for (const [encoding, bytes, words] of [
    ['compress', whole, /compresses its answer as 'compress', which cannot be read/],
    ['gzip', wrong, /sent a compressed answer that cannot be read/],
  ] as const) {
    server.answerWith(() => ({ headers: { 'content-encoding': encoding }, pieces: () => [bytes] }));
    const { kind, reason } = await askForFailure(server, 'openai-chat');
    assert.equal(kind, 'malformed', reason);
    assert.match(reason, words);
  }
});

for (const format of formats)
  test(`${format}: a wrong content type changes nothing`, async () => {
    for (const type of ['application/json', 'text/plain', 'text/html', 'application/octet-stream', '']) {
      server.answerWith(() => ({ answer, headers: { 'content-type': type } }));
      await isWhole(format, type);
    }
  });

const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
const json = JSON.stringify({ path });
const documents = {
  'openai-chat': {
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text,
          tool_calls: [{ id: 'x', function: { name: 'read', arguments: json } }],
        },
        finish_reason: 'tool_calls',
      },
    ],
    usage,
  },
  'openai-responses': {
    object: 'response',
    status: 'completed',
    error: null,
    output: [
      { type: 'reasoning', id: 'rs', summary: [{ type: 'summary_text', text: 'Hm.' }] },
      { type: 'message', id: 'msg', content: [{ type: 'output_text', text }] },
      { type: 'function_call', id: 'fc', call_id: 'x', name: 'read', arguments: json },
    ],
    usage: { input_tokens: 100, output_tokens: 20 },
  },
  anthropic: {
    type: 'message',
    role: 'assistant',
    content: [
      { type: 'text', text },
      { type: 'tool_use', id: 'x', name: 'read', input: { path } },
    ],
    stop_reason: 'tool_use',
    usage: { input_tokens: 100, output_tokens: 20 },
  },
  gemini: {
    candidates: [
      {
        content: { parts: [{ text }, { functionCall: { id: 'x', name: 'read', args: { path } } }] },
        finishReason: 'STOP',
      },
    ],
    usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 20 },
  },
};

for (const format of formats) {
  test(`${format}: one JSON document in place of a stream is the answer`, async () => {
    const document = documents[format];
    for (const body of [document, [document], sse(document), `\n\n${JSON.stringify(document, null, 2)}\n`]) {
      server.answerWith(() => ({ body }));
      await isWhole(format, JSON.stringify(body).slice(0, 40));
    }
  });

  test(`${format}: a stream as lines of JSON, or as one list, is the answer`, async () => {
    const events = eventsOf(format, answer).flatMap((event) => /^data: (\{.*)$/m.exec(event)?.[1] ?? []);
    for (const body of [events.join('\n'), `[${events.join(',\n')}]`]) {
      server.answerWith(() => ({ body }));
      await isWhole(format, body.slice(0, 40));
    }
  });

  test(`${format}: events need neither names, nor empty lines between them, nor one kind of line end`, async () => {
    const events = eventsOf(format, answer).map((event) => event.replace(/^event: .*\n/, ''));
    for (const [what, said] of [
      ['no names', events.join('')],
      ['no empty lines', events.join('').replaceAll('\n\n', '\n')],
      ['CRLF', events.join('').replaceAll('\n', '\r\n')],
      ['CR', events.join('').replaceAll('\n', '\r')],
      ['no space', events.join('').replaceAll('data: ', 'data:')],
      [
        'keep-alives',
        events.map((event) => `: PROCESSING\n\ndata: ping\n\nevent: ping\ndata: {"type":"ping"}\n\n${event}`).join(''),
      ],
      ['a mark of order', `\uFEFF${events.join('')}`],
      ['no end of the last line', events.join('').replace(/\n+$/, '')],
    ] as const) {
      if (format === 'gemini' && what === 'keep-alives') continue;
      server.answerWith(() => ({ pieces: () => [...Buffer.from(said)].map((byte) => Buffer.from([byte])) }));
      await isWhole(format, what);
    }
  });

  test(`${format}: nothing at all is malformed, and asks whether base_url is right`, async () => {
    for (const body of ['', ' \n\n']) {
      server.answerWith(() => ({ body }));
      const { kind, reason } = await askForFailure(server, format);
      assert.equal(kind, 'malformed');
      assert.match(reason, /answered 200 with nothing: is base_url right\? http/);
    }
  });

  test(`${format}: an error without its field's name in mid-stream is that error`, async () => {
    const error = '{"error":{"message":"The server is overloaded","code":503}}\n';
    server.answerWith(() => ({ answer: { text: 'Half an' }, pieces: (events) => [...events.slice(0, 2), error] }));
    assert.equal((await askForFailure(server, format)).kind, 'overloaded');
  });

  test(`${format}: words in place of an answer are told`, async () => {
    server.answerWith(() => ({ body: 'upstream connect error' }));
    const { kind, reason } = await askForFailure(server, format);
    assert.deepEqual([kind, reason.includes('upstream connect error')], ['malformed', true]);
  });
}
