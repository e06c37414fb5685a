/**
 * Goal: models are asked through the user's proxy, trusting the user's authorities and with the user's certificate, and a
 * proxy that does not let us through is told as such. Method: proxies and https servers on loopback, real certificates.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Endpoint, ModelEvent } from '../../../ipc/model.ts';
import { probe } from '../../../providers/catalog/probe.ts';
import { proxyFor, proxyUrl } from '../../../providers/http/proxy-variables.ts';
import {
  askForEnd,
  askForFailure,
  endpointOf,
  key,
  openProvider,
  patient,
  requestOf,
} from '../../support/model-calls.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { certificateFor, startHttpProxy, startSocksProxy, type TestProxy } from '../../support/proxies.ts';

const format = 'openai-chat';
/** No name server knows this host: only a proxy can lead there. */
const host = 'models.corp.invalid';
const own = certificateFor(host);
const other = certificateFor('person');
let plain: ModelServer;
let secure: ModelServer;
before(async () => {
  plain = await startModelServer(() => ({ answer: { text: 'Yes.' } }));
  secure = await startModelServer(() => ({ answer: { text: 'Sealed.' } }), own);
});
after(() => Promise.all([plain.stop(), secure.stop()]));

const portOf = ({ url }: ModelServer) => Number(new URL(url).port);
const near = { baseUrl: `http://${host}/v1` };
const far = { baseUrl: `https://${host}/v1`, tls: { ca: own.cert } };

async function answerBy(proxy: string, endpoint: Partial<Endpoint>): Promise<string> {
  const { message } = await askForEnd(plain, format, { endpoint: { ...endpoint, proxy } });
  return message.text;
}

async function failureBy(proxy: string, endpoint: Partial<Endpoint>) {
  const { kind, reason, status } = await askForFailure(plain, format, { endpoint: { ...endpoint, proxy } });
  assert.doesNotMatch(reason, /secret/);
  return { kind, reason, status };
}

async function withProxy(started: Promise<TestProxy>, act: (proxy: TestProxy) => Promise<void>): Promise<void> {
  const proxy = await started;
  try {
    await act(proxy);
  } finally {
    await proxy.stop();
  }
}

test('a proxy passes on plain requests, and the key reaches the server alone', async () => {
  await withProxy(startHttpProxy(portOf(plain), { user: 'me:top secret' }), async ({ at, asked }) => {
    assert.equal(await answerBy(`http://me:top%20secret@${at}`, near), 'Yes.');
    assert.deepEqual(asked, [`POST ${host}`]);
    const { headers } = plain.requests.at(-1) ?? {};
    assert.deepEqual([headers?.authorization, headers?.host], [`Bearer ${key}`, host]);
  });
});

test('a proxy opens tunnels for encrypted requests', async () => {
  await withProxy(startHttpProxy(portOf(secure), { user: 'me:top secret' }), async ({ at, asked }) => {
    assert.equal(await answerBy(`http://me:top%20secret@${at}`, far), 'Sealed.');
    assert.deepEqual(asked, [`CONNECT ${host}:443`]);
  });
});

test('a proxy may itself be spoken to by https', async () => {
  const tls = certificateFor('localhost');
  const both = { ca: `${own.cert}\n${tls.cert}` };
  await withProxy(startHttpProxy(portOf(secure), { tls }), async ({ at, asked }) => {
    assert.equal(await answerBy(`https://${at.replace('127.0.0.1', 'localhost')}`, { ...far, tls: both }), 'Sealed.');
    assert.deepEqual(asked, [`CONNECT ${host}:443`]);
  });
  await withProxy(startHttpProxy(portOf(plain), { tls }), async ({ at }) => {
    assert.equal(await answerBy(`https://${at.replace('127.0.0.1', 'localhost')}`, { ...near, tls: both }), 'Yes.');
  });
});

