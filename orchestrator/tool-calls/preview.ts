import type { FileChange } from '../../ipc/changes.ts';

/** The limits of a preview: lines, and characters of each. */
const linesMax = 40;
const widthMax = 160;

/**
 * The beginning of the computed changes, for a person: the new text, how much old text is removed, and how much is left
 * out here. Pure.
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

/** Text after a long run of spaces can be pushed off the screen, so the preview says that there is more. */
function cut(line: string): string {
  const more = line.length - widthMax;
  return more > 0 ? `${line.slice(0, widthMax)} … and ${more} more characters` : line;
}
