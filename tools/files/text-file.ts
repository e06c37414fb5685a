import { readFileSync, statSync } from 'node:fs';
import type { ByteEdit, FileChange } from '../../ipc/changes.ts';
import { applyByteEdits, sha256Of } from './bytes.ts';

/**
 * A source file as text whose places can be named in every way there is: by offset (UTF-16 code units into `text`), by
 * line and column as the Language Server Protocol counts (from 0, a byte-order mark not counted), and by byte.
 */
export type TextFile = {
  /** POSIX, relative to the workspace. */
  path: string;
  /** Without the byte-order mark; line ends as they are. */
  text: string;
  /** Offsets at which a line begins. */
  readonly lines: number[];
  readonly sha256: string;
  bytes: Buffer;
  /** Bytes before the text: 3 with a byte-order mark, else 0. */
  markBytes: number;
};

export type Position = { line: number; character: number };
/** One replacement in a file's text, by offsets. */
export type TextEdit = { start: number; end: number; text: string };

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Reads a file; undefined when it is missing, larger than `bytesMax`, or not valid UTF-8. */
export function readTextFile(absolute: string, path: string, bytesMax: number): TextFile | undefined {
  let bytes: Buffer;
  try {
    if (statSync(absolute).size > bytesMax) return undefined;
    bytes = readFileSync(absolute);
  } catch {
    // The file went between listing and reading: to every caller that equals a file that never was there.
    return undefined;
  }
  const markBytes = bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
  const text = bytes.toString('utf8', markBytes);
  if (text.includes('\ufffd') && !Buffer.from(text).equals(bytes.subarray(markBytes))) return undefined;
  return textFile(path, text, bytes, markBytes);
}

/** A file as nothing but bytes, for moving what is not text. Throws when it cannot be read. */
export function rawFile(absolute: string, path: string): TextFile {
  const bytes = readFileSync(absolute);
  return { path, text: '', lines: [0], sha256: sha256Of(bytes), bytes, markBytes: 0 };
}

/** A text as if it stood in a file at the path. */
export function textFileOf(path: string, text: string): TextFile {
  const bytes = Buffer.from(text);
  return textFile(path, text, bytes, 0);
}

/** Lines and hash are computed on first use: most files that are read never need them. */
function textFile(path: string, text: string, bytes: Buffer, markBytes: number): TextFile {
  let lines: number[] | undefined;
  let sha256: string | undefined;
  return {
    ...{ path, text, bytes, markBytes },
    get lines() {
      lines ??= lineStarts(text);
      return lines;
    },
    get sha256() {
      sha256 ??= sha256Of(bytes);
      return sha256;
    },
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const lineEnd of text.matchAll(/\r\n|\r|\n/g)) starts.push(lineEnd.index + lineEnd[0].length);
  return starts;
}

export function positionAt(file: TextFile, offset: number): Position {
  let low = 0;
  let high = file.lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (file.lines[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: offset - file.lines[low]! };
}

/** The offset of a position; one beyond the file's end is its end. */
export function offsetAt(file: TextFile, position: Position): number {
  const start = file.lines[position.line] ?? file.text.length;
  return Math.min(start + position.character, file.text.length);
}

/** `path:line:column`, counted from 1. */
export function placeText(file: TextFile, offset: number): string {
  const { line, character } = positionAt(file, offset);
  return `${file.path}:${line + 1}:${character + 1}`;
}

/** The text after the edits, which must not overlap. */
export function editedText(text: string, edits: readonly TextEdit[]): string {
  let result = '';
  let from = 0;
  for (const edit of inOrder(edits)) {
    result += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return result + text.slice(from);
}

/** The edits as a change of the file on disk; with `movedTo` the file gets that path too. */
export function fileChange(file: TextFile, edits: readonly TextEdit[], movedTo?: string): FileChange {
  const edited = toByteEdits(file, edits);
  const after = sha256Of(applyByteEdits(file.bytes, edited));
  const change = { before: file.sha256, after, edits: edited };
  return movedTo === undefined
    ? { kind: 'edit', path: file.path, ...change }
    : { kind: 'move', from: file.path, path: movedTo, ...change };
}

function toByteEdits(file: TextFile, edits: readonly TextEdit[]): ByteEdit[] {
  let offset = 0;
  let byte = file.markBytes;
  const advance = (to: number) => {
    byte += Buffer.byteLength(file.text.slice(offset, to));
    offset = to;
    return byte;
  };
  return inOrder(edits).map((edit) => ({ start: advance(edit.start), end: advance(edit.end), text: edit.text }));
}

const inOrder = (edits: readonly TextEdit[]): TextEdit[] => edits.toSorted((a, b) => a.start - b.start);
