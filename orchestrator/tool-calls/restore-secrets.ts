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
 * Replaces markers in an agent's call by their secrets, so that a file keeps the text that it had: only in an edit of
 * the very file that holds the secret. Elsewhere a secret would get into another file, or be printed. A value that the
 * agent made up is no secret and may go anywhere. `unknown`: markers that were not replaced; if there is any, the call
 * must be refused.
 */
export async function putBack<Value>(
  value: Value,
  paths: string[],
  reach: Reach,
): Promise<{ value: Value; unknown: string[] }> {
  const { redaction } = reach.context;
  const wanted = markersIn(JSON.stringify(value) ?? '');
  if (wanted.length === 0) return { value, unknown: [] };
  // Recorded changes were made from words that passed here already; their hashes check the result.
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

/** own: markers of the file's secrets. plain: text about markers, which stays unchanged. */
type FileMarkers = { own: Set<string>; plain: Set<string> };

async function markersOf(path: string, { hands, ground, context }: Reach): Promise<FileMarkers> {
  const [own, plain] = [new Set<string>(), new Set<string>()];
  const judged = judge([{ kind: 'read', path }], ground);
  if (judged.verdict !== 'allow') return { own, plain };
  let [raw, offset] = ['', 1];
  for (let lines = 1; offset <= lines; ) {
    const wish = { path, offset, limit: 100_000 };
    const read = await (await hands()).prepare(judged.permit, 'read_file', wish, { signal: context.signal });
    const { to = lines, lines: all = 0 } = (read.data ?? {}) as { to?: number; lines?: number };
    if (read.isError) break;
    raw += `${read.text}\n`;
    [offset, lines] = [to + 1, all];
  }
  const [before, after] = [markersIn(raw), markersIn(context.redaction.text(raw))];
  for (const marker of new Set(after)) {
    const [written, shown] = [before, after].map((all) => all.filter((one) => one === marker).length);
    // A marker that is both is ambiguous: it counts as neither, and is refused.
    if (written === 0) own.add(marker);
    else if (written === shown) plain.add(marker);
  }
  return { own, plain };
}

/** The refusal for an agent whose call holds a marker that is not replaced: the call is not carried out. */
export function unknownMarker(unknown: string[]): string {
  return `${unknown.join(', ')} stands for a secret, and is put back only in an edit of the very file that holds it: never in a command, another file or a new one. Leave markers of that file exactly as they are shown, and write everything else without the secret, for example with a placeholder or the name of a variable.`;
}

/** The files whose bytes are needed to make the changes again. */
export function sourcesOf(changes: FileChange[]): string[] {
  return changes.flatMap((change) =>
    change.kind === 'move' ? [change.from] : change.kind === 'edit' ? [change.path] : [],
  );
}
