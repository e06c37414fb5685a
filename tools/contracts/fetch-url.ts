import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const fetchUrlArguments = z.object({
  url: z.string().check(z.minLength(1)),
  /** First character wanted of a long page, counted from 0. */
  start: z._default(z.int().check(z.minimum(0)), 0),
});
export type FetchUrlArguments = z.infer<typeof fetchUrlArguments>;

/** Answered by the host itself, from outside the walls. Never reaches the hands. */
export const fetchUrl: Tool<FetchUrlArguments> = {
  name: 'fetch_url',
  description:
    'The text of a public web page or file, HTML as Markdown. A person may be asked for the host. `start` goes on in a long page.',
  arguments: fetchUrlArguments,
  writes: false,
  effects: ({ url }) => [{ kind: 'fetch', url: withScheme(url) }],
};

/** Models leave the scheme out at times. */
export function withScheme(url: string): string {
  const trimmed = url.trim();
  return /^[a-z][a-z0-9+.-]*:/i.test(trimmed) && !/^[^/]*:\d+(\/|$)/.test(trimmed) ? trimmed : `https://${trimmed}`;
}