test('a SOCKS proxy passes both on, and looks up the name', async () => {
  for (const user of [undefined, 'me:top secret'])
    for (const [server, endpoint, port] of [
      [plain, near, 80],
      [secure, far, 443],
    ] as const)
      await withProxy(startSocksProxy(portOf(server), user), async ({ at, asked }) => {
        const proxy = user === undefined ? `socks5://${at}` : `socks5://me:top%20secret@${at}`;
        assert.equal(await answerBy(proxy, endpoint), server === plain ? 'Yes.' : 'Sealed.');
        assert.deepEqual(asked, [`SOCKS ${host}:${port}`]);
      });
});

test('a proxy that wants a user says so, and one retry tells', async () => {
  await withProxy(startHttpProxy(portOf(plain), { user: 'me:secret' }), async ({ at }) => {
    for (const endpoint of [near, far]) {
      const { kind, reason, status } = await failureBy(`http://me:wrong@${at}`, endpoint);
      assert.deepEqual([kind, status], ['no_api', 407]);
      assert.match(
        reason,
        new RegExp(`the proxy ${at} answered 407.*: HTTPS_PROXY takes user and password before its host`),
      );
    }
  });
  await withProxy(startSocksProxy(portOf(plain), 'me:secret'), async ({ at }) => {
    assert.match((await failureBy(`socks5://${at}`, near)).reason, /wants a user and a password: HTTPS_PROXY/);
    assert.match((await failureBy(`socks5://me:wrong@${at}`, near)).reason, /does not accept the user or the password/);
  });
});

test('a proxy that forbids the host is asked once more, one in trouble longer, and both are named', async () => {
  for (const [status, kind] of [
    [403, 'no_api'],
    [502, 'network'],
  ] as const)
    await withProxy(startHttpProxy(portOf(secure), { status }), async ({ at }) => {
      const failed = await failureBy(`http://${at}`, far);
      assert.deepEqual(failed, {
        kind,
        status,
        reason: `openai cannot be reached: the proxy ${at} answered ${status} No`,
      });
    });
  const { kind, reason } = await failureBy('http://127.0.0.1:1', far);
  assert.equal(kind, 'network');
  assert.match(reason, /cannot be reached at models\.corp\.invalid through the proxy 127\.0\.0\.1:1 \(ECONNREFUSED\)/);
});

test('an authority that is not known, another host and no https are wrong addresses, not a broken network', async () => {
  const baseUrl = `${secure.url}/v1`;
  const wrong: [Partial<Endpoint>, RegExp][] = [
    [{ baseUrl }, /DEPTH_ZERO_SELF_SIGNED_CERT\): NODE_EXTRA_CA_CERTS, or ca_file in its \[providers\] table/],
    [{ baseUrl, tls: { ca: own.cert } }, /its certificate is for another host: is base_url right\?/],
    [{ baseUrl: `${plain.url.replace('http', 'https')}/v1` }, /it speaks no https there: is base_url right\?/],
  ];
  for (const [endpoint, words] of wrong) {
    const { kind, reason } = await askForFailure(plain, format, { endpoint });
    assert.equal(kind, 'no_api', reason);
    assert.match(reason, words);
  }
});

test('a host without an address is mistyped at first, and a lost network after an answer', async () => {
  const endpoint = endpointOf(plain, format);
  const provider = await openProvider(endpoint, patient);
  const lastOf = async () => {
    const events: ModelEvent[] = [];
    for await (const event of provider.stream(requestOf(format), new AbortController().signal)) events.push(event);
    return events.at(-1);
  };
  const kindOf = (last: ModelEvent | undefined) => (last?.type === 'failure' ? last.failure.kind : last?.type);
  const { baseUrl } = endpoint;
  // No name server is asked about this end of a name (RFC 6761), or it answers that there is none.
  endpoint.baseUrl = 'http://mistyped.invalid/v1';
  const first = await lastOf();
  assert.match(first?.type === 'failure' ? first.failure.reason : '', /mistyped\.invalid \((ENOTFOUND|EAI_AGAIN)\)/);
  const isNotFound = /ENOTFOUND/.test(JSON.stringify(first));
  assert.equal(kindOf(first), isNotFound ? 'no_api' : 'network');
  endpoint.baseUrl = baseUrl;
  assert.equal(kindOf(await lastOf()), 'end');
  endpoint.baseUrl = 'http://mistyped.invalid/v1';
  assert.equal(kindOf(await lastOf()), 'network');
});

