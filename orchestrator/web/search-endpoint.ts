import type { WebSearchSettings } from '../../ipc/config.ts';
import type { HostUse } from '../../sandbox/proxy.ts';
import { fetchTarget } from '../../security/network/fetch.ts';
import { queryMark } from '../config/search-settings.ts';
import { ask, bodyOf, proxyOn, type Variables } from './request.ts';

/**
 * Searches of the web at an endpoint that a person configured. Every search service answers JSON of its own; what they
 * share is a list of objects with an address, a title and some text, and that list is looked for.
 */
export type SearchWish = { signal: AbortSignal; environment: Variables };
/** `used`: the host that was asked. `text`: what was found, for a model; `reason`: why there is nothing. */
export type Found = { used: HostUse[] } & ({ text: string } | { reason: string });

/** In milliseconds. */
const totalMs = 30_000;
const pagesMax = 10;
const textMax = 600;

/** Never rejects. */
export async function searchAt(settings: WebSearchSettings, query: string, wish: SearchWish): Promise<Found> {
  const { url: pattern = '', body: form } = settings;
  const url = pattern.replace(queryMark, () => encodeURIComponent(query));
  const body = form?.replace(queryMark, () => JSON.stringify(query).slice(1, -1));
  const target = fetchTarget(url);
  if (typeof target === 'string') return { used: [], reason: target };
  const key = settings.key_env === undefined ? undefined : wish.environment[settings.key_env];
  if (settings.key_env !== undefined && !key)
    return { used: [], reason: `${settings.key_env}, which [web_search] names for its key, is not set` };
  const use: HostUse = { ...target, verdict: 'allowed', reason: '', connections: 1, sent: 0, received: 0 };
  const signal = AbortSignal.any([wish.signal, AbortSignal.timeout(totalMs)]);
  try {
    const answer = await ask(url, {
      signal,
      method: body === undefined ? 'GET' : 'POST',
      body,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key && (settings.key_header ? { [settings.key_header]: key } : { authorization: `Bearer ${key}` })),
      },
      proxy: proxyOn(url, wish.environment),
    });
    const { bytes } = await bodyOf(answer, signal);
    use.received = bytes.length;
    const { statusCode = 0 } = answer;
    if (statusCode !== 200) return { used: [use], reason: `${target.host} answered ${statusCode}` };
    return { used: [use], ...readResults(bytes.toString('utf8'), query) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { used: [use], reason: signal.aborted ? `it took longer than ${totalMs / 1000} s` : why };
  }
}

/** The results in an answer, in words. Pure. */
export function readResults(text: string, query: string): { text: string } | { reason: string } {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return { reason: 'the endpoint answered no JSON (SearXNG wants format=json, and its settings must allow it)' };
  }
  const pages = pagesIn(answer).slice(0, pagesMax);
  if (pages.length === 0) return { text: `Nothing was found for ${JSON.stringify(query)}.` };
  return {
    text: pages
      .map(({ url, title, words }, at) =>
        [`${at + 1}. ${title || url}`, `   ${url}`, ...(words ? [`   ${words}`] : [])].join('\n'),
      )
      .join('\n'),
  };
}

type Page = { url: string; title: string; words: string };

const urlNames = ['url', 'link', 'href'];
const titleNames = ['title', 'name'];
const wordNames = ['content', 'description', 'snippet', 'text', 'summary', 'body'];

/** The longest list of objects with addresses, at most four objects deep. */
function pagesIn(value: unknown, depth = 0): Page[] {
  if (typeof value !== 'object' || value === null || depth > 4) return [];
  const own = Array.isArray(value) ? value.flatMap(pageOf) : [];
  const inner = Object.values(value).map((one) => pagesIn(one, depth + 1));
  return [own, ...inner].reduce((longest, one) => (one.length > longest.length ? one : longest));
}

function pageOf(value: unknown): Page[] {
  if (typeof value !== 'object' || value === null) return [];
  const said = (names: string[]) => {
    const found = names.map((name) => (value as Record<string, unknown>)[name]).find((one) => typeof one === 'string');
    return String(found ?? '');
  };
  const url = said(urlNames);
  if (!/^https?:\/\//.test(url)) return [];
  return [{ url, title: plain(said(titleNames)), words: plain(said(wordNames)) }];
}

/** One line, without the marks that services put around the words that were searched for. */
function plain(text: string): string {
  const line = text
    .replace(/<\/?(strong|b|em|mark)>/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > textMax ? `${line.slice(0, textMax)} …` : line;
}
