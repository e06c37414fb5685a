import type { Event, EventBody } from '../../ipc/events.ts';

/** Facts on their way into the log, with whom to tell once they are folded. `act`: the act that ended with them. */
export type Delivery = {
  facts: EventBody[];
  durable: boolean;
  act?: string;
  done?: (events: Event[]) => void;
  failed?: (error: unknown) => void;
};

/** Collects deliveries; everything that came in while the last batch was worked on makes the next one. */
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
    /** Takes nothing more; what was not written yet is refused. */
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
