import { stripVTControlCharacters } from 'node:util';
import * as z from 'zod/mini';
import type { Image } from '../../ipc/message.ts';

/** Text is a string or its lines, by the format of Jupyter (nbformat 4). */
const text = z.union([z.string(), z.array(z.string())]);

const output = z.object({
  output_type: z.string(),
  text: z.optional(text),
  data: z.optional(z.record(z.string(), z.unknown())),
  ename: z.optional(z.string()),
  evalue: z.optional(z.string()),
});

const notebook = z.object({
  cells: z.array(
    z.object({
      cell_type: z.string(),
      source: z._default(text, ''),
      execution_count: z.optional(z.nullable(z.number())),
      outputs: z._default(z.array(output), () => []),
    }),
  ),
});

/** More images of outputs are only mentioned, and none beyond this length in base64. */
const imagesMax = 4;
const imageCharactersMax = 1_000_000;

/** The cells of a notebook and what they put out, as text and images; undefined: it is no notebook. Pure. */
export function notebookCells(json: string): { text: string; images: Image[] } | undefined {
  const parsed = notebook.safeParse(parse(json));
  if (!parsed.success) return undefined;
  const images: Image[] = [];
  const parts = parsed.data.cells.map(({ cell_type, source, execution_count, outputs }, at) => {
    const ran = execution_count ? `, run ${execution_count}` : '';
    const shown = outputs.map((one) => outputText(one, images)).filter((words) => words !== '');
    return [`[cell ${at + 1}: ${cell_type}${ran}]`, whole(source), ...shown.map((words) => `[output]\n${words}`)].join(
      '\n',
    );
  });
  return { text: parts.join('\n\n'), images };
}

function outputText({ text: said, data, ename, evalue }: z.infer<typeof output>, images: Image[]): string {
  if (ename !== undefined) return `${ename}: ${stripVTControlCharacters(evalue ?? '')}`;
  if (said !== undefined) return stripVTControlCharacters(whole(said)).trimEnd();
  const [kind, value] = Object.entries(data ?? {}).find(([type]) => /^image\/(png|jpeg|gif|webp)$/.test(type)) ?? [];
  const plain = text.safeParse(data?.['text/plain']);
  const words = plain.success ? whole(plain.data).trimEnd() : '';
  if (kind === undefined) return words;
  const base64 = text.safeParse(value);
  const image = base64.success ? whole(base64.data).replace(/\s+/g, '') : '';
  const isShown = image !== '' && image.length <= imageCharactersMax && images.length < imagesMax;
  if (isShown) images.push({ mediaType: kind, data: image });
  return `(${isShown ? `image ${images.length}` : `${kind}, not shown`}) ${words}`.trimEnd();
}

function whole(given: z.infer<typeof text>): string {
  return Array.isArray(given) ? given.join('') : given;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
