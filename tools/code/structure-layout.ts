import { type Atom, aligned, sourceTokens, type Token, tokensMax, tokensOf } from './structure-tokens.ts';

/**
 * Writes a template over a match so that only what differs between pattern and template changes: line breaks, comments and
 * signs that the pattern does not speak of (a comma at the end, `async`) stay where they are.
 *
 * Tokens of the pattern are paired with those of the source, and with those of the template. Where neighbours of the source
 * stay neighbours, the text between them is taken from the source; elsewhere it is taken from the template.
 */
export type Match = {
  /** The file's text, and where the match lies in it. */
  text: string;
  start: number;
  end: number;
  /** Where each metavariable was found, and the comments outside of those; in order, without overlap. */
  atoms: readonly Atom[];
  /** The text of a piece of the source after the rewrites inside it. */
  textOf(start: number, end: number): string;
  layout: { indent: string; eol: string };
};

/** undefined: a comment has no place in the result. */
export function rewritten(pattern: string, template: string, match: Match): string | undefined {
  const [from, to] = [tokensOf(pattern), tokensOf(template)];
  if (to.length === 0) return '';
  const source = sourceTokens(match.text, match.atoms, match.start, match.end);
  if (Math.max(from.length, to.length, source.length) > tokensMax) return undefined;
  const spans = spansOf(from, source);
  const partners = aligned(to, from, swappable);
  const dropped = droppedCommas(to, partners, spans, match);
  let result = '';
  let [lastTo, lastFrom] = [-1, -1];
  for (let index = 0; index <= to.length; index++) {
    const partner = index === to.length ? from.length : partners[index]!;
    if (index < to.length && (partner < 0 || spans[partner] === undefined)) continue;
    const part = between(match, { pattern, from, spans, template, to, partners, dropped }, [
      [lastFrom, partner],
      [lastTo, index],
    ]);
    if (part === undefined) return undefined;
    const span = spans[partner];
    const token = to[index];
    const isSwapped = token?.variable !== undefined && token.text !== from[partner]?.text;
    result += part + (isSwapped ? captured(match, token) : span ? match.textOf(span.start, span.end) : '');
    [lastTo, lastFrom] = [index, partner];
  }
  return result;
}

/** Metavariables hold a match together, so they count more than all signs around them. */
const same = (a: Token, b: Token): number => (a.text !== b.text ? 0 : a.variable ? 100 : 1);
/** Arguments that change places take each other's layout. */
const swappable = (a: Token, b: Token): number => {
  if (a.text === b.text) return a.variable ? 3 : 1;
  return a.variable && b.variable && a.variable.multiple === b.variable.multiple ? 1 : 0;
};

type Span = { start: number; end: number };
type Plan = {
  pattern: string;
  from: Token[];
  /** Where each token of the pattern stands in the source; undefined: it does not. */
  spans: (Span | undefined)[];
  template: string;
  to: Token[];
  partners: number[];
  dropped: Set<number>;
};

/** The text between two tokens that are kept, given as the borders' indexes in pattern and template. */
function between(
  match: Match,
  plan: Plan,
  [[lastFrom, nextFrom], [lastTo, nextTo]]: [[number, number], [number, number]],
): string | undefined {
  const { from, spans, to, partners, dropped } = plan;
  const isFirst = lastFrom < 0;
  const isLast = nextFrom === from.length;
  const start = isFirst ? match.start : spans[lastFrom]!.end;
  const end = isLast ? match.end : spans[nextFrom]!.start;
  const gone = spans.slice(lastFrom + 1, nextFrom).filter((span) => span !== undefined);
  const isNew = (index: number) =>
    (partners[index]! < 0 || spans[partners[index]!] !== undefined) && !dropped.has(index);
  const fresh = to.flatMap((_, index) => (index > lastTo && index < nextTo && isNew(index) ? [index] : []));
  const before = gapText(plan.pattern, from[lastFrom], from[lastFrom + 1]);
  const after = gapText(plan.pattern, from[nextFrom - 1], from[nextFrom]);
  const gaps = gapsOf(match, start, end, gone);
  const [first, last] = [gaps[0]!, gaps.at(-1)!];
  if (fresh.length === 0 && gone.length === 0) {
    return isFirst || isLast ? first.text : kept(first, before, templateGap(plan, lastTo, nextTo), match);
  }
  if (fresh.length === 0)
    return deleted(gaps, { isFirst, isLast, gone, match, wanted: templateGap(plan, lastTo, nextTo) });
  const text = inserted(match, plan, fresh);
  const joins = (left: number | string, right: number | string) =>
    [left, right].every((one, side) => isWord(typeof one === 'number' ? match.text[one] : one.at(side - 1)));
  const lead = templateGap(plan, lastTo, lastTo + 1);
  const tail = templateGap(plan, fresh.at(-1)!, nextTo);
  if (gone.length > 0) {
    const inner = gaps.slice(1, -1).map(commentsIn).join('');
    const head = isFirst ? first.text : chosen(first, before, lead, match, joins(start - 1, text));
    return head + text + inner + (isLast ? last.text : chosen(last, after, tail, match, joins(text, end)));
  }
  if (isFirst) return first.text + text + laidOut(tail, match);
  if (isLast) return laidOut(lead, match) + text + first.text;
  // `, x` goes behind what is there, `x, ` goes before what follows.
  const closes = /^[,.;)\]}]/.test(text);
  if (closes) return laidOut(lead, match) + text + chosen(first, before, tail, match);
  return chosen(first, before, lead, match) + text + laidOut(tail, match);
}

type Gap = { text: string; comments: boolean; bare: string };

