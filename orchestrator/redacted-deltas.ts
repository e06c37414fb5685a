import type { Redactor } from '../ipc/redaction.ts';
import type { HostContext } from './context.ts';

/** What agents say and commands print, piece by piece, without secrets: also without one whose letters came in two pieces. */
export type RedactedDeltas = {
  piece: HostContext['onDelta'];
  /** Tells what was held back of an agent's words: more of them will not come. */
  flush(agent: string): void;
};

export function redactedDeltas(redaction: Redactor, tell: HostContext['onDelta']): RedactedDeltas {
  const streams = new Map<string, ReturnType<Redactor['stream']>>();
  const nameOf = (agent: string, kind: string) => `${kind} ${agent}`;
  return {
    piece(agent, text, kind) {
      const stream = streams.get(nameOf(agent, kind)) ?? redaction.stream();
      streams.set(nameOf(agent, kind), stream);
      const certain = stream.push(text);
      if (certain !== '') tell(agent, certain, kind);
    },
    flush(agent) {
      for (const kind of ['text', 'output'] as const) {
        const rest = streams.get(nameOf(agent, kind))?.end() ?? '';
        streams.delete(nameOf(agent, kind));
        if (rest !== '') tell(agent, rest, kind);
      }
    },
  };
}
