import type { UserEnvironment } from '../../orchestrator/environment/environment.ts';
import { readSpool } from '../../orchestrator/host/live-text.ts';
import { runPaths } from '../../state/paths.ts';
import type { Watched } from './all-runs.ts';

/**
 * The answers that the agents of one run are streaming. Only the run that is shown is read: its host writes
 * streamed text for other processes only while one of them reads it.
 */
export type LiveAnswers = {
  /** Listens to this run from now on, or to none; true: something was said since the last call. */
  listen(watched: Watched | undefined): boolean;
  /** The part of an agent's answer that has come so far; empty when no answer is under way. */
  of(agent: string): string;
};

const mostCharacters = 8_000;

export function openLiveAnswers(place: UserEnvironment): LiveAnswers {
  let run: string | null = null;
  let read: ReturnType<typeof readSpool> | null = null;
  /** By agent: the words, and the model call whose answer they are. */
  const words = new Map<string, { text: string; call: number }>();
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
      for (const { agent, call, begins, text } of pieces) {
        const before = words.get(agent);
        const said = before?.call === call && !begins ? before.text : '';
        words.set(agent, { text: (said + text).slice(-mostCharacters), call });
      }
      // An answer that is whole stands in the log.
      for (const [agent, { call }] of words) if (call <= heardOf(watched, agent)) words.delete(agent);
      return pieces.length > 0;
    },
    of: (agent) => words.get(agent)?.text ?? '',
  };
}

/** The number of an agent's last model call that was heard. */
function heardOf(watched: Watched | undefined, agent: string): number {
  return watched?.state?.agents.get(agent)?.heard ?? 0;
}