/** The gaps around the tokens that go: the white space, comments and signs that the pattern does not speak of. */
function gapsOf(match: Match, start: number, end: number, gone: readonly Span[]): Gap[] {
  const borders = [start, ...gone.flatMap((span) => [span.start, span.end]), end];
  return Array.from({ length: gone.length + 1 }, (_, index) => {
    const [from, until] = [borders[2 * index]!, borders[2 * index + 1]!];
    const comments = match.atoms.filter((atom) => 'comment' in atom && atom.start >= from && atom.end <= until);
    const extra = sourceTokens(match.text, comments, from, until);
    let bare = '';
    let at = from;
    for (const token of extra) {
      bare += match.text.slice(at, token.start);
      at = token.end;
    }
    return {
      text: match.text.slice(from, until),
      comments: comments.length > 0,
      bare: bare + match.text.slice(at, until),
    };
  });
}

const commentsIn = (gap: Gap): string => (gap.comments ? gap.bare : '');

/** Tokens go and nothing comes in their place: one of the gaps stays, or all of them when there are comments inside. */
function deleted(
  gaps: readonly Gap[],
  more: { isFirst: boolean; isLast: boolean; gone: readonly Span[]; match: Match; wanted: string },
): string | undefined {
  const { isFirst, isLast, gone, match, wanted } = more;
  if (gaps.some(({ comments }) => comments)) {
    const all = gaps.map(({ bare }) => bare).join('');
    // A line break behind `return` would end the statement.
    return isFirst && /[\r\n]/.test(all)
      ? undefined
      : isFirst
        ? all.trimStart()
        : isLast
          ? all.replace(/[ \t]+$/, '')
          : all;
  }
  if (isFirst || isLast) return '';
  const isSeparated = /^[,;.]/.test(match.text.slice(gone[0]!.start));
  return chosen(isSeparated ? gaps.at(-1)! : gaps[0]!, wanted === '' ? ' ' : '', wanted, match);
}

const breaks = (text: string): boolean => text.includes('\n');
const isWord = (character: string | undefined): boolean => /[\p{ID_Continue}$]/u.test(character ?? '');

/** The gap between neighbours that stay: the source's, unless the template breaks the line there and the pattern does not. */
function kept(gap: Gap, pattern: string, template: string, match: Match): string {
  const differs = breaks(pattern) !== breaks(template) && gap.text.trim() === '';
  return differs ? laidOut(template, match) : gap.text;
}

/** The gap beside what is new: the source's, unless the template asks for something else than the pattern. */
function chosen(gap: Gap, pattern: string, template: string, match: Match, joins = false): string {
  const { text } = gap;
  if (text === '') return template !== '' && (pattern !== template || joins) ? laidOut(template, match) : '';
  if (template === '' && pattern !== '' && text.trim() === '' && !breaks(text)) return '';
  return kept(gap, pattern, template, match);
}

/** The tokens of the template that the source does not have, with the template's own layout. */
function inserted(match: Match, plan: Plan, fresh: readonly number[]): string {
  let result = '';
  for (const [position, index] of fresh.entries()) {
    const token = plan.to[index]!;
    const value = token.variable ? captured(match, token) : token.text;
    if (position > 0 && value !== '') result += laidOut(templateGap(plan, fresh[position - 1]!, index), match);
    result += value;
  }
  return result;
}

/** The white space before a token of the template; between tokens that do not follow each other, that before the second. */
function templateGap({ template, to }: Plan, before: number, after: number): string {
  if (before < 0 || after >= to.length) return '';
  return gapText(template, to[after - 1], to[after]);
}

const gapText = (text: string, before: Token | undefined, after: Token | undefined): string =>
  before && after ? text.slice(before.end, after.start) : '';

const laidOut = (gap: string, { layout }: Match): string => gap.replace(/\r?\n/g, layout.eol + layout.indent);

function captured(match: Match, token: Token): string {
  const atom = match.atoms.find((one) => 'text' in one && one.text === token.text);
  return atom ? match.textOf(atom.start, atom.end) : '';
}

/** Commas of the template beside a list that is empty here. */
function droppedCommas(to: Token[], partners: number[], spans: (Span | undefined)[], match: Match): Set<number> {
  const dropped = new Set<number>();
  for (const [index, token] of to.entries()) {
    if (!token.variable?.multiple || captured(match, token) !== '') continue;
    const partner = partners[index]!;
    const isBeside = (other: number) => partner >= 0 && partners[other] === partner + other - index;
    const isNew = (other: number) =>
      to[other]?.text === ',' && !isBeside(other) && !dropped.has(other) && spans[partners[other]!] === undefined;
    const isGone = (other: number) =>
      to[other]?.text === ',' && partners[other]! >= 0 && spans[partners[other]!] === undefined;
    if (isGone(index - 1) || isGone(index + 1)) continue;
    if (isNew(index - 1)) dropped.add(index - 1);
    else if (isNew(index + 1)) dropped.add(index + 1);
  }
  return dropped;
}

/** Where the tokens of the pattern stand in the source. A part that is written otherwise there is one span, of its first. */
function spansOf(from: readonly Token[], source: readonly Token[]): (Span | undefined)[] {
  const partners = aligned(from, source, same);
  const spans: (Span | undefined)[] = partners.map((partner) => (partner < 0 ? undefined : source[partner]));
  for (let index = 0, last = -1; index <= from.length; index++) {
    const next = index === from.length ? source.length : partners[index]!;
    if (next < 0) continue;
    const unknown = index > 0 && spans[index - 1] === undefined;
    if (unknown && next - last > 1) {
      let first = index;
      while (first > 0 && spans[first - 1] === undefined) first -= 1;
      spans[first] = { start: source[last + 1]!.start, end: source[next - 1]!.end };
    }
    last = next;
  }
  return spans;
}
