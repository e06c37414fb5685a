import { isUtf8 } from 'node:buffer';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ToolContext } from '../contracts/tool.ts';

/** A text file as its raw bytes; `latin1` has one character per byte, so its positions are byte positions. */
export type EditableFile = { path: string; bytes: Buffer; isUtf8: boolean; hasMark: boolean; lineEnd: '\n' | '\r\n' };

/** The UTF-8 byte-order mark. */
export const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads a file that a text tool may work on. A path that is missing, a folder, no regular file, too big or binary is
 * `refused`, with a text that tells the model what to do instead.
 */
export async function readEditableFile(
  path: string,
  context: ToolContext,
): Promise<EditableFile | { refused: string }> {
  const absolute = context.resolve(path);
  let bytes: Buffer;
  try {
    const found = await stat(absolute);
    if (found.isDirectory()) return { refused: `${path} is a folder; use list_files.` };
    if (!found.isFile()) return { refused: `${path} is not a regular file.` };
    const { fileBytesMax } = context.limits;
    if (found.size > fileBytesMax)
      return {
        refused: `${path} has ${found.size} bytes, more than the limit of ${fileBytesMax}. Use search, or run_command with head or sed.`,
      };
    bytes = await readFile(absolute, { signal: context.signal });
  } catch (error) {
    return { refused: await whyUnreadable(path, absolute, error) };
  }
  if (bytes.includes(0)) return { refused: `${path} is a binary file (${bytes.length} bytes).` };
  return describe(path, bytes);
}

/** Encoding, byte-order mark and the more frequent line end of a text file's bytes. Pure. */
export function describe(path: string, bytes: Buffer): EditableFile {
  const text = bytes.toString('latin1');
  const lineFeeds = text.split('\n').length - 1;
  const pairs = text.split('\r\n').length - 1;
  return {
    path,
    bytes,
    isUtf8: isUtf8(bytes),
    hasMark: bytes.subarray(0, 3).equals(byteOrderMark),
    lineEnd: pairs * 2 > lineFeeds ? '\r\n' : '\n',
  };
}

/** Text with its line ends turned into the file's. Pure. */
export function withLineEnds(text: string, lineEnd: '\n' | '\r\n'): string {
  return text.replace(/\r?\n/g, lineEnd);
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
