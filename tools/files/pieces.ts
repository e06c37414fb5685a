import type { TextEdit } from './text-file.ts';

/**
 * A text while it is edited several times: parts of the old text, and new text between them. So the edits can be told
 * against the old text, however they followed on each other. Pure.
 */
export type Pieces = readonly Piece[];
type Piece = { from: number; to: number } | { text: string };

/** The whole old text, as one piece. */
export function wholeOf(text: string): Pieces {
  return [{ from: 0, to: text.length }];
}

/** The text of the pieces. `old`: the text that they are parts of. */
export function textOf(pieces: Pieces, old: string): string {
  return pieces.map((piece) => ('text' in piece ? piece.text : old.slice(piece.from, piece.to))).join('');
}

/** The pieces after one replacement; `edit` is in places of the present text. */
export function replaced(pieces: Pieces, edit: TextEdit): Pieces {
  const [before, after]: [Piece[], Piece[]] = [[], []];
  let position = 0;
  for (const piece of pieces) {
    const length = 'text' in piece ? piece.text.length : piece.to - piece.from;
    const part = (from: number, to: number): Piece[] => {
      if (to <= from) return [];
      return [
        'text' in piece ? { text: piece.text.slice(from, to) } : { from: piece.from + from, to: piece.from + to },
      ];
    };
    before.push(...part(0, Math.min(length, edit.start - position)));
    after.push(...part(Math.max(0, edit.end - position), length));
    position += length;
  }
  return [...before, { text: edit.text }, ...after];
}

/** The replacements that make the old text, of this length, what the pieces say; in order, not overlapping. */
export function editsOf(pieces: Pieces, length: number): TextEdit[] {
  const edits: TextEdit[] = [];
  let [at, text] = [0, ''];
  for (const piece of [...pieces, { from: length, to: length }]) {
    if ('text' in piece) {
      text += piece.text;
      continue;
    }
    if (piece.from > at || text !== '') edits.push({ start: at, end: piece.from, text });
    [at, text] = [piece.to, ''];
  }
  return edits;
}
