import type { Place } from '../orchestrator/place.ts';
import { readSpool } from '../orchestrator/spool.ts';
import { runPaths } from '../state/paths.ts';
import type { Watched } from './fleet.ts';

/**
 * What agents of one run are saying right now, word by word. Only the run that is looked at is listened to: its host writes
 * words for others only while somebody looks on.
 */
export type Listener = {
  /** Listens to this run from now on, or to none; true: something was said since the last call. */
  listen(watched: Watched | undefined): boolean;
  /** What an agent has said of an answer that is not whole yet. */
  of(agent: string): string;
};

const mostCharacters = 8_000;

export function openListener(place: Place): Listener {
  let run: string | null = null;
  let read: ReturnType<typeof readSpool> | null = null;
  /** By agent: the words, and the number of its last model call that was heard when they began. */
  const words = new Map<string, { text: string; heard: number }>();
  return {
    listen(watched) {
      const wanted = watched?.state && !watched.state.finished ? watched.run : null;
      if (wanted !== run) {
        words.clear();
        run = wanted;
        read = wanted === null ? null : readSpool(runPaths(place.state, wanted));
      }
      // Between two hosts there is nothing to hear, but what the next one says first is not to be missed.
      const pieces = read?.() ?? [];
      for (const { agent, text } of pieces) {
        const heard = watched?.state?.agents.get(agent)?.heard ?? 0;
        const before = words.get(agent);
        const said = before?.heard === heard ? before.text : '';
        words.set(agent, { text: (said + text).slice(-mostCharacters), heard });
      }
      // An answer that is whole stands in the log.
      for (const [agent, { heard }] of words)
        if ((watched?.state?.agents.get(agent)?.heard ?? 0) !== heard) words.delete(agent);
      return pieces.length > 0;
    },
    of: (agent) => words.get(agent)?.text ?? '',
  };
}
