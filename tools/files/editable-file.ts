import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, relative } from 'node:path';
import type { ByteEdit, Encoding, FileChange } from '../../ipc/changes.ts';
import type { ToolContext } from '../contracts/tool.ts';
import { applyByteEdits, sha256Of } from './bytes.ts';
import { decodeText, encodeText, type TextKind, textKind } from './encoding.ts';
import { kindOfBytes } from './file-kind.ts';
import type { TextEdit } from './text-file.ts';

/** A text file and how its bytes are text. `path`: as changes name it. `text`: without a byte-order mark. */
export type EditableFile = TextKind & { path: string; bytes: Buffer; text: string; lineEnd: '\n' | '\r\n' };

/** The bytes of a regular file of bearable size. */
export type ReadBytes = { path: string; bytes: Buffer } | { refused: string; isMissing?: boolean };

/**
 * Reads a file that a text tool may work on. A path that is missing, a folder, no regular file, too big or binary is
 * `refused`, with a text that tells the model what to do instead.
 */
export async function readEditableFile(
  path: string,
  context: ToolContext,
): Promise<EditableFile | { refused: string; isMissing?: boolean }> {
  const read = await readBytes(path, context);
  if ('refused' in read) return read;
  const file = describe(read.path, read.bytes);
  return file ?? { refused: `${path} is a binary file (${kindOfBytes(read.bytes)}): it has no text to work on.` };
}

/** Reads the bytes of a file, text or not. */
export async function readBytes(path: string, context: ToolContext): Promise<ReadBytes> {
  const absolute = context.resolve(path);
  try {
    const found = await stat(absolute);
    if (found.isDirectory()) return { refused: `${path} is a folder; use list_files.` };
    if (!found.isFile()) return { refused: `${path} is not a regular file.` };
    const { fileBytesMax } = context.limits;
    if (found.size > fileBytesMax)
      return {
        refused: `${path} has ${found.size} bytes, more than the limit of ${fileBytesMax}. Use search, or run_command with head or sed.`,
      };
    const bytes = await readFile(absolute, { signal: context.signal });
    return { path: relative(context.workspace, absolute), bytes };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { refused: await whyUnreadable(path, absolute, error), isMissing: code === 'ENOENT' };
  }
}

/** Encoding, byte-order mark and the more frequent line end of a text file's bytes; undefined: they are no text. Pure. */
export function describe(path: string, bytes: Buffer): EditableFile | undefined {
  const kind = textKind(bytes);
  if (!kind) return undefined;
  const text = decodeText(bytes.subarray(kind.markBytes), kind.encoding);
  const lineFeeds = text.split('\n').length - 1;
  const pairs = text.split('\r\n').length - 1;
  return { path, bytes, text, lineEnd: pairs * 2 > lineFeeds ? '\r\n' : '\n', ...kind };
}

/** Text with its line ends turned into the file's. Pure. */
export function withLineEnds(text: string, lineEnd: '\n' | '\r\n'): string {
  return text.replace(/\r?\n/g, lineEnd);
}

/**
 * The change that makes these replacements (in order, not overlapping) in a file, in its own encoding; a string: the
 * reason why the file cannot hold them. With `movedTo` the file gets that path too.
 */
export function changeOf(file: EditableFile, edits: readonly TextEdit[], movedTo?: string): FileChange | string {
  const encoding: Encoding = file.encoding === 'mixed' ? 'windows-1252' : file.encoding;
  const byteEdits: ByteEdit[] = [];
  let [offset, byte] = [0, file.markBytes];
  const advance = (to: number) => {
    byte += encodeText(file.text.slice(offset, to), encoding)?.length ?? 0;
    offset = to;
    return byte;
  };
  for (const { start, end, text } of edits) {
    const isPlain = file.encoding !== 'mixed' || !/[^\x00-\x7f]/.test(text);
    if (!isPlain) return `${file.path} is not UTF-8 in every place: only plain ASCII text can be put into it.`;
    if (encodeText(text, encoding) === undefined)
      return `${file.path} is ${encoding}, which lacks a character of the new text. Use characters that it has.`;
    byteEdits.push({ start: advance(start), end: advance(end), text });
  }
  const after = sha256Of(applyByteEdits(file.bytes, byteEdits, encoding));
  const change = { before: sha256Of(file.bytes), after, edits: byteEdits, ...(encoding !== 'utf8' && { encoding }) };
  return movedTo === undefined
    ? { kind: 'edit', path: file.path, ...change }
    : { kind: 'move', from: file.path, path: movedTo, ...change };
}

async function whyUnreadable(path: string, absolute: string, error: unknown): Promise<string> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return `${path} cannot be read: ${error}`;
  const wanted = basename(absolute).toLowerCase();
  const names = await readdir(dirname(absolute)).catch(() => [] as string[]);
  const similarMax = 5;
  const stem = wanted.split('.')[0] ?? wanted;
  const similar = names.filter((name) => name.toLowerCase().includes(stem)).slice(0, similarMax);
  const hint = similar.length > 0 ? ` In its folder: ${similar.join(', ')}.` : ' Use list_files to find it.';
  return `${path} does not exist.${hint}`;
}
