// Goal: any search service that answers JSON can be used: its results are found, the key goes where it belongs, and what
// goes wrong is said. Method: answers in the forms of known services from a server on loopback, also behind a proxy.

import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { isSearchBody, isSearchUrl } from '../../../orchestrator/config/search-settings.ts';
import { readResults, searchAt } from '../../../orchestrator/web/search-endpoint.ts';
import { startHttpProxy } from '../../support/proxies.ts';

let reply: { status?: number; body: unknown } = { body: {} };
const asked: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  asked.push({ url: request.url ?? '', headers: request.headers, body });
  const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
  response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' }).end(text);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
after(() => {
  server.closeAllConnections();
  server.close();
});
const signal = new AbortController().signal;
const at = `http://127.0.0.1:${port}`;
const one = { url: 'https://example.org/a', title: 'Release notes', content: 'Version 2 is out.' };
const said = '1. Release notes\n   https://example.org/a\n   Version 2 is out.';

const forms: [string, unknown][] = [
  ['SearXNG', { query: 'q', results: [one], infoboxes: [{ urls: [] }], suggestions: ['x'] }],
  [
    'Brave',
    { web: { results: [{ ...one, content: undefined, description: '<strong>Version</strong> 2\n is out.' }] } },
  ],
  ['Google', { items: [{ link: one.url, title: one.title, snippet: one.content }] }],
  [
    'Serper',
    { organic: [{ link: one.url, title: one.title, snippet: one.content }], relatedSearches: [{ query: 'x' }] },
  ],
  ['Tavily', { answer: null, images: [], results: [one] }],
  ['Exa', { results: [{ id: '1', url: one.url, title: one.title, text: one.content }] }],
  ['a plain list', [one]],
];
for (const [name, answer] of forms)
  test(`${name}: its results are found`, () =>
    assert.deepEqual(readResults(JSON.stringify(answer), 'q'), { text: said }));

test('an address that is no web page is left out, and nothing found is said', () => {
  const answer = { results: [{ url: 'javascript:alert(1)', title: 'x' }] };
  assert.deepEqual(readResults(JSON.stringify(answer), 'a "b"'), { text: 'Nothing was found for "a \\"b\\"".' });
});

test('the query stands in the URL, or in a body of JSON; the key in the header that is named', async () => {
  reply = { body: { results: [one] } };
  const environment = { SEARCH_KEY: 'sk-1' };
  const given = { signal, environment };
  const found = await searchAt({ url: `${at}/s?q={query}&format=json`, key_env: 'SEARCH_KEY' }, 'a&b "c"', given);
  assert.ok('text' in found && found.text === said);
  assert.equal(asked.at(-1)?.url, '/s?q=a%26b%20%22c%22&format=json');
  assert.equal(asked.at(-1)?.headers.authorization, 'Bearer sk-1');
  const settings = { url: `${at}/s`, body: '{"query": "{query}"}', key_env: 'SEARCH_KEY', key_header: 'x-key' };
  await searchAt(settings, 'a&b "c"\n$&', given);
  assert.deepEqual(JSON.parse(asked.at(-1)?.body ?? ''), { query: 'a&b "c"\n$&' });
  assert.equal(asked.at(-1)?.headers['x-key'], 'sk-1');
  assert.equal(asked.at(-1)?.headers.authorization, undefined);
});

test('what goes wrong is said: no key, an error, no JSON, no server', async () => {
  const reason = async (settings: object, environment = {}) => {
    const found = await searchAt({ url: `${at}/?q={query}`, ...settings }, 'q', { signal, environment });
    return 'reason' in found ? found.reason : found.text;
  };
  assert.match(await reason({ key_env: 'SEARCH_KEY' }), /SEARCH_KEY, which \[web_search\] names .* is not set/);
  reply = { status: 429, body: {} };
  assert.equal(await reason({}), '127.0.0.1 answered 429');
  reply = { body: '<html>' };
  assert.match(await reason({}), /no JSON/);
  assert.match(await reason({ url: 'http://127.0.0.1:1/?q={query}' }), /ECONNREFUSED/);
});

test('the proxy of the person is used', async () => {
  reply = { body: { results: [one] } };
  const proxy = await startHttpProxy(port);
  const environment = { http_proxy: `http://${proxy.at}` };
  const found = await searchAt({ url: 'http://search.example.test/?q={query}' }, 'q', { signal, environment });
  await proxy.stop();
  assert.ok('text' in found, JSON.stringify(found));
  assert.deepEqual(proxy.asked, ['GET search.example.test']);
});

test('settings are looked at when they are read', () => {
  for (const url of ['http://127.0.0.1:1/?q={query}', 'https://example.org/']) assert.ok(isSearchUrl(url), url);
  for (const url of ['file:///etc/passwd', '{query}', 'https://me:pw@example.org/']) assert.ok(!isSearchUrl(url), url);
  assert.ok(isSearchBody('{"q": "{query}"}') && !isSearchBody('{"q": {query}}') && !isSearchBody('{}'));
});
