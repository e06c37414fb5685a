import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const webSearchArguments = z.object({ query: z.string().check(z.minLength(1), z.maxLength(400)) });
export type WebSearchArguments = z.infer<typeof webSearchArguments>;

/** Answered by the host itself, from outside the walls. Never reaches the hands. */
export const webSearch: Tool<WebSearchArguments> = {
  name: 'web_search',
  description: 'Search the web: what was found, with addresses. A person may be asked first. `fetch_url` reads a page.',
  arguments: webSearchArguments,
  writes: false,
  effects: ({ query }) => [{ kind: 'search', query }],
};
