import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** A connection through a proxy: CONNECT of HTTP (RFC 9110, 9.3.6), or SOCKS 5 (RFC 1928, 1929). */
const { getBuiltinModule } = process;

/** The proxy was reached and does not let us through. `status` is its HTTP status; null with SOCKS. */
export class ProxyRefusal extends Error {
  readonly status: number | null;

  constructor(reason: string, status: number | null) {
    super(reason);
    this.status = status;
  }
}

type Place = { host: string; port: number };

/** A proxy that says nothing for so long is given up, in milliseconds. */
const silenceMs = 60_000;

/** A connection to `place` by way of the proxy. `tls` is for a proxy that is spoken to by https. */
export async function openTunnel(proxy: URL, place: Place, tls: object): Promise<Socket> {
  return proxy.protocol.startsWith('socks') ? socks(proxy, place) : connect(proxy, place, tls);
}

/** The headers for a proxy that wants a user. */
export function proxyHeaders({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(words).toString('base64')}` };
}

/** Where the proxy is; Node would take the name for its certificate from the Host header, which names the server. */
export function placeOf(proxy: URL): { host: string; port: number; servername: string } {
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  return { host, port: portOf(proxy), servername: /^[\d.]+$|:/.test(host) ? '' : host };
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : protocol === 'http:' ? 80 : 1080;
}

async function connect(proxy: URL, { host, port }: Place, tls: object): Promise<Socket> {
  const module = proxy.protocol === 'https:' ? getBuiltinModule('node:https') : http;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const request: ClientRequest = module.request({
    ...tls,
    method: 'CONNECT',
    ...placeOf(proxy),
    path: authority,
    headers: { host: authority, ...proxyHeaders(proxy) },
    agent: false,
  });
  const refuse = ({ statusCode = 0, statusMessage = '' }: IncomingMessage) => {
    request.destroy();
    reject(new ProxyRefusal(`answered ${statusCode} ${statusMessage}`.trim(), statusCode));
  };
  request.setTimeout(silenceMs, () =>
    request.destroy(new ProxyRefusal(`said nothing for ${silenceMs / 1000} s`, null)),
  );
  request.on('connect', (response, socket) => {
    socket.setTimeout(0);
    if (response.statusCode === 200) resolve(socket as Socket);
    else refuse(response);
  });
  request.on('response', refuse);
  request.on('error', reject);
  request.end();
  return promise;
}

/** Methods of SOCKS 5: without a user, with user and password. */
const [open, withUser] = [0, 2];
const replies = ['', 'it failed', 'its rules forbid it', 'no network', 'no host', 'nothing listens there', 'too slow'];

/** The proxy looks up the name: this machine may not be able to. */
async function socks(proxy: URL, { host, port }: Place): Promise<Socket> {
  const socket = getBuiltinModule('node:net').connect(placeOf(proxy));
  socket.setTimeout(silenceMs, () => socket.destroy(new ProxyRefusal(`said nothing for ${silenceMs / 1000} s`, null)));
  try {
    await greet(socket, proxy);
    const name = Buffer.from(host);
    socket.write(Buffer.from([5, 1, 0, 3, name.length, ...name, port >> 8, port & 255]));
    const [, reply = 1, , type] = await take(socket, 4);
    if (reply !== 0) throw new ProxyRefusal(`does not connect (${replies[reply] ?? reply})`, null);
    // The address that it uses itself is of no use here.
    const length = type === 1 ? 4 : type === 4 ? 16 : ((await take(socket, 1))[0] ?? 0);
    await take(socket, length + 2);
    socket.setTimeout(0);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function greet(socket: Socket, { username, password }: URL): Promise<void> {
  const hasUser = username !== '' || password !== '';
  socket.write(Buffer.from(hasUser ? [5, 2, open, withUser] : [5, 1, open]));
  const [version, method] = await take(socket, 2);
  if (version !== 5) throw new ProxyRefusal('speaks no SOCKS 5', null);
  if (method === open) return;
  if (method !== withUser || !hasUser) throw new ProxyRefusal('wants a user and a password', 407);
  const [user, secret] = [username, password].map((word) => Buffer.from(decodeURIComponent(word)));
  socket.write(Buffer.from([1, user!.length, ...user!, secret!.length, ...secret!]));
  const [, failed] = await take(socket, 2);
  if (failed !== 0) throw new ProxyRefusal('does not accept the user or the password', 407);
}

/** Exactly so many bytes from the socket. */
async function take(socket: Socket, count: number): Promise<Buffer> {
  const { once } = getBuiltinModule('node:events');
  for (;;) {
    const bytes = socket.read(count) as Buffer | null;
    if (bytes !== null) return bytes;
    if (socket.readableEnded || socket.destroyed) throw new ProxyRefusal('closed the connection', null);
    await Promise.race([once(socket, 'readable'), once(socket, 'close')]);
  }
}
