import { createHash } from 'node:crypto';
import type { ByteEdit, Encoding } from '../../ipc/changes.ts';
import { encodeText } from './encoding.ts';

/** SHA-256 of raw bytes (a string counts as UTF-8), in hex: what `before` and `after` of a change hold. */
export function sha256Of(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The bytes after the edits. Throws a RangeError when edits overlap, are out of order or reach past the end, or when the
 * encoding lacks a character of their text. Pure.
 */
export function applyByteEdits(bytes: Buffer, edits: ByteEdit[], encoding: Encoding = 'utf8'): Buffer {
  const parts: Buffer[] = [];
  let position = 0;
  for (const { start, end, text } of edits) {
    if (start < position || end < start || end > bytes.length)
      throw new RangeError(`edit ${start}–${end} after position ${position} of ${bytes.length} bytes`);
    const added = encodeText(text, encoding);
    if (!added) throw new RangeError(`${encoding} lacks a character of the edit at ${start}`);
    parts.push(bytes.subarray(position, start), added);
    position = end;
  }
  parts.push(bytes.subarray(position));
  return Buffer.concat(parts);
}
