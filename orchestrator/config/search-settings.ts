import { fetchTarget } from '../../security/network/fetch.ts';

/** The settings of an endpoint that searches the web: where the query stands in its URL and its body. */
export const queryMark = /\{query\}/g;

export function isSearchUrl(url: string): boolean {
  return typeof fetchTarget(url.replace(queryMark, 'x')) !== 'string';
}

/** Whether a body is JSON once the query is in it. */
export function isSearchBody(body: string): boolean {
  try {
    JSON.parse(body.replace(queryMark, 'x'));
    return /\{query\}/.test(body);
  } catch {
    return false;
  }
}