test("a server that wants the user's certificate gets it, and is told as such when there is none", async () => {
  const server = createServer({ ...own, requestCert: true, rejectUnauthorized: true, ca: other.cert }, (_, response) =>
    response.end('data: {"choices":[{"delta":{"content":"Known."},"finish_reason":"stop"}]}\n\n'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  try {
    const tls = { ca: own.cert, cert: other.cert, key: other.key };
    assert.equal((await askForEnd(plain, format, { endpoint: { baseUrl, tls } })).message.text, 'Known.');
    const { kind, reason } = await askForFailure(plain, format, { endpoint: { baseUrl, tls: { ca: own.cert } } });
    assert.equal(kind, 'no_api');
    assert.match(reason, /wants a certificate of yours: client_cert_file/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('doctor asks by the same way', async () => {
  await withProxy(startHttpProxy(portOf(secure)), async ({ at, asked }) => {
    await probe(endpointOf(plain, format, { ...far, proxy: `http://${at}` }), 20_000);
    assert.deepEqual(asked, [`CONNECT ${host}:443`]);
  });
});

test('the variables name a proxy as other programs read them', () => {
  const found = (url: string, variables: Record<string, string>) => proxyFor(new URL(url), variables)?.proxy ?? null;
  const both = { https_proxy: 'http://small:1', HTTPS_PROXY: 'http://big:2', HTTP_PROXY: 'plain:3' };
  assert.equal(found('https://api.example.org/v1', both), 'http://small:1/');
  assert.equal(found('https://api.example.org/v1', { ...both, https_proxy: '' }), 'http://big:2/');
  assert.equal(found('http://api.example.org/v1', both), 'http://plain:3/');
  assert.equal(found('http://api.example.org/v1', { ALL_PROXY: 'socks5h://s:4' }), 'socks5://s:4');
  assert.equal(found('http://api.example.org/v1', { HTTPS_PROXY: 'http://p:1' }), null);
  for (const local of ['localhost:8080', '127.0.0.1', '[::1]:1', 'x.localhost'])
    assert.equal(proxyFor(new URL(`http://${local}/v1`), { ALL_PROXY: 'http://p:1' }), null, local);
  assert.deepEqual(proxyFor(new URL('https://a.b'), { HTTPS_PROXY: 'ftp://p:1' }), {
    variable: 'HTTPS_PROXY',
    proxy: null,
  });
  assert.equal(proxyUrl('http://me:50%off@p'), null);
});

const exceptions: [list: string, url: string, isExcepted: boolean][] = [
  ['*', 'https://api.example.org', true],
  ['example.org', 'https://api.example.org', true],
  ['example.org', 'https://example.org', true],
  ['example.org', 'https://badexample.org', false],
  ['.example.org', 'https://api.example.org', true],
  ['*.example.org', 'https://api.example.org', true],
  ['other.org, API.example.org', 'https://api.example.org', true],
  ['other.org api.example.org', 'https://api.example.org', true],
  ['api.example.org:443', 'https://api.example.org', true],
  ['api.example.org:8443', 'https://api.example.org', false],
  ['10.0.0.7', 'http://10.0.0.7:8080', true],
  ['10.0.0.0/8', 'http://10.1.2.3', true],
  ['10.0.0.0/8', 'http://11.1.2.3', false],
  ['0.0.7', 'http://10.0.0.7', false],
  ['fd00::/8', 'http://[fd12::1]', true],
  ['[fd12::1]:80,fd12::2', 'http://[fd12::2]', true],
  ['10.0.0.0/99, nonsense/x', 'http://10.1.2.3', false],
];

for (const [list, url, isExcepted] of exceptions)
  test(`NO_PROXY=${list} ${isExcepted ? 'excepts' : 'does not except'} ${url}`, () => {
    const proxy = { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://p:1' };
    assert.equal(proxyFor(new URL(url), { ...proxy, no_proxy: list }) === null, isExcepted);
    assert.equal(proxyFor(new URL(url), { ...proxy, NO_PROXY: list }) === null, isExcepted);
  });
