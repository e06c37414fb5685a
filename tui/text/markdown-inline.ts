import { Lexer, type Token, Tokenizer } from 'marked';
import { flat, type Line, type Style } from './text.ts';

/** Markup within a line of markdown: emphasis, code, links. Pure. */

/** More text than this is not searched for marks at once: the time for it may grow with the square of its length. */
const markedMax = 1_500;
/** The most marks in a row that are read as markup; the lexer would nest as deep. */
const tooMany = /([*_~`[\]<!&>])\1{15}/;

/** Definitions of addresses are shown where they stand and lead nowhere else: what is shown is settled block by block. */
const tokenizer = new Tokenizer();
tokenizer.def = () => undefined;
tokenizer.reflink = () => undefined;
/** Models end a line where they mean it to end. */
export const lexing = { gfm: true, breaks: true, tokenizer };

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'", nbsp: ' ' };

/** A paragraph as styled lines: one, and one more for each break that is written in it. Nothing is wrapped. */
export function inlineLines(text: string, style: Style = 'plain'): Line[] {
  const lines: Line[] = [[]];
  for (const piece of pieces(text)) {
    const tokens = tooMany.test(piece) ? null : tokensOf(piece);
    if (tokens === null) put(lines, piece, style);
    else for (const token of tokens) inline(token, style, lines);
  }
  return lines;
}

/** Throws nothing: what the lexer cannot do is text. */
function tokensOf(text: string): Token[] | null {
  try {
    return new Lexer(lexing).inlineTokens(text);
  } catch {
    return null;
  }
}

function pieces(text: string): string[] {
  const found: string[] = [];
  let from = 0;
  while (text.length - from > markedMax) {
    const space = text.lastIndexOf(' ', from + markedMax);
    const end = space > from ? space : wholeCharacters(text, from + markedMax);
    found.push(text.slice(from, end));
    from = end;
  }
  found.push(text.slice(from));
  return found;
}

/** This place in a text, or the one before, so that no character is cut in half. */
export function wholeCharacters(text: string, at: number): number {
  return /[\udc00-\udfff]/.test(text.charAt(at)) ? at - 1 : at;
}

/** The style that a mark gives to the text within it. */
const around: Record<string, Style> = { strong: 'bold', em: 'italic', del: 'struck', link: 'link' };

function inline(token: Token, style: Style, lines: Line[]): void {
  const children = 'tokens' in token && token.type !== 'image' ? (token.tokens ?? []) : [];
  const inner = both(style, around[token.type] ?? 'plain');
  for (const child of children) inline(child, inner, lines);
  if (token.type === 'link' && !sameAddress(token.href, token.text)) putSource(lines, ` (${token.href})`, 'quiet');
  else if (token.type === 'br' || (token.type === 'html' && /^<br ?\/?>$/i.test(token.raw))) lines.push([]);
  else if (token.type === 'codespan') putSource(lines, token.text, 'code');
  else if (token.type === 'image') {
    put(lines, token.text, both(style, 'link'));
    putSource(lines, ` (${token.href})`, 'quiet');
  } else if (children.length === 0) put(lines, 'text' in token ? token.text : token.raw, style);
}

function sameAddress(address: string, text: string): boolean {
  return address === text || address === `mailto:${text}` || address === `http://${text}`;
}

/** The style of text within two marks; styles with a meaning (code, link, title) win. */
function both(outer: Style, inner: Style): Style {
  if (outer === 'plain' || inner === 'plain') return outer === 'plain' ? inner : outer;
  if (outer === 'bold' && inner === 'italic') return 'boldItalic';
  if (outer === 'italic' && inner === 'bold') return 'boldItalic';
  return outer === 'bold' || outer === 'italic' ? (inner === 'bold' || inner === 'italic' ? outer : inner) : outer;
}

function put(lines: Line[], text: string, style: Style): void {
  putSource(
    lines,
    text.replace(/&(#39|[a-z]{2,4});/g, (whole, name) => entities[name] ?? whole),
    style,
  );
}

function putSource(lines: Line[], text: string, style: Style): void {
  const shown = flat(text.replace(/[ \t\n]+/g, ' '));
  const line = lines.at(-1)!;
  // What begins a line begins it with a word.
  const piece = line.length === 0 ? shown.trimStart() : shown;
  if (piece !== '') line.push({ text: piece, style });
}
