import { Lexer, type Token, type Tokens } from 'marked';
import { inlineLines, lexing } from './markdown-inline.ts';
import { type Line, line, type Style, span, textOf, wrapLine } from './text.ts';
import { widthOf } from './width.ts';

/** The blocks of markdown as lines: paragraphs, headings, lists, quotes, tables, code. Pure. */

/** Code as one styled line for each of its lines, not wrapped. Without a language that it knows: plain. */
export type ColourCode = (code: string, language: string) => Line[];

/** Deeper than this, lists and quotes are text: the lexer takes longer with each, and no room is left. */
const depthMax = 8;
const tooDeep = new RegExp(`^([ \\t]*(>|([*+-]|\\d{1,9}[.)])[ \\t])){${depthMax + 1}}|^[ \\t]{${depthMax * 5}}`, 'm');
/** Where less room than this is left, nothing is set further in. */
const widthMin = 12;

/**
 * The blocks of a text, in order; each has its source as `raw`, which make up the whole. Throws nothing: what the lexer
 * cannot take is shown as HTML is, as it was written.
 */
export function blocksOf(text: string): Token[] {
  const asText = [{ type: 'html', raw: text, text }];
  if (tooDeep.test(text)) return asText;
  try {
    return new Lexer(lexing).blockTokens(text, []);
  } catch {
    return asText;
  }
}

/** The lines of one block, none wider than so many cells. Code that is not of a fence is coloured as no language. */
export function blockLines(block: Token, width: number, colour: ColourCode): Line[] {
  switch (block.type) {
    case 'space':
      return [];
    case 'heading':
      return prose(block.text, width, block.depth <= 2 ? 'title' : 'bold');
    case 'hr':
      return [line('─'.repeat(width), 'quiet')];
    case 'code':
      return codeLines(block.text, block.lang ?? '', width, colour);
    case 'blockquote':
      return within(span('│ ', 'quiet'), span('│ ', 'quiet'), width, (room) =>
        allBlocks(block.tokens ?? [], room, colour),
      );
    case 'list':
      return listLines(block as Tokens.List, width, colour);
    case 'table':
      return tableLines(block as Tokens.Table, width);
    case 'html':
      return sourceLines(block.raw, width);
    default:
      return prose('text' in block ? block.text : block.raw, width);
  }
}

/** Blocks below each other, an empty line between them; a list of short points stands close to what it belongs to. */
function allBlocks(blocks: Token[], width: number, colour: ColourCode): Line[] {
  const shown = blocks.filter(({ type }) => type !== 'space');
  return shown.flatMap((block, at) => {
    const isClose = at === 0 || (block.type === 'list' && shown[at - 1]?.type === 'text');
    return [...(isClose ? [] : [[]]), ...blockLines(block, width, colour)];
  });
}

function prose(text: string, width: number, style: Style = 'plain'): Line[] {
  return inlineLines(text, style).flatMap((line) => wrapLine(line, width));
}

/** Text as it was written, line by line. */
function sourceLines(text: string, width: number): Line[] {
  return text
    .replace(/\n+$/, '')
    .split('\n')
    .flatMap((source) => wrapLine(line(tabbed(source), 'quiet'), width));
}

/** Code, set in by two; what is too wide goes on in the next line. */
export function codeLines(code: string, language: string, width: number, colour: ColourCode): Line[] {
  return within(span('  '), span('  '), width, (room) =>
    colour(tabbed(code), language).flatMap((line) => wrapLine(line, room, 'anywhere')),
  );
}

export function tabbed(code: string): string {
  return code.replaceAll('\t', '    ');
}

/** Lines with something before the first and before the others; they get the width that is left, or all of it. */
function within(first: Line[number], rest: Line[number], width: number, lines: (width: number) => Line[]): Line[] {
  const room = width - widthOf(first.text);
  if (room < widthMin) return lines(width);
  return lines(room).map((line, at) => [at === 0 ? first : rest, ...line]);
}

function listLines({ items, ordered, start }: Tokens.List, width: number, colour: ColourCode): Line[] {
  const first = Number(start) || 0;
  const digits = String(first + items.length - 1).length;
  return items.flatMap((item, at) => {
    const number = ordered ? `${String(first + at).padStart(digits)}. ` : '• ';
    const mark = item.task ? `${ordered ? number : ''}${item.checked ? '☑' : '☐'} ` : number;
    const lines = within(span(mark, 'accent'), span(' '.repeat(widthOf(mark))), width, (room) =>
      allBlocks(item.task ? withoutBox(item.tokens) : item.tokens, room, colour),
    );
    return lines.length > 0 ? lines : [line(mark, 'accent')];
  });
}

/** The blocks of a task without the box that they begin with. */
function withoutBox([first, ...more]: Token[]): Token[] {
  if (first?.type === 'checkbox') return more;
  if (first === undefined || !('text' in first)) return more;
  return [{ ...first, text: first.text.replace(/^\[[ xX]\]\s*/, '') }, ...more];
}

/** A table whose widest columns give way until it fits; where even that does not help, its cells stand below each other. */
function tableLines({ header, rows, align }: Tokens.Table, width: number): Line[] {
  const cells = [header, ...rows].map((row, at) =>
    row.map(({ text }) => inlineLines(text.replaceAll('\\|', '|'), at === 0 ? 'bold' : 'plain')),
  );
  const widths = columnWidths(cells, width - 3 * (header.length - 1));
  if (widths === null) return cells.flatMap((row) => row.flat().flatMap((line) => wrapLine(line, width)));
  const rule = line(widths.map((width) => '─'.repeat(width)).join('─┼─'), 'quiet');
  const lines = cells.map((row) => rowLines(row, widths, align));
  return [...(lines[0] ?? []), rule, ...lines.slice(1).flat()];
}

/** A column is never narrower than this, or than all that is in it. */
const columnMin = 6;

function columnWidths(rows: Line[][][], width: number): number[] | null {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(1, ...rows.flatMap((row) => row[column]?.map((line) => widthOf(textOf(line))) ?? [])),
  );
  const least = widths.map((width) => Math.min(width, columnMin));
  if (sum(least) > width) return null;
  // What is over is taken from the widest, a level at a time, so that narrow columns keep theirs.
  for (let over = sum(widths) - width; over > 0; over = sum(widths) - width) {
    const widest = Math.max(...widths);
    const next = Math.max(columnMin, ...widths.filter((width) => width < widest));
    const among = widths.filter((width) => width === widest).length;
    const each = Math.max(1, Math.min(widest - next, Math.floor(over / among)));
    let left = over;
    widths.forEach((width, at) => {
      if (width !== widest || left <= 0) return;
      widths[at] = width - each;
      left -= each;
    });
  }
  return widths;
}

function rowLines(row: Line[][], widths: number[], align: Tokens.Table['align']): Line[] {
  const cells = widths.map((width, column) => (row[column] ?? []).flatMap((line) => wrapLine(line, width)));
  const height = Math.max(1, ...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, at) =>
    widths.flatMap((width, column): Line => {
      const content = cells[column]?.[at] ?? [];
      const gap = Math.max(0, width - widthOf(textOf(content)));
      const before = align[column] === 'right' ? gap : align[column] === 'center' ? Math.floor(gap / 2) : 0;
      const [left, right] = [' '.repeat(before), ' '.repeat(gap - before)];
      return [...(column > 0 ? [span(' │ ', 'quiet')] : []), span(left), ...content, span(right)].filter(
        ({ text }) => text !== '',
      );
    }),
  );
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
