/** The kinds of files, by their first bytes. Pure. */
export type ImageKind = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

type Sign = { at: number; bytes: string; name: string };

/** By their documented signatures, as Latin-1. */
const images: (Sign & { name: ImageKind })[] = [
  { at: 0, bytes: '\x89PNG\r\n\x1a\n', name: 'image/png' },
  { at: 0, bytes: '\xff\xd8\xff', name: 'image/jpeg' },
  { at: 0, bytes: 'GIF87a', name: 'image/gif' },
  { at: 0, bytes: 'GIF89a', name: 'image/gif' },
  { at: 8, bytes: 'WEBP', name: 'image/webp' },
];

const others: Sign[] = [
  { at: 0, bytes: '%PDF-', name: 'PDF document' },
  { at: 0, bytes: 'PK\x03\x04', name: 'ZIP archive' },
  { at: 0, bytes: '\x1f\x8b', name: 'gzip data' },
  { at: 0, bytes: 'BZh', name: 'bzip2 data' },
  { at: 0, bytes: '\xfd7zXZ\0', name: 'xz data' },
  { at: 0, bytes: '(\xb5/\xfd', name: 'zstd data' },
  { at: 0, bytes: '7z\xbc\xaf\x27\x1c', name: '7-zip archive' },
  { at: 257, bytes: 'ustar', name: 'tar archive' },
  { at: 0, bytes: '\x7fELF', name: 'ELF program or library' },
  { at: 0, bytes: 'MZ', name: 'Windows program or library' },
  { at: 0, bytes: '\xcf\xfa\xed\xfe', name: 'macOS program or library' },
  { at: 0, bytes: '\xca\xfe\xba\xbe', name: 'Java class or macOS program' },
  { at: 0, bytes: '\0asm', name: 'WebAssembly module' },
  { at: 0, bytes: 'SQLite format 3\0', name: 'SQLite database' },
  { at: 0, bytes: 'wOFF', name: 'WOFF font' },
  { at: 0, bytes: 'wOF2', name: 'WOFF2 font' },
  { at: 0, bytes: '\0\x01\0\0', name: 'TrueType font' },
  { at: 0, bytes: 'OTTO', name: 'OpenType font' },
  { at: 0, bytes: 'ID3', name: 'MP3 audio' },
  { at: 0, bytes: 'OggS', name: 'Ogg audio or video' },
  { at: 8, bytes: 'WAVE', name: 'WAV audio' },
  { at: 4, bytes: 'ftyp', name: 'MP4 or related video' },
  { at: 0, bytes: '\x1aE\xdf\xa3', name: 'Matroska or WebM video' },
  { at: 0, bytes: 'BM', name: 'BMP image' },
  { at: 0, bytes: 'II*\0', name: 'TIFF image' },
  { at: 0, bytes: 'MM\0*', name: 'TIFF image' },
  { at: 0, bytes: '\0\0\x01\0', name: 'Windows icon' },
  { at: 0, bytes: '\xd0\xcf\x11\xe0', name: 'old Office document' },
];

/** The kind of an image that models can be shown; undefined: it is none. */
export function imageKind(bytes: Buffer): ImageKind | undefined {
  return images.find((sign) => has(bytes, sign))?.name;
}

export function isPdf(bytes: Buffer): boolean {
  // A few writers put a mark or an empty line before the header.
  return /^[\s\xef\xbb\xbf]{0,16}%PDF-\d/.test(bytes.toString('latin1', 0, 64));
}

/** Width and height of a PNG or GIF in pixels; undefined: another kind, or too short. */
export function imageSize(bytes: Buffer): { width: number; height: number } | undefined {
  const kind = imageKind(bytes);
  if (kind === 'image/png' && bytes.length >= 24)
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if (kind === 'image/gif' && bytes.length >= 10)
    return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  return undefined;
}

/** Kind and size of a file that is no text, e.g. `ZIP archive, 1204 bytes`. */
export function kindOfBytes(bytes: Buffer): string {
  const name =
    imageKind(bytes)?.replace('image/', '').toUpperCase().concat(' image') ??
    others.find((sign) => has(bytes, sign))?.name;
  return `${name ?? 'of unknown kind'}, ${bytes.length} bytes`;
}

function has(bytes: Buffer, { at, bytes: wanted }: Sign): boolean {
  return bytes.toString('latin1', at, at + wanted.length) === wanted;
}
