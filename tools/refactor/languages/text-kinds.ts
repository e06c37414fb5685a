/** Comments and strings of a text, without a grammar: exact for Python, by the rules of C's family for the others. */
export type Span = {
  kind: 'comment' | 'string';
  start: number;
  end: number;
  /** A whole string literal without holes: its value, and where that begins; absent for parts of an f-string. */
  value?: string;
  valueStart?: number;
};

/** The spans in order. Code in the holes of f-strings is no part of any. */
export function textSpans(language: string, text: string): Span[] {
  return language === 'python' ? pythonSpans(text) : familiar(language, text);
}

/** The span at an offset; undefined: it is code. */
export function spanAt(spans: readonly Span[], offset: number): Span | undefined {
  let [low, high] = [0, spans.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const span = spans[middle]!;
    if (span.end <= offset) low = middle + 1;
    else if (span.start > offset) high = middle - 1;
    else return span;
  }
  return undefined;
}

const opening = /#|(?<![\p{L}\p{N}_])([rbuft]{0,2})("""|'''|"|')|["']|[()[\]{}]|:|\n/giu;

function pythonSpans(text: string): Span[] {
  const spans: Span[] = [];
  code(text, 0, spans, false);
  return spans.toSorted((a, b) => a.start - b.start);
}

/** Reads code up to the text's end, or in a hole to the `}` or `:` that ends its expression. Answers where that is. */
function code(text: string, from: number, spans: Span[], isHole: boolean): number {
  let depth = 0;
  let at = from;
  for (;;) {
    opening.lastIndex = at;
    const match = opening.exec(text);
    if (match === null) return text.length;
    const [sign, prefix = '', quote] = match;
    at = match.index + sign.length;
    if (sign === '#') {
      const end = (text.indexOf('\n', at) + text.length + 1) % (text.length + 1);
      spans.push({ kind: 'comment', start: match.index, end });
      at = end;
    } else if (/["']$/.test(sign)) {
      at = literal(text, match.index, prefix, quote ?? sign, spans);
    } else if (/[([{]/.test(sign)) depth++;
    else if (isHole && depth === 0 && /[}:]/.test(sign)) return match.index;
    else if (/[)\]}]/.test(sign)) depth--;
  }
}

/** Reads a string literal; its end. */
function literal(text: string, start: number, prefix: string, quote: string, spans: Span[]): number {
  const inner = start + prefix.length + quote.length;
  const isFormatted = /[ft]/i.test(prefix);
  if (isFormatted) return formatted(text, start, inner, quote, spans);
  let at = inner;
  while (at < text.length && !text.startsWith(quote, at) && !(quote.length === 1 && text[at] === '\n')) {
    at += text[at] === '\\' ? 2 : 1;
  }
  const value = text.slice(inner, at);
  spans.push({ kind: 'string', start, end: Math.min(at + quote.length, text.length), value, valueStart: inner });
  return at + quote.length;
}

/** The parts of an f-string between its holes; the end of the whole. */
function formatted(text: string, start: number, inner: number, quote: string, spans: Span[]): number {
  let [part, at] = [start, inner];
  while (at < text.length) {
    if (text.startsWith(quote, at) || (quote.length === 1 && text[at] === '\n')) break;
    if (text[at] === '\\' || text.startsWith('{{', at) || text.startsWith('}}', at)) at += 2;
    else if (text[at] !== '{') at++;
    else {
      spans.push({ kind: 'string', start: part, end: at + 1 });
      at = hole(text, at + 1, spans);
      part = at;
    }
  }
  spans.push({ kind: 'string', start: part, end: Math.min(at + quote.length, text.length) });
  return at + quote.length;
}

/** An expression in braces with what says how it is formatted, which may have holes again. Answers where its `}` is. */
function hole(text: string, from: number, spans: Span[]): number {
  let at = code(text, from, spans, true);
  while (text[at] === ':' || (text[at] !== '}' && text[at] !== '\n' && at < text.length)) {
    at++;
    if (text[at] === '{') at = hole(text, at + 1, spans) + 1;
  }
  return at;
}

const comments = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/;
const doubleQuoted = /"(?:\\[\s\S]|[^"\\\n])*"?/;
const character = /'(?:\\(?:[^\n']|'[^'\n]*)[^'\n]*|[^'\\\n])'/;
const own: Record<string, RegExp[]> = {
  go: [/`[^`]*`?/],
  rust: [/\bb?r(?<mark>#*)"[\s\S]*?"\k<mark>/],
  cpp: [/\bR"(?<mark>[^\s()\\]*)\([\s\S]*?\)\k<mark>"/],
  c: [/\bR"(?<mark>[^\s()\\]*)\([\s\S]*?\)\k<mark>"/],
  java: [/"""[\s\S]*?"""/],
  kotlin: [/"""[\s\S]*?"""/],
  scala: [/"""[\s\S]*?"""/],
  swift: [/"""[\s\S]*?"""/],
};
const hashed = new Set(['ruby', 'elixir', 'php']);
const dashed = new Set(['lua', 'haskell']);

function familiar(language: string, text: string): Span[] {
  const isSlashed = !hashed.has(language) && !dashed.has(language);
  const more = hashed.has(language) ? [/#[^\n]*/] : dashed.has(language) ? [/--[^\n]*/] : [];
  const named = (own[language] ?? []).map(({ source }) => source);
  const parts = [...(isSlashed ? [comments.source] : more.map(({ source }) => source)), ...named];
  const quotes = isSlashed
    ? [doubleQuoted.source, character.source]
    : [doubleQuoted.source, "'(?:\\\\.|[^'\\\\\\n])*'"];
  return [...text.matchAll(new RegExp([...parts, ...quotes].join('|'), 'g'))].map(({ 0: found, index }) => {
    const kind = /^(?:\/\/|\/\*|#|--)/.test(found) ? 'comment' : 'string';
    return { kind, start: index, end: index + found.length };
  });
}
