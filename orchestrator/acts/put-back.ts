import type { FileChange } from '../../ipc/changes.ts';
import type { Ground } from '../../security/judge.ts';
import { judge } from '../../security/judge.ts';
import type { HostContext } from '../context.ts';
import type { Hands } from '../hands.ts';

/**
 * Puts secrets back where an agent's words hold their markers, so that what is written is what was there. A marker that
 * this process has not seen, because the one that did was killed, is looked for in the files concerned.
 */
export async function putBack<Value>(
  value: Value,
  paths: string[],
  { hands, ground, context }: { hands: () => Promise<Hands>; ground: Ground; context: HostContext },
): Promise<{ value: Value; unknown: string[] }> {
  const first = context.redaction.restore(value);
  if (first.unknown.length === 0) return first;
  let seen = '';
  for (const path of new Set(paths)) {
    const judged = judge([{ kind: 'read', path }], ground);
    if (judged.verdict !== 'allow') continue;
    const read = await (await hands()).prepare(judged.permit, 'read_file', { path }, context.signal);
    seen += context.redaction.text(read.text); // from here on its secrets are known
  }
  const { value: real, unknown } = context.redaction.restore(value);
  // A text about markers has some of its own.
  return { value: real, unknown: unknown.filter((marker) => !seen.includes(marker)) };
}

/** What an agent is told whose words hold a marker that nobody knows: it is never written into a file. */
export function unknownMarker(unknown: string[]): string {
  return `${unknown.join(', ')} stands for a secret that was not read in this file. Read the file that holds it first, and leave markers exactly as they are shown.`;
}

/** The files whose bytes changes need to be made again. */
export function sourcesOf(changes: FileChange[]): string[] {
  return changes.flatMap((change) =>
    change.kind === 'move' ? [change.from] : change.kind === 'edit' ? [change.path] : [],
  );
}
