import { isIP } from 'node:net';
import { canonicalHost, isGranted, isPublic, type Target } from '../../sandbox/grants.ts';
import type { Verdict } from '../verdict.ts';

/** The host and port of a page's address; a string: why no page is fetched there. Pure. */
export function fetchTarget(url: string): Target | string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return `${JSON.stringify(url)} is no address of a page`;
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')
    return `only http and https are fetched, not ${parsed.protocol}`;
  if (parsed.username !== '' || parsed.password !== '')
    return 'an address with a name or a password in it is not fetched';
  const host = canonicalHost(parsed.hostname);
  const port = parsed.port === '' ? (parsed.protocol === 'https:' ? 443 : 80) : Number(parsed.port);
  return host === undefined ? `${JSON.stringify(parsed.hostname)} is no host` : { host, port };
}

/**
 * The verdict on a page that the host is to fetch. A name is asked for unless it is granted; where it leads is looked at
 * when it is fetched. An address of this machine or its networks is never fetched unless a person granted exactly it.
 */
export function judgeFetch(url: string, hosts: string[]): Verdict {
  const target = fetchTarget(url);
  if (typeof target === 'string') return { verdict: 'deny', rule: target, kind: 'network' };
  const name = `${target.host}:${target.port}`;
  if (isGranted(target, hosts)) return { verdict: 'allow', rule: `network.allow: ${name}` };
  const isOwn = isIP(target.host) !== 0 ? !isPublic(target.host) : isLocalName(target.host);
  if (isOwn) return { verdict: 'deny', rule: `${name} is no public address`, kind: 'network' };
  return {
    verdict: 'ask',
    rule: `fetches from ${target.host}, which network.allow does not name`,
    risk: 'beyond',
    kind: 'network',
  };
}

/** The verdict on a search of the web: its query leaves the machine, and what it finds comes from strangers. */
export function judgeSearch(isGranted: boolean): Verdict {
  if (isGranted) return { verdict: 'allow', rule: 'network.allow: web_search' };
  const rule = 'searches the web, which network.allow does not name';
  return { verdict: 'ask', rule, risk: 'beyond', kind: 'network' };
}

/** Names that lead to this machine or its networks on every machine. RFC 6761, 6762 and 8375. */
function isLocalName(host: string): boolean {
  return !host.includes('.') || /\.(localhost|local|internal|home\.arpa|lan)$/.test(host);
}
