/**
 * Goal: the proxy lets through what was granted, byte for byte, and nothing else, whatever is asked of it and however.
 * Method: the real proxy, real servers on the loopback, raw requests; names are resolved by a table of the test.
 */
import assert from 'node:assert/strict';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, test } from 'node:test';
import { type FilteringProxy, startProxy } from '../../sandbox/proxy.ts';

const ends: (() => unknown)[] = [];
after(() => {
  for (const end of ends.reverse()) end();
});

async function listening<One extends Server>(server: One): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const seen: IncomingMessage[] = [];
const web = await listening(
  createHttpServer((request, response) => {
    seen.push(request);
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => response.setHeader('X-From', 'web').end(`${request.method} ${request.url} ${body}`));
  }),
);
const echo = await listening(createServer((socket) => void socket.on('error', () => {}).pipe(socket)));

let resolved: string[] = [];
const table: Record<string, string[]> = {
  'mixed.example.org': ['8.8.8.8', '127.0.0.1'],
  'metadata.example.org': ['169.254.169.254'],
  'mapped.example.org': ['::ffff:127.0.0.1'],
  'own.example.org': [
    Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .find(({ internal }) => !internal)?.address ?? '10.0.0.1',
  ],
};

/** A resolver whose answer for one name changes: public first, then this machine. */
function resolve(name: string): Promise<{ address: string; family: number }[]> {
  resolved.push(name);
  const addresses =
    name === 'rebinding.example.org'
      ? [resolved.filter((one) => one === name).length === 1 ? '8.8.8.8' : '127.0.0.1']
      : (table[name] ?? []);
  return Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
}

async function proxyFor(grants: string[]): Promise<{ port: number; proxy: FilteringProxy }> {
  const door = createServer();
  const proxy = startProxy(door, grants, resolve);
  ends.push(() => proxy.close());
  return { port: await listening(door), proxy };
}

/** Sends raw words and answers all that comes back; `then` follows once something has come. */
function say(port: number, words: string, then = ''): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const { promise, resolve: done } = Promise.withResolvers<string>();
  let text = '';
  const timer = setTimeout(() => socket.destroy(), 5_000);
  socket.on('data', (chunk: Buffer) => {
    if (text === '' && then !== '') socket.write(then);
    text += chunk.toString('latin1');
    if (then !== '' && text.endsWith(then)) socket.end();
  });
  socket
    .on('error', () => {})
    .on('close', () => {
      clearTimeout(timer);
      done(text);
    });
  socket.write(words);
  return promise;
}

const status = (text: string) => /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 'nothing';
const get = (url: string, headers = '') =>
  `GET ${url} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nConnection: close\r\n${headers}\r\n`;

test('a granted host is reached, by plain HTTP and through a tunnel, and every byte is counted', async () => {
  const { port, proxy } = await proxyFor([`127.0.0.1:${web}`, `127.0.0.1:${echo}`]);
  const url = `http://127.0.0.1:${web}/a?b=c`;
  const posted = `POST ${url} HTTP/1.1\r\nHost: 127.0.0.1:${web}\r\nProxy-Authorization: x\r\nX-Own: 1\r\nConnection: close, X-Own\r\nContent-Length: 4\r\n\r\nbody`;
  const answer = await say(port, posted);
  assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*X-From: web[\s\S]*POST \/a\?b=c body/i);
  const { 'proxy-authorization': authorization, 'x-own': own } = seen.at(-1)?.headers ?? {};
  assert.deepEqual([authorization, own], [undefined, undefined]);
  assert.equal(
    (await say(port, `CONNECT 127.0.0.1:${echo} HTTP/1.1\r\n\r\n`, 'ping ping')).endsWith('\r\n\r\nping ping'),
    true,
  );
  const used = { host: '127.0.0.1', verdict: 'allowed', reason: '', connections: 1 };
  assert.deepEqual(proxy.take(), [
    { ...used, port: web, sent: 4, received: 'POST /a?b=c body'.length },
    { ...used, port: echo, sent: 9, received: 9 },
  ]);
  assert.deepEqual(proxy.take(), []);
});

