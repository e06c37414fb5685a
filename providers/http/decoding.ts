import type { Readable, Transform } from 'node:stream';

/** Compressions that the header of an answer names and that cannot be read. */
export class UnknownEncoding extends Error {}

/** Fetched when the first compressed answer comes: the function is kept because a confined thread loses it. */
const { getBuiltinModule } = process;

/**
 * The body of a response, decompressed. Vendors are not asked to compress, but gateways do, and some keep the header
 * after they have decompressed: the first bytes decide where a compression has a mark. Throws UnknownEncoding.
 */
export async function* decoded(response: Readable, encodings: string | undefined): AsyncGenerator<Uint8Array> {
  const names = (encodings ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  const chunks: AsyncIterator<Buffer> = (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const { done, value: first } = await chunks.next();
  if (done) return;
  const marked = markOf(first);
  const hasMark = (name: string) => name in marks || name === 'x-gzip';
  // Only what was compressed last shows its mark.
  const last = names.at(-1);
  if (last !== undefined && hasMark(last) && marked === null) names.pop();
  else if (last === undefined && marked !== null) names.push(marked);
  const body = rest(first, chunks);
  if (names.length === 0) return yield* body;
  const { Readable: Source, pipeline } = getBuiltinModule('node:stream');
  const decoders = names.reverse().map((name) => decoderOf(name, first));
  const source = Source.from(body, { objectMode: false });
  // An error reaches the reader by way of the last stream.
  pipeline([source, ...decoders], () => {});
  yield* decoders.at(-1) as AsyncIterable<Buffer>;
}

async function* rest(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (;;) {
    const { done, value } = await chunks.next();
    if (done) return;
    yield value;
  }
}

/** The first bytes of compressed data. */
const marks: Record<string, number[]> = { gzip: [0x1f, 0x8b], zstd: [0x28, 0xb5, 0x2f, 0xfd] };

function markOf(bytes: Buffer): string | null {
  const found = Object.entries(marks).find(([, mark]) =>
    mark.every((byte, at) => at >= bytes.length || bytes[at] === byte),
  );
  return found?.[0] ?? null;
}

function decoderOf(name: string, first: Buffer): Transform {
  const zlib = getBuiltinModule('node:zlib');
  // An answer that was cut gives what came before the cut.
  const options = { flush: zlib.constants.Z_SYNC_FLUSH };
  if (name === 'gzip' || name === 'x-gzip') return zlib.createGunzip(options);
  if (name === 'br') return zlib.createBrotliDecompress();
  if (name === 'zstd') return zlib.createZstdDecompress();
  // Some servers leave out the two bytes that the standard wants before the data.
  if (name === 'deflate')
    return ((first[0] ?? 0) & 0x0f) === 8 ? zlib.createInflate(options) : zlib.createInflateRaw(options);
  throw new UnknownEncoding(`compresses its answer as '${name}', which cannot be read: it must send it plain`);
}
