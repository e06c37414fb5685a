import type { Event } from '../../ipc/events.ts';
import type { Redactor } from '../../ipc/redaction.ts';
import type { HostContext } from './context.ts';
import type { HostListeners } from './listeners.ts';
import type { Spool } from './live-text.ts';

/** After one of these events, no more words of an agent or output of its command follow. */
const ends: readonly Event['type'][] = [
  'model.finished',
  'model.failed',
  'model.abandoned',
  'tool.finished',
  'agent.parked',
  'agent.crashed',
  'agent.finished',
];

/**
 * The words of agents and the output of commands, piece by piece, without secrets, even a secret that arrived in two
 * pieces. The host's own screen and viewers elsewhere get the pieces before they get the event that ends them.
 */
export function withDeltas(
  redaction: Redactor,
  listeners: HostListeners,
  spool: Spool,
): HostListeners & { onDelta: HostContext['onDelta'] } {
  const streams = new Map<string, ReturnType<Redactor['stream']>>();
  const nameOf = (agent: string, kind: string) => `${kind} ${agent}`;
  const tell: HostContext['onDelta'] = (agent, text, kind) => {
    if (text === '') return;
    if (kind === 'text') spool.piece(agent, text);
    listeners.onDelta?.(agent, text, kind);
  };
  const flush = (agent: string) => {
    for (const kind of ['text', 'output'] as const) {
      const rest = streams.get(nameOf(agent, kind))?.end() ?? '';
      streams.delete(nameOf(agent, kind));
      tell(agent, rest, kind);
    }
  };
  return {
    ...listeners,
    onDelta(agent, text, kind) {
      const stream = streams.get(nameOf(agent, kind)) ?? redaction.stream();
      streams.set(nameOf(agent, kind), stream);
      tell(agent, stream.push(text), kind);
    },
    onEvents(events, state) {
      for (const event of events) {
        if ('agent' in event && ends.includes(event.type)) flush(event.agent);
        spool.heed(event);
      }
      listeners.onEvents?.(events, state);
    },
  };
}
