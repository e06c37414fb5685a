import type { MessagePort } from 'node:worker_threads';
import { type Channel, channelEnd } from './channel.ts';

/** One end of a MessageChannel as a Channel. The other end may live in a worker thread; its death closes the line. */
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
