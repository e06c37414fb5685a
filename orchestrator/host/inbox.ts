import type { Event, EventBody } from '../../ipc/events.ts';

/** Facts on their way into the log, with the callers to notify after the fold. `act`: the act that ended with them. */
export type Delivery = {
  facts: EventBody[];
  durable: boolean;
  act?: string;
  done?: (events: Event[]) => void;
  failed?: (error: unknown) => void;
};

/** Collects deliveries; all that arrive while one batch is processed form the next batch. */
export function inbox() {
  let waiting: Delivery[] = [];
  let wake = () => {};
  let closed = false;
  return {
    deliver(delivery: Delivery) {
      if (closed) delivery.failed?.(new Error('The host is stopping.'));
      else waiting.push(delivery);
      wake();
    },
    /** Accepts nothing more and rejects deliveries that are not written yet. */
    close() {
      closed = true;
      for (const delivery of waiting.splice(0)) delivery.failed?.(new Error('The host is stopping.'));
      wake();
    },
    async *batches(): AsyncGenerator<Delivery[]> {
      for (;;) {
        if (waiting.length === 0) {
          if (closed) return;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const batch = waiting;
        waiting = [];
        yield batch;
      }
    },
  };
}
