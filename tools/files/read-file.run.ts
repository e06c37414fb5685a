import type { ReadFileArguments } from '../contracts/read-file.ts';
import type { Prepare, Prepared } from '../contracts/tool.ts';
import { sha256Of } from './bytes.ts';
import { describe, type EditableFile, readBytes } from './editable-file.ts';
import { imageKind, imageSize, isPdf, kindOfBytes } from './file-kind.ts';
import { notebookCells } from './notebook.ts';

export const prepare: Prepare<ReadFileArguments> = async (wanted, context) => {
  const { path } = wanted;
  const read = await readBytes(path, context);
  if ('refused' in read) return { text: read.refused, isError: true };
  const { bytes } = read;
  const data = { sha256: sha256Of(bytes) };
  if (imageKind(bytes)) return { ...(await imageOf(path, bytes)), data };
  if (isPdf(bytes)) {
    const { readPdf } = await import('./read-pdf.ts');
    return { ...(await readPdf(path, bytes, wanted.pages, context.limits.outputBytesMax)), data };
  }
  if (wanted.pages !== undefined)
    return { text: `${path} is no PDF: it has lines (offset, limit), not pages.`, isError: true };
  const file = describe(read.path, bytes);
  if (!file)
    return { text: `${path} is a binary file (${kindOfBytes(bytes)}): it has no text to read.`, isError: true };
  const cells = path.toLowerCase().endsWith('.ipynb') ? notebookCells(file.text) : undefined;
  const shown = shownLines(cells ? { ...file, text: cells.text } : file, wanted, context.limits.outputBytesMax, data);
  if (!cells) return shown;
  const note = 'cells of a notebook; edit_file works on the JSON that they stand in';
  return { ...shown, text: `${shown.text}\n[${note}]`, ...(cells.images.length > 0 && { images: cells.images }) };
};

async function imageOf(path: string, bytes: Buffer): Promise<Prepared> {
  const { fitImage } = await import('../../providers/images/fit-image.ts');
  const fitted = await fitImage(bytes, imageKind(bytes) ?? '');
  const size = imageSize(bytes);
  const words = `${path}: ${kindOfBytes(bytes)}${size ? `, ${size.width} × ${size.height} pixels` : ''}`;
  if ('refused' in fitted)
    return { text: `${words}. It cannot be shown: ${fitted.refused}. Make a smaller copy of it first.`, isError: true };
  return { text: fitted.note === '' ? words : `${words} [shown ${fitted.note}]`, images: [fitted.image] };
}

function shownLines(
  file: EditableFile,
  { path, offset, limit }: ReadFileArguments,
  bytesMax: number,
  { sha256 }: { sha256: string },
): Prepared {
  const lines = linesOf(file);
  if (lines.length === 0) return { text: `[${path} is empty]`, data: { sha256, lines: 0 } };
  if (offset > lines.length)
    return { text: `${path} has ${lines.length} lines; offset ${offset} is behind its end.`, isError: true };
  const shown = takeLines(lines.slice(offset - 1, offset - 1 + limit), bytesMax);
  const last = offset - 1 + shown.count;
  const notes = [
    ...(file.encoding === 'utf8' ? [] : [encodings[file.encoding]]),
    ...(shown.cut ? [`line ${last} cut`] : []),
    ...(last < lines.length ? [`lines ${offset}–${last} of ${lines.length}; go on with offset ${last + 1}`] : []),
  ];
  const text = notes.length > 0 ? `${shown.text}\n[${notes.join('; ')}]` : shown.text;
  return { text, data: { sha256, lines: lines.length, from: offset, to: last } };
}

/** Said of a file that is not UTF-8. */
const encodings = {
  utf16le: 'UTF-16 LE, kept in edits',
  utf16be: 'UTF-16 BE, kept in edits',
  'windows-1252': 'not UTF-8: read as Windows-1252 (Latin-1), kept in edits',
  mixed: 'not UTF-8 in every place: shown as Windows-1252 (Latin-1)',
} as const;

function linesOf({ text }: Pick<EditableFile, 'text'>): string[] {
  if (text === '') return [];
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** As many whole lines as fit; a first line that alone is too long is cut. */
function takeLines(lines: string[], bytesMax: number): { text: string; count: number; cut: boolean } {
  const taken: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > bytesMax && taken.length > 0) break;
    if (bytes > bytesMax) return { text: line.slice(0, bytesMax), count: 1, cut: true };
    taken.push(line);
  }
  return { text: taken.join('\n'), count: taken.length, cut: false };
}
