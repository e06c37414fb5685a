import { blockLines, blocksOf, type ColourCode, codeLines } from './markdown-blocks.ts';
import { wholeCharacters } from './markdown-inline.ts';
import { closed, withoutMarks } from './markdown-tail.ts';
import type { Line } from './text.ts';

/**
 * Markdown that comes piece by piece, as lines of a screen. A block that another one follows is settled: it is shown once
 * and not looked at again, so that a piece costs the same in a long answer as in a short one.
 */
export type Markdown = {
  /** Takes the next piece. */
  add(text: string): void;
  /** No more will come. */
  end(): void;
  /** All lines so far, none wider than so many cells (12 at least). The array is the same with each call and changes. */
  lines(width: number): readonly Line[];
};

/** A block longer than this is settled in parts, in characters, so that the last one is never long. */
const blockMax = 4_000;
/** The same for code, which is coloured anew with each piece of it. */
const codeMax = 1_500;
/** The line that ends code is no longer. */
const lineMax = 100;

/** Code between fences, from its first line on; so much indentation is not the code's own. */
type Fence = { mark: string; indent: number; language: string };
const fenceStart = /^( {0,3})(`{3,}|~{3,})([^\n]*)\n/;

type Progress = {
  width: number;
  colour: ColourCode;
  lines: Line[];
  /** So many of the lines are settled; the others are of the last block. */
  settled: number;
  /** The text that may still change its meaning. */
  rest: string;
  fence: Fence | null;
  /** The next block belongs to the last one, which was too long. */
  goesOn: boolean;
};

export function markdown(colour: ColourCode): Markdown {
  let text = '';
  let carriage = '';
  let hasEnded = false;
  let isCurrent = false;
  const begin = (width: number): Progress => {
    return { width, colour, lines: [], settled: 0, rest: text, fence: null, goesOn: false };
  };
  let progress = begin(80);
  return {
    add(piece) {
      const whole = carriage + piece;
      carriage = whole.endsWith('\r') ? '\r' : '';
      const read = whole.slice(0, whole.length - carriage.length).replace(/\r\n?/g, '\n');
      text += read;
      progress.rest += read;
      isCurrent = false;
    },
    end() {
      hasEnded = true;
      isCurrent = false;
    },
    lines(wanted) {
      const width = Math.max(12, wanted);
      if (isCurrent && progress.width === width) return progress.lines;
      if (progress.width !== width) progress = begin(width);
      progress.lines.length = progress.settled;
      while (progress.fence === null ? settleBlocks(progress, hasEnded) : settleCode(progress, hasEnded));
      progress.settled = progress.lines.length;
      showLast(progress);
      isCurrent = true;
      return progress.lines;
    },
  };
}

/** Settles the blocks that are over. Answers whether that may be gone on with. */
function settleBlocks(progress: Progress, hasEnded: boolean): boolean {
  const { rest, width, colour } = progress;
  const isLong = rest.length > blockMax;
  const seen = isLong ? rest.slice(0, wholeCharacters(rest, blockMax)) : rest;
  const isAll = hasEnded && !isLong;
  const blocks = blocksOf(isAll ? seen : withoutMarks(seen));
  const last = isAll ? blocks.length : blocks.findLastIndex(({ type }) => type !== 'space');
  let at = 0;
  for (const block of blocks.slice(0, Math.max(0, last))) {
    at += block.raw.length;
    if (openFence(progress, block.raw)) while (settleCode(progress, true));
    else put(progress, blockLines(block, width, colour));
  }
  progress.rest = isAll ? '' : rest.slice(at);
  if (isAll) return false;
  if (openFence(progress, progress.rest)) return true;
  if (isLong && at === 0) settlePart(progress, seen);
  return isLong;
}

/** Settles what fits of a block that is too long: up to a line that is not set in, a line, or a word. */
function settlePart(progress: Progress, seen: string): void {
  const outer = [...seen.matchAll(/\n(?=\S)/g)].at(-1)?.index ?? 0;
  const end = outer || seen.lastIndexOf('\n') || seen.lastIndexOf(' ');
  const part = end > 0 ? seen.slice(0, end + 1) : seen;
  for (const block of blocksOf(part)) put(progress, blockLines(block, progress.width, progress.colour));
  progress.rest = progress.rest.slice(part.length);
  progress.goesOn = true;
}

/** Takes the first line of code between fences from this text; what follows it is the rest. */
function openFence(progress: Progress, text: string): boolean {
  const [first, indent = '', mark = '', language = ''] = fenceStart.exec(text) ?? [];
  if (first === undefined || (mark[0] === '`' && language.includes('`'))) return false;
  progress.fence = { mark, indent: indent.length, language: language.trim() };
  progress.rest = text.slice(first.length);
  return true;
}

/**
 * Settles code of which there is so much, or whose end has come. Where it is divided depends on its text alone, not on how
 * much of it had come at each look. Returns whether reading may continue.
 */
function settleCode(progress: Progress, hasEnded: boolean): boolean {
  const { fence, rest } = progress;
  if (fence === null) return false;
  const close = new RegExp(`(^|\n) {0,3}${fence.mark}[\`~]* *(\n${hasEnded ? '|$' : ''})`);
  const end = close.exec(rest.slice(0, codeMax + fence.mark.length + lineMax));
  if (end !== null && end.index <= codeMax) {
    putCode(progress, rest.slice(0, end.index));
    Object.assign(progress, { fence: null, goesOn: false, rest: rest.slice(end.index + end[0].length) });
    return true;
  }
  if ((hasEnded ? rest : withoutMarks(rest)).length > codeMax) {
    const piece = rest.slice(0, wholeCharacters(rest, codeMax));
    // Best between two parts of a program: a string or comment that is divided loses its colour.
    const between = [...piece.matchAll(/\n\n(?=\S)/g)].at(-1)?.index ?? 0;
    const at = between > codeMax / 4 ? between + 1 : piece.lastIndexOf('\n');
    putCode(progress, at > 0 ? piece.slice(0, at) : piece);
    Object.assign(progress, { goesOn: true, rest: rest.slice(at > 0 ? at + 1 : piece.length) });
    return true;
  }
  if (!hasEnded) return false;
  putCode(progress, rest.replace(/\n$/, ''));
  Object.assign(progress, { fence: null, goesOn: false, rest: '' });
  return false;
}

function putCode(progress: Progress, code: string): void {
  const { fence, width, colour } = progress;
  const outdented = fence?.indent ? code.replace(new RegExp(`^ {1,${fence.indent}}`, 'gm'), '') : code;
  if (code !== '') put(progress, codeLines(outdented, fence?.language ?? '', width, colour));
}

/** The last block as it will most likely look; it is shown anew with each piece. */
function showLast(progress: Progress): void {
  const { rest, fence, goesOn, width, colour } = progress;
  const seen = withoutMarks(rest);
  if (fence !== null) putCode(progress, seen.replace(/\n$/, ''));
  else for (const block of blocksOf(closed(seen))) put(progress, blockLines(block, width, colour));
  progress.goesOn = goesOn;
}

/** An empty line stands between blocks. */
function put(progress: Progress, lines: Line[]): void {
  if (lines.length === 0) return;
  if (progress.lines.length > 0 && !progress.goesOn) progress.lines.push([]);
  for (const line of lines) progress.lines.push(line);
  progress.goesOn = false;
}
