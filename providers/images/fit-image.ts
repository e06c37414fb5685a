import { imageSize } from 'image-size';
import type { Image } from '../../ipc/message.ts';

/**
 * The longest side of an image that a model is shown, in pixels. Vendors shrink larger ones themselves, and Anthropic
 * refuses them in a request with more than 20 images.
 */
const sideMax = 2_000;
/** The largest image that all vendors take, in bytes of its file: in base64 it is a third larger, 5 MB. */
const bytesMax = 3_750_000;
/** A larger image would fill our memory when it is decoded, in pixels. */
const pixelsMax = 80_000_000;
/** How well a JPEG is to look, in percent: first, and when it is still too large. */
const qualities = [85, 65];
/** Below this side nothing can be recognised, in pixels. */
const sideMin = 200;

/** `note` says what was changed, as a sentence's end; '': nothing. */
export type Fitted = { image: Image; note: string } | { refused: string };

/** An image as all vendors take it: scaled down where it is too large. Never throws. */
export async function fitImage(bytes: Buffer, mediaType: string): Promise<Fitted> {
  const size = sizeOf(bytes);
  const longest = Math.max(size?.width ?? 0, size?.height ?? 0);
  if (bytes.length <= bytesMax && longest <= sideMax)
    return { image: { mediaType, data: bytes.toString('base64') }, note: '' };
  if (size === null) return { refused: `its size cannot be read, and it has more than ${bytesMax} bytes` };
  const words = `${size.width} × ${size.height} pixels`;
  if (size.width * size.height > pixelsMax) return { refused: `${words} are more than can be scaled down` };
  try {
    const scaled = await scaleDown(bytes, mediaType, Math.min(1, sideMax / longest));
    if (scaled === null) return { refused: `it stays larger than ${bytesMax} bytes` };
    const { image, width, height } = scaled;
    return { image, note: `scaled down from ${words} to ${width} × ${height}` };
  } catch {
    // The decoder's own words are those of its language.
    return { refused: 'it cannot be decoded to be scaled down' };
  }
}

type Size = { width: number; height: number };

function sizeOf(bytes: Buffer): Size | null {
  try {
    const { width, height } = imageSize(bytes);
    return width > 0 && height > 0 ? { width, height } : null;
  } catch {
    return null; // a broken or unknown header
  }
}

async function scaleDown(bytes: Buffer, mediaType: string, first: number): Promise<(Size & { image: Image }) | null> {
  // 2 MB that only large images need.
  const { PhotonImage, resize, SamplingFilter } = await import('@silvia-odwyer/photon-node');
  const whole = PhotonImage.new_from_byteslice(bytes);
  try {
    for (let factor = first; ; factor *= 0.7) {
      const [width, height] = [whole.get_width(), whole.get_height()].map((side) =>
        Math.max(1, Math.round(side * factor)),
      );
      if (Math.max(width!, height!) < sideMin) return null;
      const smaller = resize(whole, width!, height!, SamplingFilter.Triangle);
      try {
        const image = encoded(smaller, mediaType);
        if (image) return { image, width: width!, height: height! };
      } finally {
        smaller.free();
      }
    }
  } finally {
    whole.free();
  }
}

type Encoder = { get_bytes(): Uint8Array; get_bytes_jpeg(quality: number): Uint8Array };

/** Photographs stay JPEG, all else PNG as long as it fits. */
function encoded(image: Encoder, mediaType: string): Image | null {
  const asImage = (type: string, bytes: Uint8Array) => ({
    mediaType: type,
    data: Buffer.from(bytes).toString('base64'),
  });
  if (mediaType !== 'image/jpeg') {
    const png = image.get_bytes();
    if (png.length <= bytesMax) return asImage('image/png', png);
  }
  for (const quality of qualities) {
    const jpeg = image.get_bytes_jpeg(quality);
    if (jpeg.length <= bytesMax) return asImage('image/jpeg', jpeg);
  }
  return null;
}
