/**
 * The text on a screen when a command has ended, without colours. @xterm/headless makes the screens; it is loaded with
 * the first one.
 */

export const terminalSize = { columns: 120, rows: 40 };
/** So many lines above the screen are kept, about 7 MB of cells. */
const linesAboveMax = 5_000;
/** Longest time to draw one output, in milliseconds: a megabyte of text takes some 100. */
const drawingMs = 2_000;
/** So many bytes are drawn between two looks at the clock. */
const pieceBytes = 8 * 1024;
/**
 * Sequences that a terminal repeats as often as their number says, up to 2,147,483,647 times, and the greatest useful
 * number on a screen of this size. A greater number is left out, or a line of a few bytes would draw for hours.
 */
const repeated = { S: 'rows', T: 'rows', L: 'rows', M: 'rows', I: 'columns', Z: 'columns', b: 'columns' } as const;

/**
 * The screen and what was scrolled off it, after these bytes: progress bars in their last state, no colours, no other
 * sequences. A line that was wrapped only because the screen ends is one line. `isCut`: the beginning is not there. Null when
 * it takes too long to draw.
 */
export async function screenText(bytes: Buffer): Promise<{ text: string; isCut: boolean } | null> {
  const { default: headless } = await import('@xterm/headless');
  const { columns: cols, rows } = terminalSize;
  // A cleared screen is scrolled off instead: its text is part of the output.
  const options = { cols, rows, scrollback: linesAboveMax, scrollOnEraseInDisplay: true, allowProposedApi: true };
  const terminal = new headless.Terminal({ ...options, logLevel: 'off' });
  try {
    for (const [final, most] of Object.entries(repeated))
      terminal.parser.registerCsiHandler({ final }, ([times]) => Number(times) > terminalSize[most]);
    const until = performance.now() + drawingMs;
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      if (performance.now() > until) return null;
      await new Promise<void>((drawn) => terminal.write(bytes.subarray(from, from + pieceBytes), drawn));
    }
    const { normal, active } = terminal.buffer;
    // A program that was killed may have left a screen of its own.
    const lines = [normal, ...(active.type === 'alternate' ? [active] : [])].flatMap(linesOf);
    const text = lines.join('\n').trimEnd();
    return { text: text === '' ? '' : `${text}\n`, isCut: normal.length >= linesAboveMax + rows };
  } finally {
    terminal.dispose();
  }
}

type Row = { isWrapped: boolean; translateToString(trimRight?: boolean): string };

function linesOf(screen: { length: number; getLine(at: number): Row | undefined }): string[] {
  const lines: string[] = [];
  for (let at = 0; at < screen.length; at++) {
    const row = screen.getLine(at);
    const text = row?.translateToString(true) ?? '';
    if (row?.isWrapped && lines.length > 0) lines.push(lines.pop() + text);
    else lines.push(text);
  }
  return lines;
}

/** Text of a pipe with each line as it was last: a progress bar goes back to the beginning of its line to draw it anew. Pure. */
export function lastStates(text: string): string {
  return text.replace(/^[^\n]*\r(?![\r\n]|$)/gm, '');
}
