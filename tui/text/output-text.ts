import { type Line, type Style, span } from './text.ts';

/** The terminal output of a running command as styled lines. Pure. */

/** A sequence that a terminal obeys and does not show, also one whose end has not come; colours are its last words. */
const sequences = /\x1b(?:\[([\d;:]*)[^@-~\x1b]*([@-~]?)|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)/g;

/** Each line as it was drawn last, in the colours that were asked for; how the cursor jumps about is not followed. */
export function outputLines(text: string): Line[] {
  const pen: Pen = { colour: null, weight: null };
  return text.split('\n').map((line) => drawn(line, pen));
}

type Pen = { colour: Style | null; weight: Style | null };

function drawn(text: string, pen: Pen): Line {
  const line: Line = [];
  let isAgain = false;
  const put = (text: string) => {
    for (const [at, piece] of text.split('\r').entries()) {
      isAgain ||= at > 0;
      const shown = piece.replaceAll('\t', '    ').replace(/[\x00-\x1f\x7f]/g, '');
      if (shown === '') continue;
      // From its beginning again: what stood there is drawn over.
      if (isAgain) line.length = 0;
      isAgain = false;
      line.push(span(shown, styleOf(pen)));
    }
  };
  let from = 0;
  for (const { 0: whole, 1: words = '', 2: order, index } of text.matchAll(sequences)) {
    put(text.slice(from, index));
    from = index + whole.length;
    if (order === 'm') obey(words, pen);
  }
  put(text.slice(from));
  return line;
}

const colours: (Style | null)[] = [null, 'removed', 'added', 'keyword', 'accent', 'keyword', 'accent', null];
const weights: Record<string, Style | null> = {
  1: 'bold',
  2: 'quiet',
  3: 'italic',
  4: 'link',
  7: 'chosen',
  9: 'struck',
};

/** Takes colours and weights from the words of a sequence that ends in `m`. */
function obey(words: string, pen: Pen): void {
  const numbers = words.split(/[;:]/).map(Number);
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] ?? 0;
    if (number === 0) Object.assign(pen, { colour: null, weight: null });
    else if (number === 38 || number === 48) at += numbers[at + 1] === 5 ? 2 : 4;
    else if (number in weights) pen.weight = weights[number] ?? null;
    else if (number >= 22 && number <= 29) pen.weight = null;
    else if (number >= 30 && number <= 39) pen.colour = colours[number - 30] ?? null;
    else if (number >= 90 && number <= 97) pen.colour = colours[number - 90] ?? null;
  }
}

function styleOf({ colour, weight }: Pen): Style {
  if (weight === 'chosen' || colour === null) return weight ?? 'plain';
  return weight === 'bold' && colour === 'removed' ? 'bad' : colour;
}
