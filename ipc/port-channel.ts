import type { MessagePort } from 'node:worker_threads';
import { type Channel, channelEnd } from './channel.ts';

/**
 * One end of a MessageChannel as a Channel. The other end may be in a worker thread; the thread's death closes the
 * channel.
 */
export function portChannel<Outgoing, Incoming>(port: MessagePort): Channel<Outgoing, Incoming> {
  const { channel, deliver, closed } = channelEnd<Outgoing, Incoming>({
    post: (message) => port.postMessage(message),
    close: () => port.close(),
  });
  port.on('message', (message: Incoming) => deliver(message));
  port.on('messageerror', (error) => closed(`a message could not be read: ${error.message}`));
  port.on('close', () => closed('the other end is gone'));
  return channel;
}
