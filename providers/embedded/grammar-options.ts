import { renameWords } from '../../ipc/mechanical.ts';
import type { IntentOptions } from './intent.ts';

/**
 * Words behind a goal that ask for more than the symbol: texts ("also in strings, comments and documents") and places that
 * cannot be decided ("also where it cannot be decided").
 */
const texts =
  '(?:strings?|comments?|docs?|documents?|documentation|texts?|examples?|the readme|markdown|string literals?|prose)';
const also = '[\\s,]+(?:(?:and|but) )?(?:also|including|too|even|as well as)?(?: (?:in|inside|within))?(?: all| the)?';
const inTexts = new RegExp(`${also} ${texts}(?:(?:,? and |, | or |,? & )${texts})*(?: too| as well)?$`, 'i');
const undecided = new RegExp(
  '[\\s,]+(?:(?:and|but) )?(?:also|including|even|taking)(?: all)?(?: the)? ' +
    '(?:where it cannot be decided|(?:unplaced|undecided|doubtful) (?:places|sites|occurrences|ones)|' +
    '(?:places|sites) that cannot be decided)(?: too| as well)?$',
  'i',
);

/** The sentence without such words, and what they ask for. */
export function readOptions(sentence: string): { text: string; options: IntentOptions } {
  const options: IntentOptions = {};
  let text = sentence;
  for (let before = ''; before !== text; ) {
    before = text;
    const isUndecided = undecided.test(text);
    const isText = !isUndecided && inTexts.test(text);
    if (isUndecided) options.takeUnplaced = true;
    if (isText) options.text = true;
    if (isUndecided || isText) text = text.replace(isText ? inTexts : undecided, '');
  }
  return { text, options };
}

/** The words for options, as `readOptions` reads them. */
export function optionWords({ text, takeUnplaced }: IntentOptions): string {
  return (text ? `, ${renameWords.text}` : '') + (takeUnplaced ? `, ${renameWords.takeUnplaced}` : '');
}
