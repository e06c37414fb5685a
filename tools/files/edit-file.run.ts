import type { ByteEdit } from '../../ipc/changes.ts';
import type { EditFileArguments } from '../contracts/edit-file.ts';
import type { Prepare } from '../contracts/tool.ts';
import { applyByteEdits, sha256Of } from './bytes.ts';
import { type EditableFile, readEditableFile, withLineEnds } from './editable-file.ts';
import { workspaceRelative } from './workspace-path.ts';

const isAscii = /^[\x00-\x7f]*$/;

export const prepare: Prepare<EditFileArguments> = async (wanted, context) => {
  const file = await readEditableFile(wanted.path, context);
  if ('refused' in file) return { text: file.refused, isError: true };
  if (!file.isUtf8 && !(isAscii.test(wanted.old_text) && isAscii.test(wanted.new_text)))
    return { text: `${wanted.path} is not UTF-8; only plain ASCII text can be replaced in it.`, isError: true };
  const places = findPlaces(file, wanted.old_text);
  const problem = judgePlaces(places, file, wanted);
  if (problem) return { text: problem, isError: true };
  const edits = places.map((place): ByteEdit => {
    const lineEnd = place.text.includes('\n') ? lineEndOf(place.text) : file.lineEnd;
    return { start: place.start, end: place.end, text: withLineEnds(wanted.new_text, lineEnd) };
  });
  const after = applyByteEdits(file.bytes, edits);
  if (after.equals(file.bytes)) return { text: `${wanted.path} already reads so; nothing to change.`, isError: true };
  const path = workspaceRelative(wanted.path, context.workspace);
  const lines = places.map((place) => file.bytes.subarray(0, place.start).toString('latin1').split('\n').length);
  const linesMax = 20;
  const more = lines.length > linesMax ? ` and ${lines.length - linesMax} more` : '';
  return {
    text: `Edited ${path}: ${lines.length === 1 ? 'line' : 'lines'} ${lines.slice(0, linesMax).join(', ')}${more}.`,
    data: { lines },
    changes: [{ kind: 'edit', path, before: sha256Of(file.bytes), after: sha256Of(after), edits }],
  };
};

type TextRange = { start: number; end: number; text: string };

/** Every place where the text stands, not overlapping; a line end in it matches either kind of line end. */
function findPlaces(file: EditableFile, oldText: string): TextRange[] {
  const bytewise = Buffer.from(oldText, 'utf8').toString('latin1');
  const pattern = bytewise.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replace(/\r?\n/g, '\\r?\\n');
  const places: TextRange[] = [];
  for (const match of file.bytes.toString('latin1').matchAll(new RegExp(pattern, 'g')))
    places.push({ start: match.index, end: match.index + match[0].length, text: match[0] });
  return places;
}

function lineEndOf(text: string): '\n' | '\r\n' {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function judgePlaces(places: TextRange[], file: EditableFile, wanted: EditFileArguments): string | undefined {
  if (places.length === 0) return `old_text is not in ${file.path}.${nearMiss(file, wanted.old_text)}`;
  if (places.length > 1 && !wanted.replace_all)
    return `old_text is in ${file.path} ${places.length} times. Add lines around it to make it unique, or set replace_all.`;
  return undefined;
}

/** Where the text would match if spaces did not count: the usual reason why a copied text is not found. */
function nearMiss(file: EditableFile, oldText: string): string {
  const first = oldText.split(/\r?\n/).find((line) => line.trim() !== '');
  const text = file.bytes.toString(file.isUtf8 ? 'utf8' : 'latin1');
  const line = text.split(/\r?\n/).findIndex((candidate) => first !== undefined && candidate.trim() === first.trim());
  if (line < 0) return ' Read the file again and copy the text exactly.';
  return ` Its first line is like line ${line + 1}: spaces or what follows differ. Read from there and copy exactly.`;
}
