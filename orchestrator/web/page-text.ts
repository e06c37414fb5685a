import type { Page } from './fetch-page.ts';

/** The text of a page for a model: HTML as Markdown, other text as it is; undefined: it is no text. */
export async function pageText(page: Page): Promise<string | undefined> {
  const { mediaType } = page;
  const isHtml = mediaType === 'text/html' || mediaType === 'application/xhtml+xml';
  const isText = /^text\/|[/+](json|xml|javascript|x-javascript|yaml|x-yaml|toml|markdown|x-sh)$/.test(mediaType);
  // Some servers give no type.
  const isPlain = (mediaType === '' || mediaType === 'application/octet-stream') && !page.bytes.includes(0);
  if (!isHtml && !isText && !isPlain) return undefined;
  const text = decoded(page);
  return isHtml || (isPlain && /^\s*<(!doctype html|html)/i.test(text)) ? markdownOf(text) : text;
}

/** In the character set of the header or of the page itself; UTF-8 where none is known. */
function decoded({ bytes, charset }: Page): string {
  const inPage = /<meta[^>]+charset=["']?([\w-]+)/i.exec(bytes.toString('latin1', 0, 2048))?.[1];
  try {
    return new TextDecoder(charset || inPage || 'utf-8').decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

/** Parts of a page that are no text of it. */
const without = [
  'script',
  'style',
  'noscript',
  'template',
  'iframe',
  'svg',
  'canvas',
  'form',
  'nav',
  'footer',
  'aside',
];

/** More of a page is not turned into Markdown: it takes a second for each million characters. */
const charactersMax = 1_500_000;

/** The library is loaded when the first page is fetched. */
async function markdownOf(html: string): Promise<string> {
  const { default: Turndown } = await import('turndown');
  const turndown = new Turndown({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' });
  turndown.remove(without as never[]);
  // Images in the text itself would fill the answer.
  turndown.addRule('inlineImages', {
    filter: (node) => node.nodeName === 'IMG' && /^data:/.test(node.getAttribute('src') ?? ''),
    replacement: () => '',
  });
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(html)?.[1]?.trim() ?? '';
  const main = /<(main|article)\b[^>]*>[\s\S]*<\/\1>/i.exec(html)?.[0];
  const inside = (main ?? html.replace(/<head\b[\s\S]*?<\/head>/i, '')).slice(0, charactersMax);
  const body = turndown.turndown(inside).replace(/\n{3,}/g, '\n\n');
  return title === '' || body.startsWith('# ') ? body : `# ${title}\n\n${body}`;
}
