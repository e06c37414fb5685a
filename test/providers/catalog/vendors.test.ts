// Goal: the tables of vendors and models are sound, base URLs are understood as people write them, and a probe tells
// what answers from what does not. Method: every row is checked; a real HTTP server on loopback plays the vendors.
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { type Endpoint, quirks, wireFormat } from '../../../ipc/model.ts';
import { isReadableOnTheWay, modelsUrl, normalBaseUrl } from '../../../providers/catalog/base-url.ts';
import { modelFacts, modelsOf, vendorsOf } from '../../../providers/catalog/models.ts';
import { modelTable } from '../../../providers/catalog/models-data.ts';
import { probe } from '../../../providers/catalog/probe.ts';
import { vendors } from '../../../providers/catalog/vendors.ts';

test('every vendor has an address, a variable for its key, and quirks that formats know', () => {
  for (const [id, row] of Object.entries(vendors)) {
    assert.match(id, /^[a-z-]+$/);
    wireFormat.parse(row.format);
    assert.deepEqual(quirks.parse(row.quirks), row.quirks, id);
    for (const name of [...row.keyVariables, row.baseUrlVariable]) assert.match(name, /^[A-Z_]+$/, id);
    assert.ok(row.keyVariables.length > 0, id);
    if (row.baseUrl === null) assert.equal(id, 'azure');
    else assert.equal(normalBaseUrl(row.baseUrl, row.format, row), row.baseUrl, id);
    assert.equal(row.baseUrl?.startsWith('https://') ?? true, !row.local, id);
  }
});

test('no other name of a vendor is the name of another', () => {
  const names = Object.entries(vendors).flatMap(([id, row]) => [id, ...(row.otherNames ?? [])]);
  assert.deepEqual(
    names.filter((name, at) => names.indexOf(name) !== at),
    [],
  );
});

test('every default model is in the table, and every model of the table belongs to a vendor', () => {
  for (const [id, row] of Object.entries(vendors))
    if (row.defaultModel !== null) assert.ok(modelFacts(id, row.defaultModel), `${id}/${row.defaultModel}`);
  for (const id of Object.keys(modelTable)) assert.ok(vendors[id], id);
});

test('the facts of every model are numbers that make sense', () => {
  for (const vendor of Object.keys(modelTable)) {
    assert.equal(modelsOf(vendor).length, modelTable[vendor]!.trim().split('\n').length, `${vendor} names one twice`);
    for (const model of modelsOf(vendor)) {
      const { contextTokens, outputTokensMax, prices } = modelFacts(vendor, model)!;
      const name = `${vendor}/${model}`;
      assert.ok(Number.isInteger(contextTokens) && contextTokens >= 8192 && contextTokens <= 2_000_000, name);
      assert.ok(outputTokensMax === null || (outputTokensMax >= 4096 && outputTokensMax <= contextTokens), name);
      const { input = 0, output = 0, cacheRead = 0, cacheWrite = input } = prices ?? {};
      assert.ok(input <= output && cacheRead <= input && cacheWrite <= 2 * input && output < 1000, name);
    }
  }
});

test('facts are found by name, by a dated name, and not at all', () => {
  const haiku = {
    contextTokens: 200_000,
    outputTokensMax: 64_000,
    prices: { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 },
    reasoning: true,
    images: true,
  };
  assert.deepEqual(modelFacts('anthropic', 'claude-haiku-4-5'), haiku);
  assert.deepEqual(modelFacts('anthropic', 'claude-haiku-4-5-20251001'), haiku);
  assert.equal(modelFacts('anthropic', 'claude-haiku-9'), null);
  assert.equal(modelFacts('nobody', 'x'), null);
  assert.deepEqual(modelsOf('constructor'), []);
  assert.deepEqual(vendorsOf('grok-4.6'), ['xai']);
});

