import { getDocumentProxy } from 'unpdf';
import type { Prepared } from '../contracts/tool.ts';

/**
 * The text of a PDF's pages, as many as fit. `pages`: which, e.g. `1-3,8`; all when absent. It is loaded only when a PDF is
 * read: pdf.js is larger than the rest of the hands.
 */
export async function readPdf(
  path: string,
  bytes: Buffer,
  pages: string | undefined,
  bytesMax: number,
): Promise<Prepared> {
  let document: Awaited<ReturnType<typeof getDocumentProxy>>;
  try {
    document = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0, isEvalSupported: false });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { text: `${path} is a PDF (${bytes.length} bytes) that cannot be read: ${why}`, isError: true };
  }
  const count = document.numPages;
  const wanted = pages === undefined ? Array.from({ length: count }, (_, at) => at + 1) : pagesIn(pages, count);
  if (typeof wanted === 'string') return { text: `${path}: ${wanted}`, isError: true };
  const shown: string[] = [];
  let [size, isEmpty] = [0, true];
  for (const number of wanted) {
    const text = await pageText(await document.getPage(number));
    isEmpty &&= text === '';
    const part = `[page ${number} of ${count}]\n${text}`;
    size += Buffer.byteLength(part) + 1;
    if (size > bytesMax && shown.length > 0) return { text: `${shown.join('\n')}\n[go on with pages ${number}-]` };
    shown.push(size > bytesMax ? `${part.slice(0, bytesMax)}\n[the rest of the page is cut]` : part);
  }
  const note = isEmpty ? '\n[these pages hold no text: they may be scanned images]' : '';
  return { text: shown.join('\n') + note };
}

/** The numbers in `1-3,8` or `5-`, in order and once each; a string: what is wrong. */
function pagesIn(pages: string, count: number): number[] | string {
  const numbers = new Set<number>();
  for (const part of pages.split(/[,\s]+/).filter((one) => one !== '')) {
    const [, first, dash, last] = /^(\d+)(?:(-)(\d*))?$/.exec(part) ?? [];
    if (first === undefined) return `the pages ${JSON.stringify(pages)} are not understood: say "1-3,8".`;
    const [from, to] = [Number(first), dash ? Number(last || count) : Number(first)];
    if (from < 1 || from > count || to < from) return `it has pages 1 to ${count}, not ${part}.`;
    for (let number = from; number <= Math.min(to, count); number += 1) numbers.add(number);
  }
  return numbers.size > 0 ? [...numbers].sort((a, b) => a - b) : 'no page is named.';
}

type Page = Awaited<ReturnType<Awaited<ReturnType<typeof getDocumentProxy>>['getPage']>>;

async function pageText(page: Page): Promise<string> {
  const { items } = await page.getTextContent();
  const text = items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('');
  return text.replace(/[ \t]+\n/g, '\n').trim();
}
