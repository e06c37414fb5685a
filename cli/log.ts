import { setTimeout as sleep } from 'node:timers/promises';
import { requireRun } from '../orchestrator/find-run.ts';
import { readRun } from '../orchestrator/read-run.ts';
import { eventText } from './event-text.ts';
import type { Outcome, Session } from './session.ts';

/** How often a followed log is looked at, in milliseconds. */
const followEveryMs = 250;

/** `vtcode log`: the events of a run, one line each; `-f` goes on until the run ends or nobody works on it. */
export default async function log(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  let shown = 0;
  for (;;) {
    const { events, manifest, live, state } = await readRun(session.place, run);
    for (const event of events.slice(shown)) {
      session.emit(event);
      const line = eventText(event);
      if (line !== null)
        session.say(`${String(event.seq).padStart(5)}  ${event.at.slice(0, 19).replace('T', ' ')}  ${line}`);
    }
    shown = events.length;
    if (!options.follow || state.finished || !live) return { exitCode: 0, run, seq: shown, manifest };
    await sleep(followEveryMs);
  }
}
