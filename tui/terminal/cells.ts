import type { Cell, Row } from 'blessed/lib/widgets/screen.js';
import type { Line, Style } from '../text/text.ts';
import { characters, widthOf } from '../text/width.ts';

/**
 * Lines as cells of blessed's screen, and the difference of two screens as the bytes to write. A cell holds the style bits
 * as blessed packs them (background in bits 0 to 8, foreground in 9 to 17, then flags) and one whole character; the second
 * cell of a wide character holds none.
 */
export type Colours = 'colours' | 'none';

/** Bits of blessed's own, and three that it has not: it draws neither dim nor italic nor struck text. */
const flags = { bold: 1, underline: 2, inverse: 8, dim: 32, italic: 64, struck: 128 };
type Flag = keyof typeof flags;
const sgr: [bit: number, code: number][] = [
  [flags.bold, 1],
  [flags.dim, 2],
  [flags.italic, 3],
  [flags.underline, 4],
  [flags.inverse, 7],
  [flags.struck, 9],
];
const [red, green, magenta, cyan] = [1, 2, 5, 6];
/** The terminal's own colours. */
const usual = 0x1ff;

function bits(foreground: number, ...set: Flag[]): number {
  const flagged = set.reduce((all, one) => all | flags[one], 0);
  return (flagged << 18) | (foreground << 9) | usual;
}
const plain = bits(usual);

/** Only colours that every theme chooses for its own background; bold, dim and reverse where colour is not wanted. */
const styles: Record<Style, Record<Colours, number>> = {
  plain: { colours: plain, none: plain },
  quiet: { colours: bits(usual, 'dim'), none: bits(usual, 'dim') },
  bold: { colours: bits(usual, 'bold'), none: bits(usual, 'bold') },
  good: { colours: bits(green), none: plain },
  warn: { colours: bits(magenta, 'bold'), none: bits(usual, 'bold') },
  bad: { colours: bits(red, 'bold'), none: bits(usual, 'bold') },
  accent: { colours: bits(cyan), none: plain },
  chosen: { colours: bits(usual, 'inverse'), none: bits(usual, 'inverse') },
  bar: { colours: bits(usual, 'inverse'), none: bits(usual, 'inverse') },
  italic: { colours: bits(usual, 'italic'), none: bits(usual, 'italic') },
  boldItalic: { colours: bits(usual, 'bold', 'italic'), none: bits(usual, 'bold', 'italic') },
  struck: { colours: bits(usual, 'struck'), none: bits(usual, 'struck') },
  title: { colours: bits(usual, 'bold', 'underline'), none: bits(usual, 'bold', 'underline') },
  link: { colours: bits(usual, 'underline'), none: bits(usual, 'underline') },
  code: { colours: bits(cyan), none: bits(usual, 'bold') },
  keyword: { colours: bits(magenta), none: plain },
  string: { colours: bits(green), none: plain },
  added: { colours: bits(green), none: plain },
  removed: { colours: bits(red), none: plain },
};

/** Writes a line into the cells of a row from a column on. */
export function writeLine(row: Cell[], line: Line, from: number, colours: Colours): void {
  let column = from;
  const put = (attributes: number, character: string) => {
    const cell = row[column];
    if (cell) [cell[0], cell[1]] = [attributes, character];
    column += 1;
  };
  for (const { text, style } of line) {
    const attributes = styles[style][colours];
    for (const character of characters(text)) {
      const width = widthOf(character);
      // A mark without a letter belongs to no cell.
      if (width > 0) put(attributes, shown(character));
      for (let more = 1; more < width; more += 1) put(attributes, '');
    }
  }
}

/** The last gate: only characters that stand for themselves go to a terminal. */
function shown(character: string): string {
  return /[\x00-\x1f\x7f-\x9f]/.test(character) ? '�' : character;
}

/**
 * The bytes that make the terminal show `after` where it shows `before`; then `before` is changed to `after`. A run of
 * cells is put at its column when the style changes and behind characters that a terminal may take for wider than we do,
 * so that a disagreement spoils no more than such a run.
 */
export function drawChanges(before: Row[], after: Row[]): string {
  let bytes = '';
  for (const [y, row] of after.entries()) {
    const old = before[y];
    if (old && row.dirty !== false) bytes += rowChanges(old, row, y);
    row.dirty = false;
  }
  return bytes;
}

/** So few cells that have not changed are written again rather than jumped over: that takes fewer bytes. */
const gapMost = 6;

function rowChanges(old: Cell[], row: Cell[], y: number): string {
  let bytes = '';
  // Where the terminal's cursor is, whether that is certain, and the style that it writes in; none before the first.
  let [at, isSure, style] = [-1, false, -1];
  for (let x = 0; x < row.length; x += 1) {
    const was = old[x];
    const attributes = row[x]![0];
    const character = row[x]![1];
    if (!was || (was[0] === attributes && was[1] === character)) continue;
    [was[0], was[1]] = [attributes, character];
    if (character === '') continue;
    const isAscii = isPlain(character);
    const gap = attributes === style && isSure && x - at <= gapMost ? row.slice(at, x) : null;
    if (gap?.every((cell) => cell[0] === style && isPlain(cell[1]))) for (const cell of gap) bytes += cell[1];
    else if (x !== at || attributes !== style || (isAscii && !isSure)) bytes += `\x1b[${y + 1};${x + 1}H`;
    if (attributes !== style) bytes += `\x1b[${codes(attributes)}m`;
    bytes += character;
    [at, isSure, style] = [x + widthOf(character), isAscii, attributes];
  }
  return style === -1 ? '' : `${bytes}\x1b[m`;
}

function isPlain(character: string): boolean {
  return character.length === 1 && character <= '~';
}

/** The parameters of the sequence that sets a style, whatever was set before. */
function codes(attributes: number): string {
  const set = [0, ...sgr.filter(([bit]) => ((attributes >> 18) & bit) !== 0).map(([, code]) => code)];
  const foreground = (attributes >> 9) & 0x1ff;
  if (foreground !== usual) set.push(30 + foreground);
  return set.join(';');
}
