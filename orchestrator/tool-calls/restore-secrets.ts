import type { FileChange } from '../../ipc/changes.ts';
import type { Redactor } from '../../ipc/redaction.ts';
import { markersIn } from '../../ipc/redaction.ts';
import type { Ground } from '../../security/judge.ts';
import { judge } from '../../security/judge.ts';
import type { Hands } from '../hands/hands.ts';
import type { RunAccess } from '../runs/run-access.ts';

type Reach = {
  hands: () => Promise<Hands>;
  ground: Ground;
  context: Pick<RunAccess, 'signal'> & { redaction: Redactor };
};

/**
 * Puts secrets back where an agent's words hold their markers, so that what is written is what was there: only in an edit
 * of the very file in which the secret stands. Elsewhere a marker would carry it into another file or show it to whoever
 * prints it. What an agent made up itself is no secret of anybody, and goes wherever it says. `unknown`: markers that are not put back; with any of them nothing may be done.
 */
export async function putBack<Value>(
  value: Value,
  paths: string[],
  reach: Reach,
): Promise<{ value: Value; unknown: string[] }> {
  const { redaction } = reach.context;
  const wanted = markersIn(JSON.stringify(value) ?? '');
  if (wanted.length === 0) return { value, unknown: [] };
  // Recorded changes were made from words that have been through here; their hashes say what they have to come to.
  const isRecorded = Array.isArray(value);
  const isCommand = !isRecorded && typeof value === 'object' && value !== null && 'command' in value;
  const files = isCommand ? [] : await Promise.all([...new Set(paths)].map((path) => markersOf(path, reach)));
  const among = (of: (file: FileMarkers) => Set<string>) =>
    files.length > 0 ? wanted.filter((marker) => files.every((file) => of(file).has(marker))) : [];
  const secrets = isRecorded ? undefined : new Set([...among(({ own }) => own), ...redaction.ownWords]);
  const plain = isRecorded
    ? wanted.filter((one) => files.some((file) => file.plain.has(one)))
    : among(({ plain }) => plain);
  const { value: real, unknown } = redaction.restore(value, secrets);
  return { value: real, unknown: unknown.filter((marker) => !plain.includes(marker)) };
}

/** own: what stands for a secret of the file. plain: what is text about markers, and stays as it is. */
type FileMarkers = { own: Set<string>; plain: Set<string> };

async function markersOf(path: string, { hands, ground, context }: Reach): Promise<FileMarkers> {
  const [own, plain] = [new Set<string>(), new Set<string>()];
  const judged = judge([{ kind: 'read', path }], ground);
  if (judged.verdict !== 'allow') return { own, plain };
  let [raw, offset] = ['', 1];
  for (let lines = 1; offset <= lines; ) {
    const wish = { path, offset, limit: 100_000 };
    const read = await (await hands()).prepare(judged.permit, 'read_file', wish, context.signal);
    const { to = lines, lines: all = 0 } = (read.data ?? {}) as { to?: number; lines?: number };
    if (read.isError) break;
    raw += `${read.text}\n`;
    [offset, lines] = [to + 1, all];
  }
  const [before, after] = [markersIn(raw), markersIn(context.redaction.text(raw))];
  for (const marker of new Set(after)) {
    const [written, shown] = [before, after].map((all) => all.filter((one) => one === marker).length);
    // One that is both cannot be told apart: it is neither, and refused.
    if (written === 0) own.add(marker);
    else if (written === shown) plain.add(marker);
  }
  return { own, plain };
}

/** What an agent is told whose words hold a marker that is not put back: it is never written, nor run. */
export function unknownMarker(unknown: string[]): string {
  return `${unknown.join(', ')} stands for a secret, and is put back only in an edit of the very file that holds it: never in a command, another file or a new one. Leave markers of that file exactly as they are shown, and write everything else without the secret, for example with a placeholder or the name of a variable.`;
}

/** The files whose bytes changes need to be made again. */
export function sourcesOf(changes: FileChange[]): string[] {
  return changes.flatMap((change) =>
    change.kind === 'move' ? [change.from] : change.kind === 'edit' ? [change.path] : [],
  );
}
