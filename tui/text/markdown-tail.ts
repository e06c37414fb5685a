/**
 * The end of markdown that is still being written: what its next characters will most likely make of it, so that it does
 * not look one way and then another. Pure.
 */

/** A last line of nothing but marks may become anything; it is not shown yet. */
const marksOnly = /(^|\n)[ \t]*([-=*_+>|:#\s]|\d{1,9}[.)]?|`{1,3}|~{1,3}|[-*+] \[[ x]?\]?)*$/;
const fenceBegun = /(^|\n) {0,3}(`{3,}|~{3,})[^\n]*$/;
const lastLineMax = 100;

/** The text without its last line while that line may still become markup of another kind. */
export function withoutMarks(text: string): string {
  const line = text.lastIndexOf('\n') + 1;
  if (text.length - line > lastLineMax) return text;
  const last = text.slice(line);
  return marksOnly.test(last) || fenceBegun.test(last) ? text.slice(0, line) : text;
}

/** The text with an end for what has begun in its last block: emphasis, code, the address of a link, a table's head. */
export function closed(text: string): string {
  const block = text.lastIndexOf('\n\n') + 1;
  const head = tableHead(text.slice(block).replace(/^\n/, ''));
  if (head !== null) return `${text}${text.endsWith('\n') ? '' : '\n'}${head}`;
  const from = Math.max(block, lastMarked(text.slice(block)) + block);
  const end = text.slice(from);
  return text.slice(0, from) + closedLine(end);
}

/** The line below a table's head, where that is all there is of the table. */
function tableHead(block: string): string | null {
  if (!/^ {0,3}\|.*[^|\s].*\n?$/.test(block)) return null;
  const cells = block
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/);
  return `|${cells.map(() => '---|').join('')}`;
}

/** Where the last line begins that starts something of its own. */
function lastMarked(block: string): number {
  let found = 0;
  for (const { index } of block.matchAll(/(?:^|\n)[ \t]*(?=[-*+>#|] |\d{1,9}[.)] )/g)) found = index;
  return found;
}

type Open = { mark: string; at: number };

/** Marks that have begun and not ended get their end; one that has only begun is left out. */
function closedLine(text: string): string {
  const open: Open[] = [];
  const marks = /\\[\s\S]|(`+)|(\*{1,3}|_{1,3}|~~)/g;
  for (let found = marks.exec(text); found !== null; found = marks.exec(text)) {
    const [, code, mark] = found;
    const end = found.index + found[0].length;
    if (code !== undefined) {
      if (end === text.length) return withEnds(text.slice(0, found.index), open);
      const close = text.slice(end).search(new RegExp(`(?<!\`)${code}(?!\`)`));
      // The last of the code may be the first of the marks that end it.
      if (close === -1) return withEnds(text.replace(/`+$/, ''), [...open, { mark: code, at: found.index }]);
      marks.lastIndex = end + close + code.length;
    } else if (mark !== undefined) step(open, mark, { text, at: found.index, end });
  }
  return withEnds(text, open);
}

/** One run of marks: the end of what is open, a new one, or text. */
function step(open: Open[], mark: string, { text, at, end }: { text: string; at: number; end: number }): void {
  const [before, after] = [text[at - 1] ?? ' ', text[end] ?? ' '];
  const same = open.findLastIndex((other) => other.mark === mark);
  if (same !== -1 && !/\s/.test(before)) open.length = same;
  else if (!/\s/.test(after) && !(mark[0] === '_' && /\w/.test(before))) open.push({ mark, at });
}

function withEnds(text: string, open: Open[]): string {
  const ends = open.toReversed().map(({ mark }) => mark);
  if (/\[[^[\]\n]*\]\([^()\s]*$/.test(text)) return `${text})${ends.join('')}`;
  // Marks that nothing follows yet would be shown as they are; so would the first half of an end.
  const last = /[*_~]{1,3}$/.exec(text)?.[0] ?? '';
  const isHalf = last !== '' && (/(^|\s)$/.test(text.slice(0, -last.length)) || ends[0]?.startsWith(last));
  return (isHalf ? text.slice(0, -last.length) : text).trimEnd() + ends.join('');
}
