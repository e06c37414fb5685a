import http, { type Agent, type AgentOptions, type ClientRequest, type RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Endpoint } from '../../ipc/model.ts';
import { openTunnel, placeOf, proxyHeaders } from './tunnel.ts';

/**
 * Connections to an endpoint, kept alive: directly or through its proxy, and trusting its authorities. An agent's thread
 * has neither files nor variables, so the host puts all of it into the endpoint.
 */
export type Way = Pick<Endpoint, 'proxy' | 'tls'>;

// https takes 4 ms to load, which a server on this machine does not need. The function is kept here because a confined
// thread takes it away from `process` before the first call.
const { getBuiltinModule } = process;
const agents = new Map<string, Agent>();

/** Starts a request by way of the endpoint's proxy, if it has one. Throws for another protocol than http and https. */
export function startRequest(way: Way, url: URL, options: RequestOptions): ClientRequest {
  const secure = url.protocol === 'https:';
  if (!secure && url.protocol !== 'http:') throw new TypeError(`${url.protocol} is neither http nor https`);
  const proxy = way.proxy ? new URL(way.proxy) : null;
  const agent = agentFor(way, secure, proxy);
  if (proxy === null || secure || proxy.protocol.startsWith('socks'))
    return moduleOf(secure).request(url, { ...options, agent });
  // Without encryption the proxy is asked for the whole URL.
  const headers = { ...options.headers, host: url.host, ...proxyHeaders(proxy) } as Record<string, string>;
  const place = { ...placeOf(proxy), protocol: proxy.protocol, path: url.href };
  return moduleOf(proxy.protocol === 'https:').request({ ...options, ...place, headers, agent });
}

function moduleOf(secure: boolean): Pick<typeof http, 'request' | 'Agent'> {
  return secure ? getBuiltinModule('node:https') : http;
}

function agentFor(way: Way, secure: boolean, proxy: URL | null): Agent {
  const key = JSON.stringify([secure, way.proxy ?? null, way.tls ?? null]);
  const found = agents.get(key);
  if (found) return found;
  const toProxy = !secure && proxy !== null && !proxy.protocol.startsWith('socks');
  const isSecure = toProxy ? proxy.protocol === 'https:' : secure;
  const agent = new (moduleOf(isSecure).Agent)({ keepAlive: true, ...(isSecure && tlsOptions(way)) } as AgentOptions);
  if (proxy !== null && !toProxy) tunnelThrough(agent, proxy, secure, way);
  agents.set(key, agent);
  return agent;
}

/** Own authorities count beside the usual ones, which Node would put away for them. */
function tlsOptions({ tls }: Way): object {
  if (!tls) return {};
  const { ca, ...own } = tls;
  if (ca === undefined) return own;
  return { ...own, ca: [...getBuiltinModule('node:tls').getCACertificates('default'), ca] };
}

type Created = (error: Error | null, socket?: Duplex) => void;

/** Makes the agent's connections end at the proxy, which passes them on. */
function tunnelThrough(agent: Agent, proxy: URL, secure: boolean, way: Way): void {
  const create = (options: { host?: string; port?: number | string; servername?: string }, created: Created) => {
    const { host = '', port, ...rest } = options;
    const authorities = tlsOptions(way);
    openTunnel(proxy, { host, port: Number(port) }, authorities).then((socket) => {
      if (!secure) return created(null, socket);
      const own = { ...rest, ...authorities, socket, path: undefined, ALPNProtocols: ['http/1.1'] };
      created(null, getBuiltinModule('node:tls').connect(own));
    }, created);
  };
  Object.assign(agent, { createConnection: create });
}
