import type { EditFileArguments, OneEdit } from '../contracts/edit-file.ts';
import type { Prepare, Prepared } from '../contracts/tool.ts';
import { sha256Of } from './bytes.ts';
import { changeOf, type EditableFile, readEditableFile, withLineEnds } from './editable-file.ts';
import { nearestLines } from './nearest-lines.ts';
import { editsOf, replaced, textOf, wholeOf } from './pieces.ts';
import type { TextEdit } from './text-file.ts';
import { workspaceRelative } from './workspace-path.ts';

export const prepare: Prepare<EditFileArguments> = async (wanted, context) => {
  const file = await readEditableFile(wanted.path, context);
  const edits = listOf(wanted);
  if (typeof edits === 'string') return refused(edits);
  if ('refused' in file) {
    const [only, ...more] = edits;
    const isNew = file.isMissing === true && only?.old_text === '' && more.length === 0;
    return isNew ? created(workspaceRelative(wanted.path, context.workspace), only.new_text) : refused(file.refused);
  }
  let pieces = wholeOf(file.text);
  const lines: number[] = [];
  for (const [at, edit] of edits.entries()) {
    const text = textOf(pieces, file.text);
    const places = placesOf(edit, text, file);
    if (typeof places === 'string') return refused(`${numbered(at, edits.length)}${places}`);
    for (const place of places.toReversed()) pieces = replaced(pieces, place);
    lines.push(...places.map(({ start }) => text.slice(0, start).split('\n').length));
  }
  const change = changeOf(file, editsOf(pieces, file.text.length));
  if (typeof change === 'string') return refused(change);
  if (change.kind === 'edit' && change.before === change.after)
    return refused(`${wanted.path} already reads so; nothing to change.`);
  const linesMax = 20;
  const more = lines.length > linesMax ? ` and ${lines.length - linesMax} more` : '';
  return {
    text: `Edited ${file.path}: ${lines.length === 1 ? 'line' : 'lines'} ${lines.slice(0, linesMax).join(', ')}${more}.`,
    data: { lines },
    changes: [change],
  };
};

type Edit = OneEdit & { expected?: number | undefined; line?: number | undefined };

function refused(text: string): Prepared {
  return { text, isError: true };
}

/** One edit of several names itself; nothing is changed when one cannot be made. */
function numbered(at: number, count: number): string {
  return count === 1 ? '' : `Nothing was changed: edit ${at + 1} of ${count} cannot be made. `;
}

function listOf({
  old_text,
  new_text,
  replace_all = false,
  edits,
  expected,
  insert_line: line,
}: EditFileArguments): Edit[] | string {
  if (edits && (old_text !== undefined || new_text !== undefined))
    return 'Give either edits, or old_text and new_text, not both.';
  if (edits) return edits;
  if (new_text === undefined) return 'new_text is missing.';
  if (line !== undefined) return [{ old_text: '', new_text, replace_all: false, line }];
  if (old_text === undefined) return 'old_text is missing: the text to replace, or empty for a new file.';
  return [{ old_text, new_text, replace_all: replace_all || (expected ?? 1) > 1, expected }];
}

function created(path: string, content: string): Prepared {
  const bytes = Buffer.byteLength(content);
  return {
    text: `Created ${path} (${bytes} bytes).`,
    changes: [{ kind: 'create', path, after: sha256Of(content), content, executable: false }],
  };
}

/** The replacements of one edit in the present text; a string: why it cannot be made. */
function placesOf(edit: Edit, text: string, file: EditableFile): TextEdit[] | string {
  if (edit.line !== undefined) return insertion(edit.line, edit.new_text, text, file);
  if (edit.old_text === '') {
    if (text === '') return [{ start: 0, end: 0, text: edit.new_text }];
    return `${file.path} exists and is not empty: an empty old_text makes a new file. Give the text to replace, or use write_file.`;
  }
  const pattern = edit.old_text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replace(/\r?\n/g, '\\r?\\n');
  const places = [...text.matchAll(new RegExp(pattern, 'g'))].map((match): TextEdit => {
    const lineEnd = match[0].includes('\r\n') ? '\r\n' : match[0].includes('\n') ? '\n' : file.lineEnd;
    return { start: match.index, end: match.index + match[0].length, text: withLineEnds(edit.new_text, lineEnd) };
  });
  if (places.length === 0) return `old_text is not in ${file.path}. ${nearestLines(text, edit.old_text)}`;
  const { expected } = edit;
  if (expected !== undefined && expected !== places.length)
    return `old_text is in ${file.path} ${places.length} times, not ${expected}.`;
  if (places.length > 1 && !edit.replace_all) {
    const lines = places.slice(0, 10).map(({ start }) => text.slice(0, start).split('\n').length);
    return `old_text is in ${file.path} ${places.length} times (lines ${lines.join(', ')}). Add lines around it to make it unique, or set replace_all.`;
  }
  return places;
}

function insertion(line: number, given: string, text: string, file: EditableFile): TextEdit[] | string {
  const starts = [0, ...[...text.matchAll(/\r\n|\n/g)].map((end) => end.index + end[0].length)];
  const isEnded = text === '' || text.endsWith('\n');
  const count = starts.length - (isEnded ? 1 : 0);
  if (line > count) return `${file.path} has ${count} lines; there is no line ${line}.`;
  const at = starts[line] ?? text.length;
  const added = withLineEnds(given.endsWith('\n') || at === text.length ? given : `${given}\n`, file.lineEnd);
  return [{ start: at, end: at, text: at === text.length && !isEnded ? file.lineEnd + added : added }];
}
