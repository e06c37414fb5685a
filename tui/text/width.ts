import { eastAsianWidth } from 'get-east-asian-width';

/**
 * Character: what a person sees as one (a grapheme cluster of Unicode), such as a letter with its accents or a flag. Cell:
 * one column of a terminal. All text is measured, cut and wrapped by whole characters and by cells.
 */

const ascii = /^[\x20-\x7e]*$/;
/** Code points that can join the one before: only text that has one needs the segmenter, which takes 50 ms to load. */
const joining = /[\p{M}\p{Cf}\p{RI}\p{Emoji_Modifier}\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7ff]/u;
/** Flags, and emoji with a skin tone: two code points that terminals draw as one picture of two cells. */
const picture = /^(\p{RI}\p{RI}|\p{Emoji}\p{Emoji_Modifier})/u;
/** Marks above and below a letter, formats without a picture, and the later parts of a Hangul syllable. */
const without = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ud7b0-\ud7ff]$/u;

let segmenter: Intl.Segmenter | undefined;

/** The characters of a text, in order. Joined they are the text again. */
export function characters(text: string): string[] {
  if (!joining.test(text)) return [...text];
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** How many cells a text without control characters takes: East Asian Wide and Fullwidth two, ambiguous ones one. */
export function widthOf(text: string): number {
  if (ascii.test(text)) return text.length;
  if (!joining.test(text)) return codePointsWidth(text);
  return characters(text).reduce((width, one) => width + (picture.test(one) ? 2 : codePointsWidth(one)), 0);
}

function codePointsWidth(text: string): number {
  let width = 0;
  for (const point of text) if (!without.test(point)) width += eastAsianWidth(point.codePointAt(0) ?? 0);
  return width;
}
