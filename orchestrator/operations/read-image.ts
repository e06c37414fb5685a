import { readFileSync, statSync } from 'node:fs';
import { Fault } from '../../ipc/fault.ts';
import type { Image } from '../../ipc/message.ts';

/** The largest image that all vendors take, in bytes. */
const imageBytesMax = 5 * 1024 * 1024;

/** First bytes of the formats that all vendors take: a file's name can be wrong. */
const kinds: [mediaType: string, isIt: (bytes: Buffer) => boolean][] = [
  ['image/png', (bytes) => bytes.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47]))],
  ['image/jpeg', (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))],
  ['image/gif', (bytes) => bytes.subarray(0, 4).toString('latin1') === 'GIF8'],
  [
    'image/webp',
    (bytes) =>
      bytes.subarray(0, 4).toString('latin1') === 'RIFF' && bytes.subarray(8, 12).toString('latin1') === 'WEBP',
  ],
];

/** An image that a person named. Throws usage when models cannot take it. */
export function readImage(file: string): Image {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile())
    throw new Fault('usage', `There is no file ${file}.`, { advice: 'Name an image with --image.' });
  if (found.size > imageBytesMax)
    throw new Fault('usage', `${file} has ${Math.ceil(found.size / 1024 / 1024)} MiB; an image may have 5.`, {
      advice: 'Make it smaller.',
    });
  const bytes = readFileSync(file);
  const kind = kinds.find(([, isIt]) => isIt(bytes));
  if (!kind)
    throw new Fault('usage', `${file} is no PNG, JPEG, GIF or WebP image.`, { advice: 'Convert it to one of these.' });
  return { mediaType: kind[0], data: bytes.toString('base64') };
}
