import type { CodePosition } from '../../code/code-questions.ts';
import { editedText, type TextEdit, type TextFile, textFileOf } from '../../files/text-file.ts';

/** Edits that are planned, by file, and the texts that they make. */
export type Edits = ReadonlyMap<string, readonly TextEdit[]>;

export function filesAfter(read: (path: string) => TextFile | undefined, edits: Edits): Map<string, TextFile> {
  const after = new Map<string, TextFile>();
  for (const [path, list] of edits) {
    const file = read(path);
    if (file !== undefined) after.set(path, textFileOf(path, editedText(file.text, list)));
  }
  return after;
}

/** Where a place of the texts before lies after the edits. What an edit itself replaces begins where it begins. */
export function placeAfter(edits: Edits, { path, offset }: CodePosition): CodePosition {
  let result = offset;
  for (const { start, end, text } of edits.get(path) ?? []) {
    if (end <= offset && start < offset + (start === end ? 1 : 0)) result += text.length - (end - start);
  }
  return { path, offset: result };
}

/** Where a place of the texts after the edits lay before them. */
export function placeBefore(edits: Edits, { path, offset }: CodePosition): CodePosition {
  let [original, grown] = [offset, 0];
  for (const { start, end, text } of (edits.get(path) ?? []).toSorted((a, b) => a.start - b.start)) {
    const from = start + grown;
    if (from > offset || (from === offset && start < end)) break;
    const by = text.length - (end - start);
    if (from + text.length <= offset) original -= by;
    else return { path, offset: start };
    grown += by;
  }
  return { path, offset: original };
}
