import { type Channel, channelEnd } from './channel.ts';

/**
 * Two connected ends in one thread. Messages arrive in a later microtask, copied, as they would through any other
 * carrier, so that nobody comes to depend on shared objects or on being called back at once.
 */
export function memoryChannel<A, B>(): [Channel<A, B>, Channel<B, A>] {
  const left = channelEnd<A, B>({
    post: (message) => deliverTo(right, message),
    close: () => queueMicrotask(() => right.closed('closed by the other end')),
  });
  const right = channelEnd<B, A>({
    post: (message) => deliverTo(left, message),
    close: () => queueMicrotask(() => left.closed('closed by the other end')),
  });
  return [left.channel, right.channel];
}

function deliverTo<Message>(end: { deliver(message: Message): void }, message: Message): void {
  const copy = structuredClone(message);
  queueMicrotask(() => end.deliver(copy));
}
