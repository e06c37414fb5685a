import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { isGranted, isPublic, type Target } from '../../sandbox/grants.ts';
import { fixed, type HostUse, ownAddresses, type Resolve } from '../../sandbox/proxy.ts';
import { fetchTarget } from '../../security/network/fetch.ts';

/**
 * Fetches one page of the public internet. A name is resolved once, every address of it must be public, and the connection
 * goes to exactly these addresses: so neither a redirect nor a name that changes leads into the person's own network.
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
  /** For tests. */
  resolve?: Resolve;
};

/** The whole fetch with its redirects, in milliseconds. */
const totalMs = 30_000;
const bytesMax = 5 * 1024 * 1024;
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
  { hosts, resolve = resolveHere }: FetchWish,
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
    const addresses = await openAddresses(target, hosts, resolve);
    const use = useOf(target, typeof addresses === 'string' ? addresses : '');
    used.push(use);
    if (typeof addresses === 'string') return { reason: addresses };
    const answer = await ask(url, { lookup: fixed(addresses), signal });
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

/** The addresses to connect to; a string: why to none. One that is not public is enough to refuse them all. */
async function openAddresses(
  { host, port }: Target,
  hosts: string[],
  resolve: Resolve,
): Promise<{ address: string; family: number }[] | string> {
  const version = isIP(host);
  const addresses = version === 0 ? await resolve(host).catch(() => []) : [{ address: host, family: version }];
  if (addresses.length === 0) return `no server is known by the name ${host}`;
  const own = ownAddresses();
  const isOpen = (address: string) =>
    (isPublic(address) && !own.has(address)) || isGranted({ host: address, port }, hosts);
  return addresses.every(({ address }) => isOpen(address))
    ? addresses
    : `${host} leads to an address that is not public`;
}

function ask(url: string, options: Pick<RequestOptions, 'lookup' | 'signal'>): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, {
    ...options,
    agent: false,
    headers: {
      accept: 'text/markdown, text/html;q=0.9, text/plain;q=0.8, application/json;q=0.8, */*;q=0.1',
      'accept-encoding': 'gzip, deflate, br',
      'user-agent': 'vtcode (coding agent; fetches single pages for a person)',
    },
  });
  request.once('response', resolve).once('error', reject).end();
  return promise;
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, url: string): string | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined;
  return isRedirect && URL.canParse(headers.location ?? '', url)
    ? new URL(headers.location ?? '', url).href
    : undefined;
}

/** The body, unpacked, at most so many bytes of it: a small answer can unpack to a large one. */
async function bodyOf(answer: IncomingMessage, signal: AbortSignal): Promise<{ bytes: Buffer; isCut: boolean }> {
  const encoding = answer.headers['content-encoding']?.toLowerCase();
  const unpack =
    encoding === 'br'
      ? createBrotliDecompress()
      : encoding === 'gzip'
        ? createGunzip()
        : encoding === 'deflate'
          ? createInflate()
          : null;
  const body = unpack ? answer.on('error', (error) => unpack.destroy(error)).pipe(unpack) : answer;
  const end = () => answer.destroy(new Error('it was ended'));
  signal.addEventListener('abort', end, { once: true });
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > bytesMax) break;
    }
  } finally {
    signal.removeEventListener('abort', end);
    answer.destroy();
  }
  return { bytes: Buffer.concat(chunks).subarray(0, bytesMax), isCut: size > bytesMax };
}
