import { metavariables } from './structure-template.ts';

/**
 * Patterns, templates and the source that a pattern matched, as words and signs. No grammar is needed: the pattern, its
 * template and the match are cut the same way, and what counts is only where they are alike.
 */
export type Token = {
  /** The text it is compared by: its own, or the metavariable with its dollars. */
  text: string;
  start: number;
  end: number;
  /** The metavariable; undefined: fixed text. */
  variable?: { name: string; multiple: boolean } | undefined;
};
/** A piece of the source that is one token, however much it holds; a comment is none. */
export type Atom = { start: number; end: number; text: string } | { start: number; end: number; comment: true };

const string = String.raw`'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"`;
const lexeme = new RegExp(String.raw`(?<space>\s+)|${string}|[\p{ID_Continue}$@#]+|[=!<>&|+\-*/%^~?:.]+|[\s\S]`, 'gu');

/** The tokens of a pattern or template. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  for (const { name, multiple, start, end } of metavariables(text)) {
    tokens.push(...lexed(text, from, start), {
      text: text.slice(start, end),
      start,
      end,
      variable: { name, multiple },
    });
    from = end;
  }
  return [...tokens, ...lexed(text, from, text.length)];
}

/** The tokens of a source between two offsets; the atoms lie in order and do not overlap. */
export function sourceTokens(text: string, atoms: readonly Atom[], from: number, until: number): Token[] {
  const tokens: Token[] = [];
  let at = from;
  for (const atom of atoms) {
    tokens.push(...lexed(text, at, atom.start));
    if ('text' in atom) tokens.push(atom);
    at = atom.end;
  }
  return [...tokens, ...lexed(text, at, until)];
}

function lexed(text: string, from: number, until: number): Token[] {
  return [...text.slice(from, until).matchAll(lexeme)].flatMap(({ 0: word, index, groups }) =>
    groups?.space === undefined ? [{ text: word, start: from + index, end: from + index + word.length }] : [],
  );
}

/** Longer lists are not compared: a pattern is a few lines. */
export const tokensMax = 2_000;
/** Neighbours that stay neighbours keep the layout between them; what a metavariable stands in has more of it. */
const neighbourWeight = 0.5;
const besideVariable = 0.75;

/**
 * The best way to pair tokens of two lists in order: for each token of `a` the index of its partner in `b`, or -1.
 * `weight` says what a pair is worth, 0 for no pair.
 */
export function aligned(a: readonly Token[], b: readonly Token[], weight: (a: Token, b: Token) => number): number[] {
  const width = b.length + 1;
  // best[i][j]: the most that the tokens from i and from j on can give; paired: the same when i and j are a pair.
  const best = new Float64Array((a.length + 1) * width);
  const paired = new Float64Array((a.length + 1) * width).fill(-1);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const here = i * width + j;
      const below = here + width + 1;
      const worth = weight(a[i]!, b[j]!);
      if (worth > 0) {
        paired[here] = worth + Math.max(best[below]!, paired[below]! < 0 ? 0 : paired[below]! + beside(a, i));
      }
      best[here] = Math.max(paired[here]!, best[here + width]!, best[here + 1]!);
    }
  }
  const partners = a.map(() => -1);
  for (let i = 0, j = 0, follows = false; i < a.length && j < b.length; ) {
    const here = i * width + j;
    const stays = follows && paired[here]! >= 0 && paired[here]! + beside(a, i - 1) >= best[here]!;
    if (paired[here]! >= 0 && (stays || paired[here] === best[here])) {
      partners[i++] = j++;
      follows = true;
      continue;
    }
    follows = false;
    if (best[here + width]! >= best[here + 1]!) i++;
    else j++;
  }
  return partners;
}

const beside = (tokens: readonly Token[], index: number): number =>
  tokens[index]?.variable || tokens[index + 1]?.variable ? besideVariable : neighbourWeight;
