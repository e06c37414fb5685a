import { flat, type Line, span } from '../text/text.ts';
import { characters, widthOf } from '../text/width.ts';

/** Composer: words being written, where in them the cursor is, and what was written before. Pure: every change makes a new one. */
export type Composer = {
  text: string;
  /** The cursor: an index into the text, between characters. */
  at: number;
  /** Sent texts, oldest first. `back` counts from the end while a person looks through them; `draft` waits meanwhile. */
  history: readonly string[];
  back: number;
  draft: string;
};

const textMax = 256 * 1024;
const historyMax = 500;

export function newComposer(history: readonly string[] = []): Composer {
  return { text: '', at: 0, history: history.slice(-historyMax), back: 0, draft: '' };
}

/** The composer after its text was sent: empty, with the text as the newest of the history. */
export function sent(composer: Composer): Composer {
  const { history, text } = composer;
  return newComposer(text.trim() === '' || history.at(-1) === text ? history : [...history, text]);
}

export function insert(composer: Composer, text: string): Composer {
  const room = Math.max(0, textMax - composer.text.length);
  const plain = text.replace(/\r\n?/g, '\n').slice(0, room); // line ends of other systems
  return replace(composer, composer.at, composer.at, plain);
}

/** Puts `by` in the place of what lies between two places; the cursor stands behind it. */
export function replace(composer: Composer, from: number, to: number, by: string): Composer {
  const text = composer.text.slice(0, from) + by + composer.text.slice(to);
  return { ...composer, text, at: from + by.length, back: 0 };
}

/** The composer after a key; null: the key is not for the composer. */
export function edit(composer: Composer, name: string, text: string): Composer | null {
  if (text !== '') return insert(composer, text);
  const { at, text: all } = composer;
  const moved = (to: number) => ({ ...composer, at: to });
  const cut = (from: number, to: number) => replace(composer, from, to, '');
  switch (name) {
    case 'space':
      return insert(composer, ' ');
    case 'linefeed':
      return insert(composer, '\n');
    case 'left':
    case 'C-f':
    case 'right':
      return moved(name === 'left' ? before(all, at) : after(all, at));
    case 'C-left':
    case 'M-b':
      return moved(wordBefore(all, at));
    case 'C-right':
    case 'M-f':
      return moved(wordAfter(all, at));
    case 'home':
    case 'C-a':
      return moved(lineStart(all, at));
    case 'end':
    case 'C-e':
      return moved(lineEnd(all, at));
    case 'backspace':
      return cut(before(all, at), at);
    case 'delete':
    case 'C-d':
      return cut(at, after(all, at));
    case 'C-w':
    case 'M-backspace':
      return cut(wordBefore(all, at), at);
    case 'C-u':
      return cut(lineStart(all, at), at);
    case 'C-k':
      return cut(at, lineEnd(all, at) === at ? after(all, at) : lineEnd(all, at));
    case 'up':
      return upwards(composer);
    case 'down':
      return downwards(composer);
    default:
      return null;
  }
}

/** A character is no longer than this, in code units. */
const characterMax = 64;

function before(text: string, at: number): number {
  const from = wholeFrom(text, Math.max(0, at - characterMax));
  return at - (characters(text.slice(from, at)).at(-1)?.length ?? 0);
}

function after(text: string, at: number): number {
  return at + (characters(text.slice(at, at + characterMax))[0]?.length ?? 0);
}

/** The same place, or the one before it where a character would be cut in two. */
function wholeFrom(text: string, at: number): number {
  return /[\udc00-\udfff]/.test(text.charAt(at)) ? at - 1 : at;
}

function wordBefore(text: string, at: number): number {
  return at - (/[\p{L}\p{N}_]*[^\p{L}\p{N}_]*$/u.exec(text.slice(Math.max(0, at - 1_000), at))?.[0].length ?? 0);
}

