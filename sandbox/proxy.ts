import { lookup } from 'node:dns/promises';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, isIP, type LookupFunction, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import { canonicalHost, isGranted, isPublic, type Target } from './grants.ts';

/**
 * The one way out of the walls, where hosts were granted: a proxy that lives outside, in the host. Its listening socket was
 * made inside, on the loopback of the commands' own network, and handed out. It speaks HTTP, with CONNECT for everything
 * else; it looks at where a connection leads and never into it, and it writes down every host.
 */
export type HostUse = Target & {
  verdict: 'allowed' | 'refused';
  /** Why it was refused; empty when it was not. */
  reason: string;
  connections: number;
  /** Bytes out of the walls and into them. */
  sent: number;
  received: number;
};

export type FilteringProxy = {
  /** The hosts that were used and refused since the last call. */
  take(): HostUse[];
  close(): void;
};

/** Addresses of a name; rejects when there are none. */
export type Resolve = (name: string) => Promise<{ address: string; family: number }[]>;

/** A connection is closed when it is idle or still not open after this time, in milliseconds. */
const idleMs = 120_000;
const connectMs = 20_000;
/** Most bytes of one connection, in each direction. */
const bytesMax = 4 * 1024 ** 3;
const connectionsMax = 256;
/** Most hosts that are counted separately between two reports; further hosts are counted together. */
const hostsMax = 200;
const headerBytesMax = 16 * 1024;

const resolveHere: Resolve = (name) => lookup(name, { all: true });

/**
 * Serves what connects to `door`, until `close`, which ends every connection. `resolve` and `headMs`, the time for the
 * head of a request in milliseconds, are for tests.
 */
export function startProxy(
  door: Server,
  grants: string[],
  resolve: Resolve = resolveHere,
  headMs = connectMs,
): FilteringProxy {
  const ledger = newLedger();
  const open = new Set<Duplex>();
  const decide = (target: Target | undefined, other: string | undefined) => judge({ target, other, grants, resolve });
  const server = createServer({ maxHeaderSize: headerBytesMax, requestTimeout: 0 });
  // Node times headers only on a server that listens itself; here the socket was made inside the walls.
  const heads = headTimers(headMs);
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    heads.heard(socket);
    void tunnel({ request, socket, head, open, ledger, decide });
  });
  server.on('request', (request, response) => {
    heads.heard(request.socket);
    response.once('close', () => heads.await(request.socket));
    void forward({ request, response, ledger, decide });
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  door.maxConnections = connectionsMax;
  door.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket)).on('error', () => {});
    socket.setTimeout(idleMs, () => socket.destroy());
    heads.await(socket);
    server.emit('connection', socket);
  });
  door.on('error', () => {});
  return {
    take: ledger.take,
    close() {
      door.close();
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Ends connections that have not sent the whole head of a request in time, however slowly they go on sending. */
function headTimers(headMs: number) {
  const timers = new WeakMap<Duplex, NodeJS.Timeout>();
  return {
    await(socket: Duplex) {
      clearTimeout(timers.get(socket));
      if (socket.destroyed) return;
      const timer = setTimeout(() => socket.destroy(), headMs);
      timers.set(socket, timer);
      socket.once('close', () => clearTimeout(timer));
    },
    heard(socket: Duplex) {
      clearTimeout(timers.get(socket));
    },
  };
}

type Ledger = {
  count(target: Target, reason: string, part: { connections?: number; sent?: number; received?: number }): void;
  take(): HostUse[];
};

function newLedger(): Ledger {
  let uses = new Map<string, HostUse>();
  return {
    count({ host, port }, reason, { connections = 0, sent = 0, received = 0 }) {
      const verdict = reason === '' ? 'allowed' : 'refused';
      let key = `${host} ${port} ${reason}`;
      const isRest = !uses.has(key) && uses.size >= hostsMax;
      if (isRest) key = verdict;
      const use = uses.get(key) ?? {
        ...{ host: isRest ? '(more hosts)' : host, port: isRest ? 0 : port },
        ...{ verdict, reason, connections: 0, sent: 0, received: 0 },
      };
      use.connections += connections;
      use.sent += sent;
      use.received += received;
      uses.set(key, use);
    },
    take() {
      const taken = [...uses.values()];
      uses = new Map();
      return taken;
    },
  };
}

type Decision = { target: Target; reason: string; addresses: { address: string; family: number }[] };
type Decide = (target: Target | undefined, other: string | undefined) => Promise<Decision>;

/**
 * Whether a target may be reached, and at which addresses. A name is resolved once, here, and the proxy connects to
 * exactly these addresses. `other` is the Host header: a request with two names is an attack.
 */
async function judge(asked: {
  target: Target | undefined;
  other: string | undefined;
  grants: string[];
  resolve: Resolve;
}): Promise<Decision> {
  const { target, grants } = asked;
  const refused = (reason: string): Decision => ({
    target: target ?? { host: '(malformed)', port: 0 },
    reason,
    addresses: [],
  });
  if (target === undefined) return refused('it is no request of a proxy');
  const named = asked.other === undefined ? target : targetOf(asked.other, target.port);
  if (named?.host !== target.host) return refused('it names two hosts');
  const { host, port } = target;
  if (!isGranted(target, grants))
    return refused(isIP(host) === 0 ? 'not granted' : 'an address is granted only by itself');
  if (isIP(host) !== 0) return { target, reason: '', addresses: [{ address: host, family: isIP(host) }] };
  const addresses = await asked.resolve(host).catch(() => []);
  if (addresses.length === 0) return refused('nobody knows this name');
  const own = ownAddresses();
  const isOpen = ({ address }: { address: string }) =>
    (isPublic(address) && !own.has(address)) || isGranted({ host: address, port }, grants);
  // One forbidden address is enough to refuse: the choice of the address must not be a matter of luck.
  if (!addresses.every(isOpen)) return refused('the name leads to an address that is not public');
  return { target, reason: '', addresses };
}

/** The addresses of this machine. */
export function ownAddresses(): Set<string> {
  return new Set(Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)));
}

