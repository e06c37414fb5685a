import type { Usage } from '../../ipc/message.ts';

/** The most searches of one request, where the vendor takes a limit. */
export const searchesMax = 5;

/** The most pages listed below an answer. */
const listedMax = 20;

/**
 * The pages that a vendor's own search of the web found while it answered. The formats say them in different places; a
 * reader needs them as one list below the text.
 */
export type Sources = {
  /** A page that the answer rests on. */
  cited(url: string, title: string | null): void;
  /** A page that was found, perhaps without use. */
  found(url: string, title: string | null): void;
  /** One search was made; the same `query` counts once. */
  searched(query?: string): void;
  /** The list, to be added to the answer's text: cited pages, or all found ones where none is cited. '' if none. */
  list(): string;
  /** The usage with the searches that were made. */
  counted(usage: Usage | null): Usage | null;
};

export function openSources(): Sources {
  const cited = new Map<string, string>();
  const found = new Map<string, string>();
  const queries = new Set<string>();
  let searches = 0;
  const keep = (pages: Map<string, string>, url: unknown, title: unknown) => {
    if (typeof url === 'string' && url !== '') pages.set(url, typeof title === 'string' ? title : '');
  };
  return {
    cited: (url, title) => keep(cited, url, title),
    found: (url, title) => keep(found, url, title),
    searched(query) {
      if (query !== undefined && queries.has(query)) return;
      if (query !== undefined) queries.add(query);
      searches += 1;
    },
    list() {
      const pages = [...(cited.size > 0 ? cited : found)].slice(0, listedMax);
      const lines = pages.map(([url, title]) =>
        title === '' ? `- ${url}` : `- ${title.replace(/\s+/g, ' ')}: ${url}`,
      );
      return lines.length === 0 ? '' : `\n\nSources:\n${lines.join('\n')}`;
    },
    counted: (usage) => (usage !== null && searches > 0 ? { ...usage, searches } : usage),
  };
}
