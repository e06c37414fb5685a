// Goal: a page is fetched within bounds, and neither a redirect nor a name that changes leads into one's own network.
// Method: servers on loopback that are granted by their address, and resolvers that say where a name leads.

import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fetchPage } from '../../../orchestrator/web/fetch-page.ts';
import { pageText } from '../../../orchestrator/web/page-text.ts';

const html =
  '<html><head><title>A page</title><style>b{}</style></head><body><nav>menu</nav><h2>Head</h2><p>Some <b>bold</b> ' +
  'text, <a href="/x">a link</a>.</p><script>alert(1)</script><pre><code>let a = 1;</code></pre></body></html>';

const answers: Record<string, RequestListener> = {
  '/page': (_, response) => response.setHeader('content-type', 'text/html; charset=utf-8').end(html),
  '/zip': (_, response) =>
    response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(gzipSync('packed text')),
  '/bomb': (_, response) =>
    response
      .writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' })
      .end(gzipSync(Buffer.alloc(20 * 1024 * 1024, 'x'))),
  '/latin': (_, response) =>
    response.setHeader('content-type', 'text/html; charset=iso-8859-1').end(Buffer.from('<p>caf\xe9</p>', 'latin1')),
  '/image': (_, response) => response.setHeader('content-type', 'image/png').end(Buffer.from([1, 2])),
  '/back': (_, response) => response.writeHead(302, { location: '/page' }).end(),
  '/round': (_, response) => response.writeHead(302, { location: '/round' }).end(),
  '/away': (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
  '/named': (_, response) => response.writeHead(301, { location: 'http://inner.example.org/' }).end(),
  '/hangs': () => {},
};
const server = createServer((request, response) => {
  const answer = answers[request.url ?? ''];
  if (answer) answer(request, response);
  else response.writeHead(404, { 'content-type': 'text/plain' }).end('none');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const own = `127.0.0.1:${port}`;
after(() => {
  server.closeAllConnections();
  server.close();
});

const fetched = (path: string, more: Partial<Parameters<typeof fetchPage>[1]> = {}) =>
  fetchPage(path.startsWith('http') ? path : `http://${own}${path}`, {
    ...{ hosts: [own], signal: new AbortController().signal, ...more },
  });
const textAt = async (path: string) => {
  const found = await fetched(path);
  return 'page' in found ? pageText(found.page) : found.reason;
};
const reasonAt = async (path: string, more = {}) => {
  const found = await fetched(path, more);
  return 'reason' in found ? found.reason : 'a page';
};

test('HTML becomes Markdown, without what is no text of the page; other text stays', async () => {
  assert.equal(
    await textAt('/page'),
    '# A page\n\n## Head\n\nSome **bold** text, [a link](/x).\n\n```\nlet a = 1;\n```',
  );
  assert.equal(await textAt('/back'), await textAt('/page'));
  assert.equal(await textAt('/zip'), 'packed text');
  assert.equal(await textAt('/latin'), 'café');
  assert.equal(await textAt('/image'), undefined);
});

test('what unpacks to more than the limit is cut, and endless redirects end', async () => {
  const bomb = await fetched('/bomb');
  assert.ok('page' in bomb && bomb.page.isCut && bomb.page.bytes.length === 5 * 1024 * 1024);
  assert.match(await reasonAt('/round'), /redirects more than 5 times/);
  const missing = await fetched('/missing');
  assert.equal('page' in missing && missing.page.status, 404);
});

test('a redirect to another host is not followed, also where that host is one’s own', async () => {
  assert.match(await reasonAt('/away'), /redirects to another host: fetch http:\/\/169\.254\.169\.254/);
  const inner = { hosts: [own, 'inner.example.org'], resolve: async () => [{ address: '10.0.0.7', family: 4 }] };
  assert.match(await reasonAt('/named', inner), /inner\.example\.org leads to an address that is not public/);
});

test('a name with one address that is not public is refused, and it is resolved only once', async () => {
  let asked = 0;
  const resolve = async () => {
    asked += 1;
    // The second answer would be another, as an attacker's name server gives it.
    return asked === 1
      ? [
          { address: '93.184.216.34', family: 4 },
          { address: '127.0.0.1', family: 4 },
        ]
      : [{ address: '93.184.216.34', family: 4 }];
  };
  const found = await fetched(`http://rebind.example.org:${port}/page`, { hosts: ['rebind.example.org'], resolve });
  assert.match('reason' in found ? found.reason : '', /leads to an address that is not public/);
  assert.deepEqual([asked, found.used.map(({ verdict }) => verdict)], [1, ['refused']]);
  const granted = { hosts: [own], resolve: async () => [{ address: '127.0.0.1', family: 4 }] };
  assert.equal(await reasonAt(`http://mine.example.org:${port}/page`, granted), 'a page');
  assert.match(await reasonAt('http://none.example.org/', { resolve: async () => [] }), /no server is known/);
});

test('a fetch ends with its signal, and the hosts that were asked are told', async () => {
  const abort = new AbortController();
  const waiting = fetched('/hangs', { signal: abort.signal });
  abort.abort();
  const found = await waiting;
  assert.ok('reason' in found);
  const page = await fetched('/page');
  assert.deepEqual(page.used, [
    { host: '127.0.0.1', port, verdict: 'allowed', reason: '', connections: 1, sent: 0, received: html.length },
  ]);
});