/** `host:port`, or `host` with the scheme's usual port. */
function targetOf(authority: string, usualPort?: number): Target | undefined {
  const [, name = '', digits] = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(authority) ?? [];
  const host = canonicalHost(name);
  const port = digits === undefined ? usualPort : Number(digits);
  return host === undefined || port === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/** The Host header; two of them are no host at all. */
function hostOf(request: IncomingMessage): string | undefined {
  return request.headersDistinct.host?.join(' ');
}

function explain({ target, reason }: Decision): string {
  return `vtcode: ${target.host}:${target.port} is refused: ${reason}. A person can grant hosts in network.allow of their agents.toml.\n`;
}

/** A resolver that always gives the addresses that were decided on, for any name. */
export function fixed(addresses: Decision['addresses']): LookupFunction {
  return (_name, options, callback) => {
    if (options.all) callback(null, addresses);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
}

type Tunnel = {
  request: IncomingMessage;
  socket: Socket;
  head: Buffer;
  open: Set<Duplex>;
  ledger: Ledger;
  decide: Decide;
};

async function tunnel({ request, socket, head, open, ledger, decide }: Tunnel): Promise<void> {
  socket.on('error', () => {});
  const decision = await decide(targetOf(request.url ?? ''), hostOf(request));
  const { target, reason, addresses } = decision;
  ledger.count(target, reason, { connections: 1 });
  if (reason !== '') return void socket.end(answerOf('403 Forbidden', explain(decision)));
  if (socket.destroyed) return;
  const upstream = connect({ ...target, lookup: fixed(addresses), allowHalfOpen: true });
  open.add(upstream);
  const end = () => {
    socket.destroy();
    upstream.destroy();
  };
  const late = setTimeout(end, connectMs);
  upstream.setTimeout(idleMs, end);
  upstream.once('close', () => {
    open.delete(upstream);
    clearTimeout(late);
    socket.end();
  });
  socket.once('close', () => upstream.destroy());
  upstream.once('error', () => socket.end(answerOf('502 Bad Gateway', 'vtcode: the host cannot be reached\n')));
  upstream.once('connect', () => {
    clearTimeout(late);
    upstream.removeAllListeners('error').on('error', end);
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) upstream.write(head);
    ledger.count(target, '', { sent: head.length });
    let [sent, received] = [head.length, 0];
    socket.on('data', ({ length }: Buffer) => {
      ledger.count(target, '', { sent: length });
      sent += length;
      if (sent > bytesMax) end();
    });
    upstream.on('data', ({ length }: Buffer) => {
      ledger.count(target, '', { received: length });
      received += length;
      if (received > bytesMax) end();
    });
    socket.pipe(upstream).pipe(socket);
  });
}

function answerOf(status: string, text: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`;
}

/** Headers for one connection only, which a proxy never hands on (RFC 9110, 7.6.1), and those that it writes itself. */
const ours = /^(connection|keep-alive|te|trailer|transfer-encoding|content-length|upgrade|proxy-.*|host|expect)$/;

/**
 * Where a message's body ends, as it was read here. The message's own `Connection` header has no say in it: without a
 * length the body would be taken for the next request.
 */
function framingOf({ headers }: IncomingMessage): Record<string, string> {
  if (headers['transfer-encoding'] !== undefined) return { 'Transfer-Encoding': 'chunked' };
  const length = headers['content-length'];
  return length === undefined ? {} : { 'Content-Length': length };
}

type Forward = { request: IncomingMessage; response: ServerResponse; ledger: Ledger; decide: Decide };

async function forward({ request, response, ledger, decide }: Forward): Promise<void> {
  request.on('error', () => {});
  response.on('error', () => {});
  const url = plainUrl(request.url ?? '');
  const decision = await decide(url && targetOf(url.host, 80), hostOf(request));
  const { target, reason, addresses } = decision;
  ledger.count(target, reason, { connections: 1 });
  const refuse = (status: number, text: string) => {
    if (response.headersSent) return void response.destroy();
    response.writeHead(status, { 'Content-Type': 'text/plain', Connection: 'close' }).end(text);
  };
  if (!url || reason !== '') return refuse(403, explain(decision));
  if (connectionNames(request).some((name) => framing.test(name)))
    return refuse(400, 'vtcode: Connection names a header that every reader of this request needs\n');
  const upstream = httpRequest({
    ...target,
    lookup: fixed(addresses),
    agent: false,
    method: request.method ?? 'GET',
    path: `${url.pathname}${url.search}`,
    headers: { ...handedOn(request), ...framingOf(request), Host: url.host },
    maxHeaderSize: headerBytesMax,
    timeout: idleMs,
  });
  let [sent, received] = [0, 0];
  request.on('data', ({ length }: Buffer) => {
    ledger.count(target, '', { sent: length });
    sent += length;
    if (sent > bytesMax) upstream.destroy();
  });
  upstream.on('timeout', () => upstream.destroy());
  upstream.on('error', () => refuse(502, 'vtcode: the host cannot be reached\n'));
  upstream.on('response', (answer) => {
    answer.on('data', ({ length }: Buffer) => {
      ledger.count(target, '', { received: length });
      received += length;
      if (received > bytesMax) answer.destroy();
    });
    answer.on('error', () => response.destroy());
    response.writeHead(answer.statusCode ?? 502, { ...handedOn(answer), ...framingOf(answer) });
    answer.pipe(response);
  });
  response.once('close', () => upstream.destroy());
  request.pipe(upstream);
}

function plainUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.protocol === 'http:' && url.username === '' && url.password === '' ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Without them a body would be taken for the next request, or a request for one to another host (RFC 9112, 6.3). */
const framing = /^(content-length|transfer-encoding|host)$/;

/** The headers that a message says are for this connection only. */
function connectionNames({ headers }: IncomingMessage): string[] {
  return (headers.connection ?? '').toLowerCase().split(/\s*,\s*/);
}

function handedOn(message: IncomingMessage): Record<string, string | string[]> {
  const named = connectionNames(message);
  return Object.fromEntries(
    Object.entries(message.headers).filter(
      (entry): entry is [string, string | string[]] =>
        entry[1] !== undefined && !ours.test(entry[0]) && !named.includes(entry[0]),
    ),
  );
}
