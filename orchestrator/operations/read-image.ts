import { readFileSync, statSync } from 'node:fs';
import { Fault } from '../../ipc/fault.ts';
import type { Image } from '../../ipc/message.ts';
import { fitImage } from '../../providers/images/fit-image.ts';

/** The largest file that is read to be scaled down, in bytes. */
const fileBytesMax = 50 * 1024 * 1024;

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

/** An image that a person named, and a remark where it was scaled down. Throws usage when models cannot take it. */
export async function readImage(file: string): Promise<{ image: Image; note: string }> {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile())
    throw new Fault('usage', `There is no file ${file}.`, { advice: 'Name an image with --image.' });
  if (found.size > fileBytesMax)
    throw new Fault('usage', `${file} has ${Math.ceil(found.size / 1024 / 1024)} MiB; an image may have 50.`, {
      advice: 'Make it smaller.',
    });
  const bytes = readFileSync(file);
  const kind = kinds.find(([, isIt]) => isIt(bytes));
  if (!kind)
    throw new Fault('usage', `${file} is no PNG, JPEG, GIF or WebP image.`, { advice: 'Convert it to one of these.' });
  const fitted = await fitImage(bytes, kind[0]);
  if ('refused' in fitted)
    throw new Fault('usage', `${file} cannot be shown: ${fitted.refused}.`, { advice: 'Make it smaller.' });
  return { image: fitted.image, note: fitted.note === '' ? '' : `${file} is shown ${fitted.note}.` };
}
