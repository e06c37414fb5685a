/**
 * A word of a command as far as it is known before the line runs: its text, in which characters of the private use
 * area stand for what the shell will put there. No line that holds such a character is judged.
 */
export type Word = string;

/** Characters of one file name: `*`, `?`, `[a-z]`. Never a slash. */
export const wildcard = '\ue000';
/** Anything, of any length, also slashes and a leading dash. */
export const anything = '\ue001';
/** Unknown names of files inside the work tree, as a program prints them that lists files. */
export const listed = '\ue002';

/** The absolute path of the work tree's top, where the caller does not tell it. */
export const unknownTop = '/\ue003';

const marks = /[\ue000-\ue002]/;

/** Whether every character of the word is known. */
export function isLiteral(word: Word): boolean {
  return !marks.test(word);
}

/** Whether the word could begin with a dash when the line runs. */
export function mayBeFlag(word: Word): boolean {
  return word.startsWith('-') || marks.test(word.charAt(0));
}

/** For a person: unknown text is shown as `*`. */
export function shown(word: Word): string {
  return word.replace(/\ue000/g, '*').replace(/[\ue001-\ue003]/g, '…');
}
