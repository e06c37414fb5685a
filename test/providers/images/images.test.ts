/**
 * Goal: an image reaches a model as its vendor takes it: scaled down where it is too large, and left out where there are
 * too many, always with a word about it. Method: real pictures, made here, of noise that no encoder shrinks.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PhotonImage } from '@silvia-odwyer/photon-node';
import { imageSize } from 'image-size';
import type { Image, Message } from '../../../ipc/message.ts';
import { fitImage } from '../../../providers/images/fit-image.ts';
import { withinLimits } from '../../../providers/images/image-limits.ts';

/** Pixels of noise, or of one colour. */
function picture(width: number, height: number, kind: 'noise' | 'plain'): PhotonImage {
  const pixels = new Uint8Array(width * height * 4).fill(200);
  let state = 1;
  for (let at = 0; kind === 'noise' && at < pixels.length; at++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    pixels[at] = at % 4 === 3 ? 255 : state >> 16;
  }
  return new PhotonImage(pixels, width, height);
}

async function fitted(bytes: Uint8Array, mediaType: string) {
  const found = await fitImage(Buffer.from(bytes), mediaType);
  assert.ok('image' in found, JSON.stringify(found));
  const { mediaType: type, data } = found.image;
  const { width, height } = imageSize(Buffer.from(data, 'base64'));
  return { type, width, height, note: found.note, characters: data.length };
}

test('an image that all vendors take stays as it is', async () => {
  const bytes = Buffer.from(picture(2_000, 100, 'plain').get_bytes());
  const found = await fitImage(bytes, 'image/png');
  assert.deepEqual(found, { image: { mediaType: 'image/png', data: bytes.toString('base64') }, note: '' });
});

test('a side that is too long is scaled down, and said', async () => {
  const { characters: _, ...png } = await fitted(picture(2_500, 1_000, 'plain').get_bytes(), 'image/png');
  const note = 'scaled down from 2500 × 1000 pixels to 2000 × 800';
  assert.deepEqual(png, { type: 'image/png', width: 2_000, height: 800, note });
  const { characters: __, ...jpeg } = await fitted(picture(1_000, 2_500, 'plain').get_bytes_jpeg(90), 'image/jpeg');
  const turned = 'scaled down from 1000 × 2500 pixels to 800 × 2000';
  assert.deepEqual(jpeg, { type: 'image/jpeg', width: 800, height: 2_000, note: turned });
});

test('what is too large as sent becomes a JPEG of at most 5 MB in base64', async () => {
  const large = await fitted(picture(1_400, 1_000, 'noise').get_bytes(), 'image/png');
  assert.equal(large.type, 'image/jpeg');
  assert.ok(large.characters <= 5_000_000, `${large.characters}`);
  assert.match(large.note, /^scaled down from 1400 × 1000 pixels to/);
});

test('an image that cannot be scaled down is refused with a reason', async () => {
  const png = Buffer.from(picture(2_400, 40, 'plain').get_bytes());
  const broken = Buffer.concat([png.subarray(0, 60), Buffer.alloc(100)]);
  assert.deepEqual(await fitImage(broken, 'image/png'), { refused: 'it cannot be decoded to be scaled down' });
  const bomb = Buffer.from(png);
  bomb.writeUInt32BE(60_000, 16);
  bomb.writeUInt32BE(60_000, 20);
  assert.deepEqual(await fitImage(bomb, 'image/png'), {
    refused: '60000 × 60000 pixels are more than can be scaled down',
  });
  const unknown = await fitImage(Buffer.alloc(4_000_000), 'image/png');
  assert.deepEqual(unknown, { refused: 'its size cannot be read, and it has more than 3750000 bytes' });
});

const image = (data: string): Image => ({ mediaType: 'image/png', data });
const result = (id: string, ...images: Image[]): Message => ({
  ...{ role: 'tool', callId: id, name: 'read_file', text: id, isError: false, images },
});

test('a request has as many images as its vendor takes, the newest ones', () => {
  const user: Message = { role: 'user', text: 'Look.', images: [image('a'), image('b')] };
  const messages = [user, result('one', image('c')), result('two', image('d'))];
  assert.deepEqual(withinLimits(messages, {}), messages);
  const left = (count: string) => `(${count} left out: one request may have 2, of 20 MB together)`;
  assert.deepEqual(withinLimits(messages, { imagesMax: 2 }), [
    { role: 'user', text: `Look.\n${left('2 images are')}` },
    messages[1],
    messages[2],
  ]);
  const [first] = withinLimits([user, result('one', image('c'))], { imagesMax: 2 });
  assert.deepEqual(first, { role: 'user', text: `Look.\n${left('1 image is')}`, images: [image('b')] });
});

test('and no more megabytes of them, as sent', () => {
  const large = image('x'.repeat(600_000));
  const [first, second] = withinLimits([result('one', large), result('two', large)], { imagesMbMax: 1 });
  assert.deepEqual(first, {
    ...{ role: 'tool', callId: 'one', name: 'read_file', isError: false },
    text: 'one\n(1 image is left out: one request may have 50, of 1 MB together)',
  });
  assert.deepEqual(second, result('two', large));
});
