import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { requireRun } from '../orchestrator/find-run.ts';
import { followRun } from '../orchestrator/follow-run.ts';
import { manifestOf } from '../state/manifest.ts';
import { runPaths } from '../state/paths.ts';
import { eventText } from './event-text.ts';
import type { Outcome, Session } from './session.ts';

/** How much of what hosts printed before is shown at first, in bytes: the events tell the rest. */
const outputBytesMax = 64 * 1024;

/**
 * `vtcode logs`: the events of a run, one line each, and what its detached hosts printed, marked by a bar; `-f` goes on
 * until the run has ended or needs a person, through restarts of its host.
 */
export default async function logs(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  const printed = printedBy(runPaths(session.place.state, run).hostOut);
  for await (const { events, state, live, isOver } of followRun(session.place, run)) {
    for (const event of events) {
      session.emit(event);
      const line = eventText(event);
      if (line !== null)
        session.say(`${String(event.seq).padStart(5)}  ${event.at.slice(0, 19).replace('T', ' ')}  ${line}`);
    }
    for (const line of printed()) {
      session.emit({ run, type: 'host.printed', line });
      session.say(`    |  ${line}`);
    }
    if (isOver || !options.follow)
      return { exitCode: 0, run, seq: state.seq, manifest: manifestOf(state, { live, logHead: '' }) };
  }
  return { exitCode: 0, run };
}

/** Whole lines that were added to the file since the last call; none while there is no file. */
function printedBy(file: string): () => string[] {
  let at = -1;
  let rest = '';
  return () => {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (at < 0) at = Math.max(0, size - outputBytesMax);
    if (size < at) at = 0; // it was full and has been set aside
    if (size === at) return [];
    const buffer = Buffer.alloc(Math.min(size - at, outputBytesMax));
    const descriptor = openSync(file, 'r');
    const length = readSync(descriptor, buffer, 0, buffer.length, at);
    closeSync(descriptor);
    at += length;
    const lines = `${rest}${buffer.toString('utf8', 0, length)}`.split('\n');
    rest = lines.pop() ?? '';
    return lines;
  };
}
