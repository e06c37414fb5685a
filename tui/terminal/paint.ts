import type { Line, Span, Style } from '../text/text.ts';
import { widthOf } from '../text/width.ts';

/**
 * What turns one picture of a terminal into another, as the bytes to write. Every piece is put where it belongs by its
 * column, so that a terminal that takes a character for wider than we do spoils no more than that piece. Pure.
 */
export type Colours = 'colours' | 'none';

/** Only the colours that every theme chooses for its own background; bold, dim and reverse where colour is not wanted. */
const codes: Record<Style, { colours: string; none: string }> = {
  plain: { colours: '', none: '' },
  quiet: { colours: '2', none: '2' },
  bold: { colours: '1', none: '1' },
  good: { colours: '32', none: '' },
  warn: { colours: '1;35', none: '1' },
  bad: { colours: '1;31', none: '1' },
  accent: { colours: '36', none: '' },
  chosen: { colours: '7', none: '7' },
  bar: { colours: '7', none: '7' },
  italic: { colours: '3', none: '3' },
  boldItalic: { colours: '1;3', none: '1;3' },
  struck: { colours: '9', none: '9' },
  title: { colours: '1;4', none: '1;4' },
  link: { colours: '4', none: '4' },
  code: { colours: '36', none: '1' },
  keyword: { colours: '35', none: '' },
  string: { colours: '32', none: '' },
  added: { colours: '32', none: '' },
  removed: { colours: '31', none: '' },
};

/** `before` null: nothing is known of what the terminal shows. */
export function paint(before: readonly Line[] | null, after: readonly Line[], colours: Colours): string {
  const pieces: string[] = [];
  after.forEach((line, row) => {
    const old = before?.[row];
    if (old !== undefined && sameLine(old, line)) return;
    const keeps = old !== undefined && sameShape(old, line);
    let column = 0;
    line.forEach((span, at) => {
      const width = widthOf(span.text);
      if (!(keeps && sameSpan(old[at], span))) pieces.push(`\x1b[${row + 1};${column + 1}H${styled(span, colours)}`);
      column += width;
    });
  });
  const clear = before === null ? '\x1b[m\x1b[2J' : '';
  return clear + pieces.join('');
}

function styled({ text, style }: Span, colours: Colours): string {
  // The last gate: whatever came here, nothing but characters that stand for themselves goes to a terminal.
  const safe = text.replace(/[\x00-\x1f\x7f-\x9f]/g, '�');
  const code = codes[style][colours];
  return code === '' ? safe : `\x1b[${code}m${safe}\x1b[m`;
}

function sameSpan(a: Span | undefined, b: Span): boolean {
  return a?.text === b.text && a.style === b.style;
}

function sameLine(a: Line, b: Line): boolean {
  return a.length === b.length && a.every((span, at) => span.text === b[at]?.text && span.style === b[at].style);
}

/** Whether the spans of two lines begin at the same columns. */
function sameShape(a: Line, b: Line): boolean {
  return a.length === b.length && a.every((span, at) => widthOf(span.text) === widthOf(b[at]?.text ?? ''));
}
