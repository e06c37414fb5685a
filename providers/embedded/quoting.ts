/**
 * Quoting in plain-English goals: anything unusual stands between backticks, ' or ". A run of several backticks may
 * hold single ones, as in Markdown. While a goal is matched, each quoted piece is one private-use character.
 */
const firstMark = 0xe000;
const marksMax = 0x1800;
const marks = /[\uE000-\uF8FF]/g;

export type Shielded = { text: string; pieces: Piece[] };
/** `raw` is the piece with its quotes. */
export type Piece = { text: string; raw: string };

/** Replaces each quoted piece by one private-use character. An opening quote must follow a space or a bracket. */
export function shield(goal: string): Shielded {
  const pieces: Piece[] = [];
  const opener = /(^|[\s([,:>])(`+|["'“‘])/gu;
  let text = '';
  let from = 0;
  for (let match = opener.exec(goal); match && pieces.length < marksMax; match = opener.exec(goal)) {
    const start = match.index + match[0].length;
    const close = closingQuote(goal, start, match[2]!);
    if (close === undefined) continue;
    text += goal.slice(from, match.index) + match[1] + String.fromCharCode(firstMark + pieces.length);
    const begin = start - match[2]!.length;
    from = close.at + close.length;
    pieces.push({ text: unpad(goal.slice(start, close.at)), raw: goal.slice(begin, from) });
    opener.lastIndex = from;
  }
  return { text: text + goal.slice(from), pieces };
}

/** Gives each mark in `text` its piece back, without the quotes. */
export function unshield(text: string, pieces: Piece[]): string {
  return text.replace(marks, (mark) => pieces[mark.charCodeAt(0) - firstMark]?.text ?? mark);
}

/** A value that is one quoted piece without its quotes; in any other the quotes belong to it, as in `f('a')`. */
export function unshieldCode(text: string, pieces: Piece[]): string {
  if (isQuoted(text)) return unshield(text, pieces);
  return text.replace(marks, (mark) => pieces[mark.charCodeAt(0) - firstMark]?.raw ?? mark);
}

export function isQuoted(text: string): boolean {
  return /^[\uE000-\uF8FF]$/.test(text);
}

/** The text as a goal may carry it: bare when it cannot be misread, else between enough backticks. */
export function quote(text: string): string {
  if (/^[\w$./@#:*-]*[\w$/*]$/.test(text) && !/^(?:to|by|with|in|as|at|from|of|the|and|line)$/i.test(text)) return text;
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const ticks = '`'.repeat(longest + 1);
  const pad = /^`|`$|^ .* $/s.test(text) ? ' ' : '';
  return ticks + pad + text + pad + ticks;
}

/** For ' and " the closing quote is followed by a space, punctuation or the end: `'a'b'` is one piece. */
function closingQuote(goal: string, start: number, open: string): { at: number; length: number } | undefined {
  const closers: Record<string, RegExp> = {
    "'": /'(?=$|[\s,.;:!?)\]])/g,
    '"': /"(?=$|[\s,.;:!?)\]])/g,
    '“': /”/g,
    '‘': /’/g,
  };
  const closer = closers[open] ?? new RegExp(`(?<!\`)${open}(?!\`)`, 'g');
  closer.lastIndex = start;
  const match = closer.exec(goal);
  // Nothing between two backticks is a stray pair; "" and '' say "nothing" on purpose.
  return match && (match.index > start || !open.startsWith('`'))
    ? { at: match.index, length: match[0].length }
    : undefined;
}

/** One padding space at both ends is dropped where it keeps a backtick (or a space) away from the quote. */
function unpad(text: string): string {
  return /^ (?:`|.*` $| .* {2}$)/s.test(text) && text.endsWith(' ') && text.length > 2 ? text.slice(1, -1) : text;
}
