import type { Server } from 'node:net';
import { type Channel, channelEnd } from '../ipc/channel.ts';

/** Sends a message to the parent together with a listening socket, which then belongs to the parent alone. */
export function passServer(message: object, server: Server): void {
  process.send?.(message, server, {}, () => server.close());
}

/**
 * A program's channel to the process that started it with `startChild`. Undefined when it was started by hand.
 * Its messages are trusted as far as the parent is, but not parsed. Call it once, on the main thread.
 */
export function parentChannel<Outgoing>(): Channel<Outgoing, unknown> | undefined {
  if (!process.connected || !process.send) return undefined;
  const end = channelEnd<Outgoing, unknown>({
    post: (message) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => {});
    },
    close: () => {
      if (process.connected) process.disconnect();
    },
  });
  process.on('message', (message) => end.deliver(message));
  process.once('disconnect', () => end.closed('the parent closed the channel or ended'));
  // A broken pipe to a dead parent must not crash us with a stack trace: `disconnect` reports the close.
  process.on('error', () => {});
  return end.channel;
}
