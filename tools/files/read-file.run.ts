import type { ReadFileArguments } from '../contracts/read-file.ts';
import type { Prepare } from '../contracts/tool.ts';
import { sha256Of } from './bytes.ts';
import { type EditableFile, readEditableFile } from './editable-file.ts';

export const prepare: Prepare<ReadFileArguments> = async ({ path, offset, limit }, context) => {
  const file = await readEditableFile(path, context);
  if ('refused' in file) return { text: file.refused, isError: true };
  const lines = linesOf(file);
  if (lines.length === 0) return { text: `[${path} is empty]`, data: { sha256: sha256Of(file.bytes), lines: 0 } };
  if (offset > lines.length)
    return { text: `${path} has ${lines.length} lines; offset ${offset} is behind its end.`, isError: true };
  const shown = takeLines(lines.slice(offset - 1, offset - 1 + limit), context.limits.outputBytesMax);
  const last = offset - 1 + shown.count;
  const notes = [
    ...(file.encoding === 'utf8' ? [] : [encodings[file.encoding]]),
    ...(shown.cut ? [`line ${last} cut`] : []),
    ...(last < lines.length ? [`lines ${offset}–${last} of ${lines.length}; go on with offset ${last + 1}`] : []),
  ];
  const text = notes.length > 0 ? `${shown.text}\n[${notes.join('; ')}]` : shown.text;
  return { text, data: { sha256: sha256Of(file.bytes), lines: lines.length, from: offset, to: last } };
};

/** Said of a file that is not UTF-8. */
const encodings = {
  utf16le: 'UTF-16 LE, kept in edits',
  utf16be: 'UTF-16 BE, kept in edits',
  'windows-1252': 'not UTF-8: read as Windows-1252 (Latin-1), kept in edits',
  mixed: 'not UTF-8 in every place: shown as Windows-1252 (Latin-1)',
} as const;

function linesOf({ text }: EditableFile): string[] {
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
