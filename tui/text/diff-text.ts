import { tabbed } from './markdown-blocks.ts';
import { type Line, line, type Style, span, wrapLine } from './text.ts';

/** A unified diff, as git prints it, as lines with the numbers that they have in the files. Pure. */

type Row = { kind: 'file' | 'part' | 'added' | 'removed' | 'same' | 'note'; text: string; number: number | null };

const styles: Record<Row['kind'], Style> = {
  file: 'bold',
  part: 'accent',
  added: 'added',
  removed: 'removed',
  same: 'plain',
  note: 'quiet',
};

/** Text that is too wide continues in the next line. A removed line has its number in the old file, all others in the new one. */
export function diffLines(diff: string, width: number): Line[] {
  const rows = rowsOf(diff.replace(/\n$/, '').split(/\r?\n/));
  const digits = String(rows.reduce((most, { number }) => Math.max(most, number ?? 0), 0)).length;
  return rows.flatMap(({ kind, text, number }) => {
    const content = line(tabbed(text), styles[kind]);
    if (number === null) return wrapLine(content, width, 'anywhere');
    return wrapLine(content, Math.max(8, width - digits - 1), 'anywhere').map((wrapped, at) => [
      span(`${(at === 0 ? String(number) : '').padStart(digits)} `, 'quiet'),
      ...wrapped,
    ]);
  });
}

function rowsOf(lines: string[]): Row[] {
  const rows: Row[] = [];
  // So many lines of either file are still to come in this part: only there does a first character say what a line is.
  let [old, now, oldLeft, nowLeft] = [0, 0, 0, 0];
  for (const text of lines) {
    const part = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/.exec(text);
    if (oldLeft <= 0 && nowLeft <= 0 && part) {
      [old, oldLeft] = [Number(part[1]), Number(part[2] ?? 1)];
      [now, nowLeft] = [Number(part[3]), Number(part[4] ?? 1)];
      rows.push({ kind: 'part', text, number: null });
    } else if (oldLeft <= 0 && nowLeft <= 0) {
      const isFile = /^(diff |--- |\+\+\+ |rename |copy |Binary )/.test(text);
      rows.push({ kind: isFile ? 'file' : 'note', text, number: null });
    } else if (text.startsWith('-')) {
      rows.push({ kind: 'removed', text, number: old++ });
      oldLeft -= 1;
    } else if (text.startsWith('+')) {
      rows.push({ kind: 'added', text, number: now++ });
      nowLeft -= 1;
    } else if (text.startsWith('\\')) rows.push({ kind: 'note', text, number: null });
    else {
      rows.push({ kind: 'same', text: text === '' ? ' ' : text, number: now++ });
      [old, oldLeft, nowLeft] = [old + 1, oldLeft - 1, nowLeft - 1];
    }
  }
  return rows;
}
