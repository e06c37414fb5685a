import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isGranted, isPublic, type Target } from '../../sandbox/grants.ts';
import { fixed, type HostUse, ownAddresses, type Resolve } from '../../sandbox/proxy.ts';
import { fetchTarget } from '../../security/network/fetch.ts';
import { ask, bodyOf, proxyOn, type Variables } from './request.ts';

/**
 * Fetches one page of the public internet. A name is resolved once, every address of it must be public, and the connection
 * goes to exactly these addresses: so neither a redirect nor a name that changes leads into the person's own network.
 * Where the person's variables name a proxy, the same is looked at before it is asked, but the proxy makes the connection.
 */
export type Page = { url: string; status: number; mediaType: string; charset: string; bytes: Buffer; isCut: boolean };
/** `used`: the hosts that were asked, also when it failed. `reason`: why there is no page. */
export type Fetched = { used: HostUse[] } & ({ page: Page } | { reason: string });
/** Pages by their addresses, for the life of one host. */
export type PageCache = Map<string, Page>;

export type FetchWish = {
  /** Hosts that are granted: a page may redirect to them. */
  hosts: string[];
  signal: AbortSignal;
  /** The person's variables: they may name a proxy. */
  environment?: Variables;
  /** For tests. */
  resolve?: Resolve;
};

/** The whole fetch with its redirects, in milliseconds. */
const totalMs = 30_000;
const redirectsMax = 5;

/** Never rejects. */
export async function fetchPage(url: string, wish: FetchWish): Promise<Fetched> {
  const used: HostUse[] = [];
  const signal = AbortSignal.any([wish.signal, AbortSignal.timeout(totalMs)]);
  try {
    return { used, ...(await follow(url, wish, signal, used)) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { used, reason: signal.aborted ? `it took longer than ${totalMs / 1000} s` : why };
  }
}

async function follow(
  first: string,
  { hosts, resolve = resolveHere, environment = {} }: FetchWish,
  signal: AbortSignal,
  used: HostUse[],
): Promise<{ page: Page } | { reason: string }> {
  const begun = fetchTarget(first);
  let url = first;
  for (let hops = 0; hops <= redirectsMax; hops += 1) {
    const target = fetchTarget(url);
    if (typeof target === 'string') return { reason: target };
    const isAllowed = typeof begun !== 'string' && (isSameSite(target, begun) || isGranted(target, hosts));
    if (!isAllowed) return { reason: `it redirects to another host: fetch ${url} by itself if you need it` };
    const proxy = proxyOn(url, environment);
    const addresses = await openAddresses(target, hosts, resolve, proxy !== undefined);
    const use = useOf(target, typeof addresses === 'string' ? addresses : '');
    used.push(use);
    if (typeof addresses === 'string') return { reason: addresses };
    const answer = await ask(url, { signal, headers: accepted, ...(proxy ? { proxy } : { lookup: fixed(addresses) }) });
    const next = redirectOf(answer, url);
    if (next !== undefined) {
      answer.destroy();
      url = next;
      continue;
    }
    const { bytes, isCut } = await bodyOf(answer, signal);
    use.received = bytes.length;
    const [, mediaType = '', charset = ''] =
      /^\s*([^;\s]*)(?:.*charset="?([\w.:-]+))?/i.exec(answer.headers['content-type'] ?? '') ?? [];
    return { page: { url, status: answer.statusCode ?? 0, mediaType: mediaType.toLowerCase(), charset, bytes, isCut } };
  }
  return { reason: `it redirects more than ${redirectsMax} times` };
}

/** The same host at the port that was asked for, or at a usual one: many sites lead from http to https. */
function isSameSite(target: Target, begun: Target): boolean {
  return target.host === begun.host && [80, 443, begun.port].includes(target.port);
}

const resolveHere: Resolve = (name) => lookup(name, { all: true });

function useOf({ host, port }: Target, reason: string): HostUse {
  return { host, port, verdict: reason === '' ? 'allowed' : 'refused', reason, connections: 1, sent: 0, received: 0 };
}

const accepted = {
  accept: 'text/markdown, text/html;q=0.9, text/plain;q=0.8, application/json;q=0.8, */*;q=0.1',
};

/**
 * The addresses to connect to; a string: why to none. One that is not public is enough to refuse them all. A proxy may
 * know names that this machine does not: `isAway` lets it look them up.
 */
async function openAddresses(
  { host, port }: Target,
  hosts: string[],
  resolve: Resolve,
  isAway: boolean,
): Promise<{ address: string; family: number }[] | string> {
  const version = isIP(host);
  const addresses = version === 0 ? await resolve(host).catch(() => []) : [{ address: host, family: version }];
  if (addresses.length === 0 && isAway) return [];
  if (addresses.length === 0) return `no server is known by the name ${host}`;
  const own = ownAddresses();
  const isOpen = (address: string) =>
    (isPublic(address) && !own.has(address)) || isGranted({ host: address, port }, hosts);
  return addresses.every(({ address }) => isOpen(address))
    ? addresses
    : `${host} leads to an address that is not public`;
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, url: string): string | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined;
  return isRedirect && URL.canParse(headers.location ?? '', url)
    ? new URL(headers.location ?? '', url).href
    : undefined;
}
