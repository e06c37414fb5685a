import type { Endpoint } from '../../ipc/model.ts';
import { vendors } from '../catalog/vendors.ts';
import { CallFailure } from '../http/failures.ts';
import type { Exchange } from '../http/transport.ts';
import type { Answer } from './answer.ts';

/**
 * Tells an answer that was cut off from a whole one. Nearly all servers say why an answer ends; some never do, and end it
 * with `[DONE]`. `field` is where the format has the reason.
 */
export type Endings = {
  /** The model gave a reason. */
  said(model: string, exchange: Exchange): void;
  /** The stream ended without one. Returns when the answer is whole all the same, throws CallFailure when it is not. */
  unsaid(model: string, exchange: Exchange, answer: Answer): void;
};

export function endingsOf(endpoint: Endpoint, field: string): Endings {
  // Every vendor of the table gives a reason.
  const isKnown = vendors[endpoint.vendor]?.baseUrl === endpoint.baseUrl;
  const giving = new Set<string>();
  return {
    said(model, exchange) {
      giving.add(model);
      exchange.wholeSaid();
    },
    unsaid(model, { doneSaid, noise }, answer) {
      const gives = isKnown || giving.has(model);
      if (doneSaid && !gives && answer.callsAreWhole()) return;
      const last = noise === '' ? '' : `; it said: ${noise}`;
      // A vendor that gives a reason at other times has been interrupted; asking again helps.
      if (gives) throw new CallFailure('network', `broke the answer off: it ended without ${field}${last}`);
      const where = doneSaid ? 'in the middle of a tool call' : 'and without [DONE], so it may be cut off';
      throw new CallFailure(
        'malformed',
        `ended its answer without ${field} ${where}: the server, or a gateway before it, must say how an answer ends${last}`,
      );
    },
  };
}
