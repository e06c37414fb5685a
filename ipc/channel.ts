/**
 * Channel: one end of a two-way, ordered line between a host and an agent or its hands, whatever carries it.
 *
 * `send` never throws; it answers false once the line is closed, and the message is then lost.
 * There is one message listener; messages that came before it was set are kept for it. `onClose` fires exactly once,
 * after the last message, with a sentence that says why; set late, it fires at once.
 */
export type Channel<Outgoing, Incoming> = {
  send(message: Outgoing): boolean;
  onMessage(listener: (message: Incoming) => void): void;
  onClose(listener: (reason: string) => void): void;
  close(): void;
};

/**
 * The part that all carriers share: it keeps early messages and reports the close once. The carrier calls `deliver` and
 * `closed`.
 */
export function channelEnd<Outgoing, Incoming>(carrier: {
  post(message: Outgoing): void;
  close(): void;
}): { channel: Channel<Outgoing, Incoming>; deliver(message: Incoming): void; closed(reason: string): void } {
  const early: Incoming[] = [];
  const closeListeners: ((reason: string) => void)[] = [];
  let listener: ((message: Incoming) => void) | undefined;
  let closedBecause: string | undefined;

  const closed = (reason: string) => {
    if (closedBecause !== undefined) return;
    closedBecause = reason;
    for (const tell of closeListeners) tell(reason);
  };
  const channel: Channel<Outgoing, Incoming> = {
    send(message) {
      if (closedBecause !== undefined) return false;
      carrier.post(message);
      return true;
    },
    onMessage(wanted) {
      listener = wanted;
      for (const message of early.splice(0)) wanted(message);
    },
    onClose(tell) {
      if (closedBecause === undefined) closeListeners.push(tell);
      else tell(closedBecause);
    },
    close() {
      if (closedBecause !== undefined) return;
      carrier.close();
      closed('closed by this end');
    },
  };
  const deliver = (message: Incoming) => {
    if (listener) listener(message);
    else early.push(message);
  };
  return { channel, deliver, closed };
}