test('a base URL is understood as people write it', () => {
  const { ollama, azure } = vendors;
  for (const [written, format, row, wanted] of [
    ['https://api.example.com/v1/', 'openai-chat', undefined, 'https://api.example.com/v1'],
    ['https://api.example.com', 'openai-chat', undefined, 'https://api.example.com'],
    ['https://proxy.example.com/anthropic/v1', 'anthropic', undefined, 'https://proxy.example.com/anthropic'],
    ['https://proxy.example.com/v1beta/', 'gemini', undefined, 'https://proxy.example.com'],
    ['0.0.0.0:11434', 'openai-chat', ollama, 'http://127.0.0.1:11434/v1'],
    ['gpu-box', 'openai-chat', ollama, 'http://gpu-box:11434/v1'],
    ['http://gpu-box:9000/ollama/v1', 'openai-chat', ollama, 'http://gpu-box:9000/ollama/v1'],
    ['https://me.openai.azure.com/', 'openai-responses', azure, 'https://me.openai.azure.com/openai/v1'],
    ['https://user:secret@example.com/v1', 'openai-chat', undefined, null],
    ['https://example.com/v1?key=secret', 'gemini', undefined, null],
    ['ftp://example.com', 'openai-chat', undefined, null],
    ['not a url', 'openai-chat', undefined, null],
  ] as const)
    assert.equal(normalBaseUrl(written, format, row), wanted, written);
  assert.equal(isReadableOnTheWay('http://gpu-box:11434/v1'), true);
  for (const url of ['http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1', 'https://gpu-box'])
    assert.equal(isReadableOnTheWay(url), false, url);
  assert.equal(modelsUrl('anthropic', 'https://a'), 'https://a/v1/models');
  assert.equal(modelsUrl('gemini', 'https://a'), 'https://a/v1beta/models');
  assert.equal(modelsUrl('openai-responses', 'https://a/v1'), 'https://a/v1/models');
});

const servers: { close(): void }[] = [];
after(() => {
  for (const server of servers) server.close();
});

async function endpointOf(listener: RequestListener, more: Partial<Endpoint> = {}): Promise<Endpoint> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push({ close: () => server.close() && server.closeAllConnections() });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { vendor: 'test', format: 'openai-chat', baseUrl, key: 'secret', quirks: {}, ...more };
}

const at = Date.parse('2026-11-20T12:00:00Z');
const answer =
  (status: number, body: string): RequestListener =>
  (_, response) =>
    response.writeHead(status, { date: new Date(at).toUTCString() }).end(body);

test('a probe tells models, refusals, pages of HTML and other answers apart', async () => {
  for (const [status, body, wanted] of [
    [200, '{"data":[{"id":"a"},{"id":"b"}]}', { type: 'models', models: ['a', 'b'], dateMs: at }],
    [200, '{"models":[{"name":"models/g"}]}', { type: 'models', models: ['g'], dateMs: at }],
    [200, '{"data":{"label":"a key"}}', { type: 'models', models: [], dateMs: at }],
    [401, 'no', { type: 'refused', status: 401, dateMs: at }],
    [400, '{"error":"API_KEY_INVALID"}', { type: 'refused', status: 400, dateMs: at }],
    [404, '{}', { type: 'other', status: 404, html: false, dateMs: at }],
    [200, '<!DOCTYPE html><p>', { type: 'other', status: 200, html: true, dateMs: at }],
    [200, 'odd', { type: 'other', status: 200, html: false, dateMs: at }],
  ] as const)
    assert.deepEqual(await probe(await endpointOf(answer(status, body)), 5000), wanted);
});

test('a probe sends the key as its format does, and the query of a quirk', async () => {
  const seen: (string | undefined)[] = [];
  const listen: RequestListener = ({ url, headers }, response) => {
    seen.push(url, headers.authorization ?? headers['x-api-key']?.toString() ?? headers['api-key']?.toString());
    response.end('{}');
  };
  await probe(await endpointOf(listen), 5000);
  await probe(await endpointOf(listen, { format: 'anthropic' }), 5000);
  await probe(await endpointOf(listen, { quirks: { keyHeader: 'api-key', query: 'a=b' } }), 5000, '/key');
  await probe(await endpointOf(listen, { key: null }), 5000);
  assert.deepEqual(
    seen,
    [
      ['/v1/models', 'Bearer secret'],
      ['/v1/v1/models', 'secret'],
      ['/v1/key?a=b', 'secret'],
      ['/v1/models', undefined],
    ].flat(),
  );
});

test('a probe of what does not answer ends in time and says why', async () => {
  const silent = await endpointOf(() => {});
  assert.deepEqual(await probe(silent, 100), { type: 'unreachable', code: 'timeout' });
  const nobody = { ...silent, baseUrl: 'http://127.0.0.1:9' };
  assert.deepEqual(await probe(nobody, 1000), { type: 'unreachable', code: 'ECONNREFUSED' });
  const cut = await endpointOf((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{');
    setTimeout(() => response.destroy(), 10);
  });
  assert.deepEqual(await probe(cut, 1000), { type: 'unreachable', code: 'ECONNRESET' });
  assert.deepEqual(await probe({ ...silent, key: 'line\nbreak' }, 1000), {
    type: 'unreachable',
    code: 'ERR_INVALID_CHAR',
  });
});