function wordAfter(text: string, at: number): number {
  return at + (/^[^\p{L}\p{N}_]*[\p{L}\p{N}_]*/u.exec(text.slice(at, at + 1_000))?.[0].length ?? 0);
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

/** To the line above, or from the first one to what was sent before. */
function upwards(composer: Composer): Composer {
  const { text, at, history, back, draft } = composer;
  const start = lineStart(text, at);
  if (start > 0) {
    const above = lineStart(text, start - 1);
    return { ...composer, at: wholeFrom(text, Math.min(above + (at - start), start - 1)) };
  }
  const earlier = history[history.length - back - 1];
  if (earlier === undefined) return { ...composer, at: 0 };
  return { ...composer, text: earlier, at: earlier.length, back: back + 1, draft: back === 0 ? text : draft };
}

function downwards(composer: Composer): Composer {
  const { text, at, history, back, draft } = composer;
  const end = lineEnd(text, at);
  if (end < text.length) {
    const below = end + 1;
    const wanted = below + (at - lineStart(text, at));
    return { ...composer, at: wholeFrom(text, Math.min(wanted, lineEnd(text, below))) };
  }
  if (back === 0) return { ...composer, at: text.length };
  const later = back === 1 ? draft : (history[history.length - back + 1] ?? '');
  return { ...composer, text: later, at: later.length, back: back - 1 };
}

/** The composer as lines of so many cells, at most so many, with the cursor among them. `sign` stands before the first. */
export function composerLines(
  { text, at }: Composer,
  { sign, width, most, hint }: { sign: string; width: number; most: number; hint: string },
): Line[] {
  const room = Math.max(8, width - widthOf(sign) - 1);
  if (text === '') return [[span(sign, 'accent'), span(' ', 'chosen'), span(hint, 'quiet')]];
  // Only lines near the cursor can be seen: a paste of a megabyte is not laid out with every key.
  const from = nearby(text, at, -1, most);
  // A tab is sent as it is; it has no width that one could rely on, so that it is drawn as a mark of one cell.
  const drawn = text.slice(from, nearby(text, at, 1, most)).replaceAll('\t', '→');
  const rows = rowsOf(drawn, at - from, room);
  const cursor = rows.findIndex(({ cursor }) => cursor !== null);
  const top = Math.max(0, Math.min(cursor - Math.floor(most / 2), rows.length - most));
  return rows.slice(top, top + most).map((row, index) => {
    const lead = span(top + index === 0 && from === 0 ? sign : ' '.repeat(widthOf(sign)), 'accent');
    if (row.cursor === null) return [lead, span(row.text)];
    const under = row.text.slice(row.cursor, after(row.text, row.cursor));
    const rest = row.text.slice(row.cursor + under.length);
    return [lead, span(row.text.slice(0, row.cursor)), span(under === '' ? ' ' : under, 'chosen'), span(rest)];
  });
}

/** The place so many lines, or so many characters, before or after the cursor. */
function nearby(text: string, at: number, direction: -1 | 1, lines: number): number {
  const most = lines * 400;
  let place = at;
  for (let count = 0; count <= lines; count += 1) {
    const next = direction === -1 ? text.lastIndexOf('\n', place - 2) + 1 : text.indexOf('\n', place + 1);
    if (next === -1 || (direction === -1 && place <= 1)) return direction === -1 ? 0 : limit(text.length);
    place = next;
    if (Math.abs(place - at) > most) break;
  }
  return limit(place);
  function limit(place: number): number {
    return wholeFrom(text, direction === -1 ? Math.max(place, at - most) : Math.min(place, at + most));
  }
}

type Row = { text: string; cursor: number | null };

function rowsOf(text: string, at: number, room: number): Row[] {
  const rows: Row[] = [];
  let start = 0;
  for (const source of text.split('\n')) {
    let rest = source;
    let from = start;
    do {
      const piece = pieceOf(rest, room);
      const isLast = piece.length === rest.length;
      const here = at >= from && (at < from + piece.length || (isLast && at === from + piece.length));
      rows.push({ text: piece, cursor: here ? at - from : null });
      from += piece.length;
      rest = rest.slice(piece.length);
    } while (rest !== '');
    start += source.length + 1;
  }
  return rows;
}

/** As much of a text as fits, whole characters only. */
function pieceOf(text: string, room: number): string {
  let [end, used] = [0, 0];
  for (const character of characters(text.slice(0, room * 4))) {
    used += widthOf(flat(character));
    if (used > room && end > 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}
