import type { Image, Message } from '../../ipc/message.ts';
import type { Quirks } from '../../ipc/model.ts';

/** A vendor whose row says nothing takes at least this in one request; megabytes as sent, in base64. */
const [countMax, megabytesMax] = [50, 20];

/**
 * The messages with as many images as the vendor takes in one request, the newest first. In place of the others stands
 * that they are left out.
 */
export function withinLimits(
  messages: Message[],
  { imagesMax = countMax, imagesMbMax = megabytesMax }: Quirks,
): Message[] {
  let [count, characters] = [0, 0];
  const fits = ({ data }: Image) => {
    count += 1;
    characters += data.length;
    return count <= imagesMax && characters <= imagesMbMax * 1_000_000;
  };
  const kept = messages.toReversed().map((message): Message => {
    if (message.role === 'assistant' || !message.images?.length) return message;
    const images = message.images.toReversed().filter(fits).reverse();
    const left = message.images.length - images.length;
    if (left === 0) return message;
    const { images: _, ...rest } = message;
    const which = left === 1 ? '1 image is' : `${left} images are`;
    const text = `${rest.text}\n(${which} left out: one request may have ${imagesMax}, of ${imagesMbMax} MB together)`;
    return { ...rest, text, ...(images.length > 0 && { images }) };
  });
  return kept.reverse();
}