test('nothing else is', async () => {
  const { port, proxy } = await proxyFor(['api.example.org', '*.example.net:443', `127.0.0.1:${echo}`]);
  resolved = [];
  const refused = [
    get('http://evil.org/'),
    get(`http://127.0.0.1:${web}/`),
    get('http://api.example.org.evil.org/'),
    get('http://example.net/'),
    get('http://sub.example.net/'),
    get('http://api.example.org:8080/'),
    `GET http://api.example.org@evil.org/ HTTP/1.1\r\nHost: evil.org\r\n\r\n`,
    `GET https://api.example.org/ HTTP/1.1\r\nHost: api.example.org\r\n\r\n`,
    'GET / HTTP/1.1\r\nHost: api.example.org\r\n\r\n',
    'GET file:///etc/passwd HTTP/1.1\r\nHost: api.example.org\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nHost: api.example.org\r\n\r\n',
    `GET http://127.0.0.1:${echo}/ HTTP/1.1\r\nHost: evil.org\r\n\r\n`,
    `CONNECT 127.0.0.1:${echo} HTTP/1.1\r\nHost: evil.org:443\r\n\r\n`,
    'CONNECT evil.org:443 HTTP/1.1\r\nHost: api.example.org:443\r\n\r\n',
    `CONNECT evil.org:443 HTTP/1.1\r\nHost: 127.0.0.1:${echo}\r\n\r\n`,
    `CONNECT http://127.0.0.1:${echo} HTTP/1.1\r\n\r\n`,
    `CONNECT 127.0.0.1:${echo}:443 HTTP/1.1\r\n\r\n`,
    `CONNECT user@127.0.0.1:${echo} HTTP/1.1\r\n\r\n`,
    'CONNECT api.example.org HTTP/1.1\r\n\r\n',
    'CONNECT :443 HTTP/1.1\r\n\r\n',
    ...[
      '2130706433',
      '0x7f000001',
      '017700000001',
      '127.1',
      '[::ffff:127.0.0.1]',
      '[::1]',
      'localhost',
      '0.0.0.0',
      '127.0.0.2',
    ].map((host) => `CONNECT ${host}:${web} HTTP/1.1\r\n\r\n`),
  ];
  for (const words of refused) assert.match(status(await say(port, words)), /^40[03]$/, words);
  assert.deepEqual(resolved, [], 'and no name was asked for, which would tell something by itself');
  assert.deepEqual(
    proxy.take().filter(({ verdict, sent, received }) => verdict !== 'refused' || sent + received > 0),
    [],
  );
});

test('a second request on one connection is judged for itself, and what is smuggled behind one is none', async () => {
  const { port } = await proxyFor([`127.0.0.1:${web}`]);
  const url = `http://127.0.0.1:${web}/one`;
  const keep = `GET ${url} HTTP/1.1\r\nHost: 127.0.0.1:${web}\r\n\r\n`;
  const both = await say(port, `${keep}${get('http://evil.org/two')}`);
  assert.deepEqual(
    [...both.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]),
    ['200', '403'],
  );
  const before = seen.length;
  const body = `POST ${url} HTTP/1.1\r\nHost: 127.0.0.1:${web}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`;
  assert.equal(status(await say(port, body)), 'nothing');
  for (const words of [
    `${get(url).replace('\r\n', '\r\n evil: folded\r\n')}`,
    `GET ${url} HTTP/1.1\r\nHost: 127.0.0.1:${web}\r\nHost: evil.org\r\n\r\n`,
  ])
    assert.notEqual(status(await say(port, words)), '200', words);
  assert.deepEqual(
    seen
      .slice(before)
      .map(({ url: path }) => path)
      .filter((path) => path !== '/one'),
    [],
  );
});

