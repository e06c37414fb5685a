import type { FileChange } from '../../ipc/changes.ts';

/** Lines of a preview, and characters of each. */
const linesMax = 40;
const widthMax = 160;

/**
 * The beginning of what computed changes come to, for a person: what is written, how much of the old goes, and what of that
 * does not stand here. Pure.
 */
export function previewOf(changes: FileChange[]): string[] {
  const lines = changes.flatMap((change) => {
    if (change.kind === 'delete') return [`- ${change.path} is removed`];
    if (change.kind === 'create') return added(change.content);
    const moved = change.kind === 'move' ? [`> ${change.from} becomes ${change.path}`] : [];
    return [
      ...moved,
      ...change.edits.flatMap(({ start, end, text }) => [
        ...(end > start ? [`- ${end - start} bytes of ${change.path}, from byte ${start} on, go`] : []),
        ...(text === '' ? [] : added(text)),
      ]),
    ];
  });
  const shown = lines.slice(0, linesMax).map(cut);
  return lines.length > linesMax ? [...shown, `… and ${lines.length - linesMax} more lines`] : shown;
}

function added(text: string): string[] {
  return text.split('\n').map((line) => `+ ${line}`);
}

/** What stands behind many spaces is as good as not shown, so it is said that there is more. */
function cut(line: string): string {
  const more = line.length - widthMax;
  return more > 0 ? `${line.slice(0, widthMax)} … and ${more} more characters` : line;
}
