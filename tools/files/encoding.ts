import { isUtf8 } from 'node:buffer';
import type { Encoding } from '../../ipc/changes.ts';

/**
 * How a text file's bytes are text. `mixed`: valid UTF-8 beside bytes that are none; it is read as Windows-1252, one
 * character for each byte, and no text beyond ASCII can be written into it.
 */
export type TextKind = { encoding: Encoding | 'mixed'; markBytes: number };

/** Windows-1252 where it differs from Latin-1, for the bytes 0x80 to 0x9f; bytes without a character stay themselves. */
const highCharacters =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';
const highFrom = 0x80;

/** The kind of text in these bytes; undefined: they are no text. Pure. */
export function textKind(bytes: Buffer): TextKind | undefined {
  if (bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) return { encoding: 'utf8', markBytes: 3 };
  const isEven = bytes.length % 2 === 0;
  if (isEven && bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf16le', markBytes: 2 };
  if (isEven && bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf16be', markBytes: 2 };
  if (bytes.includes(0)) {
    const encoding = utf16Of(bytes);
    return encoding && { encoding, markBytes: 0 };
  }
  if (isUtf8(bytes)) return { encoding: 'utf8', markBytes: 0 };
  // Control characters tell a binary file without a zero byte (compressed data) from text.
  if (/[\x01-\x08\x0e-\x1a\x1c-\x1f]/.test(bytes.toString('latin1', 0, lookedAt))) return undefined;
  const hasUtf8 = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/.test(
    bytes.toString('latin1'),
  );
  return { encoding: hasUtf8 ? 'mixed' : 'windows-1252', markBytes: 0 };
}

/** How many bytes tell whether a file without a mark is UTF-16. */
const lookedAt = 4096;
/** The share of zero bytes on one side that tells it: text of which most is ASCII. */
const zeroShare = 0.7;
const otherShare = 0.1;

function utf16Of(bytes: Buffer): Encoding | undefined {
  const start = bytes.subarray(0, lookedAt);
  if (bytes.length % 2 !== 0) return undefined;
  const zeros = [0, 0];
  for (const [at, byte] of start.entries()) if (byte === 0) zeros[at % 2]! += 1;
  const [even = 0, odd = 0] = zeros;
  const encoding = odd > even ? 'utf16le' : 'utf16be';
  // Some characters beyond ASCII have a zero byte on the other side.
  if (Math.min(even, odd) > Math.max(even, odd) * otherShare) return undefined;
  if (Math.max(even, odd) < (start.length / 2) * zeroShare) return undefined;
  return /[\0-\x08\x0e-\x1f\ufffe\uffff]/.test(decodeText(start, encoding)) ? undefined : encoding;
}

/** The text of these bytes, without a mark before it. Pure. */
export function decodeText(bytes: Buffer, encoding: Encoding | 'mixed'): string {
  if (encoding === 'utf8') return bytes.toString('utf8');
  if (encoding === 'utf16le') return bytes.toString('utf16le');
  if (encoding === 'utf16be') return Buffer.from(bytes).swap16().toString('utf16le');
  return bytes.toString('latin1').replace(/[\x80-\x9f]/g, (one) => highCharacters[one.charCodeAt(0) - highFrom]!);
}

/** The bytes of a text; undefined: the encoding lacks one of its characters. Pure. */
export function encodeText(text: string, encoding: Encoding): Buffer | undefined {
  if (encoding === 'utf8') return Buffer.from(text, 'utf8');
  if (encoding === 'utf16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'utf16be') return Buffer.from(text, 'utf16le').swap16();
  const bytes = Buffer.alloc(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const high = highCharacters.indexOf(text[at]!);
    if (high < 0 && (code > 0xff || (code >= highFrom && code < 0xa0))) return undefined;
    bytes[at] = high < 0 ? code : high + highFrom;
  }
  return bytes;
}