test('Connection cannot take away what tells where a body ends, and a body stays a body', async () => {
  const { port } = await proxyFor([`127.0.0.1:${web}`]);
  const url = `http://127.0.0.1:${web}/one`;
  const inner = 'GET /two HTTP/1.1\r\nHost: x\r\n\r\n';
  const before = seen.length;
  for (const name of ['content-length', 'Content-Length, close', 'host', 'Transfer-Encoding']) {
    const words = `GET ${url} HTTP/1.1\r\nHost: 127.0.0.1:${web}\r\nConnection: ${name}\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`;
    assert.equal(status(await say(port, words)), '400', name);
  }
  const chunked = `GET ${url} HTTP/1.1\r\nHost: 127.0.0.1:${web}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`;
  assert.match(await say(port, chunked), /200[\s\S]*GET \/one GET \/two/);
  assert.deepEqual(
    seen.slice(before).map(({ url: path }) => path),
    ['/one'],
  );
});

test('a head that comes drop by drop is not waited for, neither the first on a connection nor a later one', async () => {
  const door = createServer();
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const slow = startProxy(door, [`127.0.0.1:${web}`], undefined, 200);
  const { port } = door.address() as AddressInfo;
  const url = `http://127.0.0.1:${web}/one`;
  for (const first of ['', `GET ${url} HTTP/1.1\r\nHost: 127.0.0.1:${web}\r\n\r\n`]) {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${first}GET ${url} HTTP/1.1\r\n`));
    const drops = setInterval(() => socket.write('X: y\r\n'), 20);
    await new Promise<void>((resolve) =>
      socket
        .on('error', () => {})
        .on('close', () => resolve())
        .resume(),
    );
    clearInterval(drops);
  }
  slow.close();
});

test('a name that leads to an address that is not public is refused, also when it did not a moment ago', async () => {
  const names = ['mixed', 'metadata', 'mapped', 'own', 'unknown'];
  const { port, proxy } = await proxyFor(['*.example.org', `*.example.org:${web}`]);
  for (const name of names)
    assert.equal(status(await say(port, `CONNECT ${name}.example.org:${web} HTTP/1.1\r\n\r\n`)), '403', name);
  assert.deepEqual(
    new Set(proxy.take().map(({ reason }) => reason)),
    new Set(['the name leads to an address that is not public', 'nobody knows this name']),
  );
  resolved = ['rebinding.example.org'];
  assert.equal(status(await say(port, `CONNECT rebinding.example.org:${web} HTTP/1.1\r\n\r\n`)), '403');
  assert.equal(resolved.length, 2, 'it is asked for once, and what was answered is what counts');
});

test('such an address can be granted by itself', async () => {
  const { port } = await proxyFor([`*.example.org:${web}`, `127.0.0.1:${web}`]);
  table['inside.example.org'] = ['127.0.0.1'];
  const answer = await say(port, get(`http://inside.example.org:${web}/in`));
  assert.match(answer, /GET \/in /);
  assert.equal(seen.at(-1)?.headers.host, `inside.example.org:${web}`);
});

test('nonsense and very many hosts end in a refusal, and in few records', async () => {
  const { port, proxy } = await proxyFor(['api.example.org']);
  for (const words of [
    '\0\0\0\0',
    'GET\r\n\r\n',
    `GET http://a/${'a'.repeat(40_000)} HTTP/1.1\r\n\r\n`,
    `CONNECT ${'a'.repeat(300)}:443 HTTP/1.1\r\n\r\n`,
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ])
    assert.match(status(await say(port, words)), /^(nothing|4\d\d)$/);
  for (let index = 0; index < 230; index += 1) await say(port, get(`http://host${index}.org/`));
  const uses = proxy.take();
  assert.ok(uses.length <= 202, `${uses.length}`);
  assert.ok((uses.find(({ host }) => host === '(more hosts)')?.connections ?? 0) >= 30);
});
