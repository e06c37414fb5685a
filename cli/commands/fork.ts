import { Fault } from '../../ipc/fault.ts';
import { forkConversation, restoreNewest } from '../../orchestrator/operations/rewind.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode fork`: a conversation of all that was said in another one, or of what was said before a turn of it. */
export async function fork(session: Session, options: Record<string, unknown>, words: string[]): Promise<Outcome> {
  const from = requireRun(session.place, words[0] ?? '');
  const { run } = await forkConversation(session.place, from, { turn: turnOf(options.turn), withFiles: false });
  return made(session, run, [run, `Go on with: vtcode resume ${run}`]);
}

/** `vtcode rewind`: the same with the files as they were then; without a turn, the files of a conversation that was left so. */
export async function rewind(session: Session, options: Record<string, unknown>, words: string[]): Promise<Outcome> {
  const from = requireRun(session.place, words[0] ?? '');
  const turn = turnOf(options.turn);
  if (turn === null) {
    const files = await restoreNewest(session.place, from);
    return made(session, from, [brought(files), `Go on with: vtcode resume ${from}`]);
  }
  const { run, files, filesWhy } = await forkConversation(session.place, from, { turn, withFiles: true });
  const told = filesWhy === '' ? brought(files) : `The files are as they were: ${filesWhy}.`;
  return made(session, run, [run, told, `Go on with: vtcode resume ${run}`]);
}

async function made(session: Session, run: string, lines: string[]): Promise<Outcome> {
  session.emit({ run });
  session.say(...lines);
  return { exitCode: 0, run, manifest: (await readRun(session.place, run)).manifest, isDocument: true };
}

function brought(files: string[]): string {
  return files.length === 0 ? 'No file differed.' : `Files brought back: ${files.join(', ')}`;
}

function turnOf(wanted: unknown): number | null {
  if (wanted === undefined) return null;
  const turn = Number(wanted);
  if (Number.isInteger(turn) && turn > 0) return turn;
  throw new Fault('usage', `--turn ${String(wanted)} is no number of a turn.`, { advice: 'The first is 1.' });
}
