import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { knownSecrets } from '../../orchestrator/environment/known-secrets.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { followRun } from '../../orchestrator/runs/follow-run.ts';
import { manifestOf } from '../../state/manifest.ts';
import { runPaths } from '../../state/paths.ts';
import { redactorOf } from '../../state/redaction.ts';
import { rawLines } from '../../supervisor/raw-output.ts';
import { eventText } from '../../tui/text/event-text.ts';
import type { Outcome, Session } from '../session.ts';

/** How much of what each printed before is shown at first, in bytes: the events tell the rest. */
const outputBytesMax = 64 * 1024;

/**
 * `vtcode logs`: the events of a run, one line each, and what its detached hosts and its agents printed, marked by a bar;
 * `-f` goes on until the run has ended or needs a person, through restarts of its host.
 */
export default async function logs(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  const paths = runPaths(session.place.state, run);
  const { text: redact } = redactorOf(paths.log, knownSecrets(session.place.environment));
  const ofHosts = printedIn(paths.hostOut);
  const ofAgents = new Map<string, ReturnType<typeof printedIn>>();
  for await (const { events, state, live, isOver } of followRun(session.place, run)) {
    for (const event of events) {
      session.emit(event);
      const line = eventText(event);
      if (line !== null)
        session.say(`${String(event.seq).padStart(5)}  ${event.at.slice(0, 19).replace('T', ' ')}  ${line}`);
    }
    for (const agent of state.agents.keys())
      if (!ofAgents.has(agent)) ofAgents.set(agent, printedIn(paths.agentOut(agent)));
    for (const line of ofHosts(isOver).map((raw) => redact(raw))) {
      session.emit({ run, type: 'host.printed', line });
      session.say(`    |  ${line}`);
    }
    for (const [agent, printed] of ofAgents)
      for (const line of printed(isOver).map((raw) => redact(raw))) {
        session.emit({ run, type: 'agent.printed', agent, line });
        session.say(`    |  ${agent}: ${line}`);
      }
    if (isOver || !options.follow)
      return { exitCode: 0, run, seq: state.seq, manifest: manifestOf(state, { live, logHead: '' }) };
  }
  return { exitCode: 0, run };
}

/** Lines that were added to the file since the last call, whole ones unless it is the last; none while there is no file. */
function printedIn(file: string): (isLast: boolean) => string[] {
  let at = -1;
  let lines = rawLines();
  return (isLast) => {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (at < 0) at = Math.max(0, size - outputBytesMax);
    if (size < at) {
      at = 0; // it was full and has been set aside
      lines = rawLines();
    }
    const found: string[] = [];
    while (at < size) {
      const piece = pieceOf(file, at, Math.min(size - at, outputBytesMax));
      if (piece.length === 0) break;
      at += piece.length;
      found.push(...lines.of(piece));
    }
    return isLast ? [...found, ...lines.rest()] : found;
  };
}

function pieceOf(file: string, at: number, length: number): Buffer {
  const piece = Buffer.alloc(length);
  const descriptor = openSync(file, 'r');
  try {
    return piece.subarray(0, readSync(descriptor, piece, 0, length, at));
  } finally {
    closeSync(descriptor);
  }
}
