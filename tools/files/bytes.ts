import { createHash } from 'node:crypto';
import type { ByteEdit } from '../../ipc/changes.ts';

/** SHA-256 of raw bytes (a string counts as UTF-8), in hex: what `before` and `after` of a change hold. */
export function sha256Of(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The bytes after the edits. Throws a RangeError when edits overlap, are out of order or reach past the end. Pure. */
export function applyByteEdits(bytes: Buffer, edits: ByteEdit[]): Buffer {
  const parts: Buffer[] = [];
  let position = 0;
  for (const { start, end, text } of edits) {
    if (start < position || end < start || end > bytes.length)
      throw new RangeError(`edit ${start}–${end} after position ${position} of ${bytes.length} bytes`);
    parts.push(bytes.subarray(position, start), Buffer.from(text, 'utf8'));
    position = end;
  }
  parts.push(bytes.subarray(position));
  return Buffer.concat(parts);
}
