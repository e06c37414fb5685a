import { safe } from './safe-text.ts';
import { characters, widthOf } from './width.ts';

/**
 * The parts of a screen as plain data. Span: text of one style; it holds no control character. Line: spans from left
 * to right. A cell is one column of a terminal; most characters take one, those of East Asia and emoji two, accents none.
 */
export type Style =
  | ('plain' | 'quiet' | 'bold' | 'good' | 'warn' | 'bad' | 'accent' | 'chosen' | 'bar')
  | ('italic' | 'boldItalic' | 'struck' | 'title' | 'link' | 'code')
  | ('keyword' | 'string' | 'added' | 'removed');
export type Span = { text: string; style: Style };
export type Line = Span[];

/** One line of any text: nothing in it moves the cursor, joins what follows it, or is wider than it looks. */
export function flat(text: string): string {
  return plain.test(text)
    ? text
    : safe(text)
        .replace(/\s/g, ' ')
        .replace(/\p{Cf}|[\ufe00-\ufe0f]/gu, '')
        .normalize('NFC');
}

export function span(text: string, style: Style = 'plain'): Span {
  return { text: flat(text), style };
}

/** A line of one style. */
export function line(text: string, style: Style = 'plain'): Line {
  return [span(text, style)];
}

const plain = /^[\x20-\x7e]*$/;
/** The longest start of a flat text that fits into so many cells; what was cut shows as `…`. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  let taken = '';
  let used = 0;
  for (const character of characters(text)) {
    used += widthOf(character);
    if (used > width - 1) break;
    taken += character;
  }
  return `${taken}…`;
}

/** A flat text in exactly so many cells; numbers stand at the `end`. */
export function fit(text: string, width: number, side: 'start' | 'end' = 'start'): string {
  const short = cut(text, width);
  const gap = ' '.repeat(Math.max(0, width - widthOf(short)));
  return side === 'start' ? short + gap : gap + short;
}

/** Rows as lines of text: each column is as wide as its widest cell, two spaces lie between two, none stand at the end. */
export function tableLines(rows: string[][]): string[] {
  const cells = rows.map((row) => row.map(flat));
  const widths: number[] = [];
  for (const row of cells)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  return cells.map((row) =>
    row
      .map((cell, column) => fit(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** The line in exactly so many cells. */
export function fitLine(spans: Line, width: number): Line {
  const fitted: Line = [];
  let left = width;
  for (const { text, style } of spans) {
    const short = cut(text, left);
    if (short !== '') fitted.push({ text: short, style });
    left -= widthOf(short);
    if (short !== text) break;
  }
  if (left > 0) fitted.push({ text: ' '.repeat(left), style: fitted.at(-1)?.style === 'chosen' ? 'chosen' : 'plain' });
  return fitted;
}

/** Text of several lines as lines that fit, broken between words where there are any. At most `most` of them. */
export function wrap(text: string, width: number, style: Style = 'plain', most = 200): Line[] {
  const lines: Line[] = [];
  for (const source of text.slice(0, width * most * 2).split(/\r?\n/)) {
    let rest = flat(source).trimEnd();
    do {
      if (lines.length === most) return lines;
      const piece = widthOf(rest) <= width ? rest : breakAt(rest, width);
      lines.push([{ text: piece.trimEnd(), style }]);
      rest = rest.slice(piece.length).trimStart();
    } while (rest !== '');
  }
  return lines;
}

function breakAt(text: string, width: number): string {
  let end = 0;
  let used = 0;
  for (const character of characters(text)) {
    used += widthOf(character);
    // A character that is wider than the line stands in it alone.
    if (used > width && end > 0) break;
    end += character.length;
  }
  const space = text.lastIndexOf(' ', end);
  return text.slice(0, space > width / 2 ? space : end);
}

/**
 * A line as lines of so many cells at most, two at least: between words where there are any, or, for code, `anywhere`. A
 * break between words takes the place of the space there; nothing else is lost. Takes time by the length of the line alone.
 */
export function wrapLine(spans: Line, width: number, breaks: 'words' | 'anywhere' = 'words'): Line[] {
  const text = textOf(spans);
  if (widthOf(text) <= width) return [spans];
  const pieces: [number, number][] = [];
  let [from, at, used, space] = [0, 0, 0, -1];
  for (const character of characters(text)) {
    const cells = widthOf(character);
    const isSpace = character === ' ' && breaks === 'words';
    if (used + cells > Math.max(2, width)) {
      const end = isSpace || space - from < width / 3 ? at : space;
      pieces.push([from, end]);
      from = isSpace || end === space ? end + 1 : end;
      used = widthOf(text.slice(from, at));
    }
    if (isSpace) space = at;
    if (at >= from) used += cells;
    at += character.length;
  }
  if (from < text.length) pieces.push([from, text.length]);
  return slices(spans, pieces);
}

/** The parts of a line between these places in its text, which are in order. */
function slices(spans: Line, places: [number, number][]): Line[] {
  let [index, start] = [0, 0];
  return places.map(([from, end]) => {
    const line: Line = [];
    for (; index < spans.length; index++) {
      const { text, style } = spans[index]!;
      const piece = text.slice(Math.max(0, from - start), end - start);
      if (piece !== '') line.push({ text: piece, style });
      if (start + text.length > end) break;
      start += text.length;
    }
    return line;
  });
}

export function textOf(spans: Line): string {
  return spans.map(({ text }) => text).join('');
}

/** A time span in its largest unit. A clock that was set back makes no negative ages. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** A count in at most five characters: 950, 12.3k, 4.5M. */
export function short(number: number): string {
  if (number < 1_000) return String(Math.round(number));
  const [unit, of] = number < 999_950 ? (['k', 1e3] as const) : (['M', 1e6] as const);
  const value = number / of;
  return `${value < 99.95 ? value.toFixed(1) : Math.round(value)}${unit}`;
}

export function dollars(usd: number): string {
  return `$${usd.toFixed(usd < 1 && usd > 0 ? 4 : 2)}`;
}
