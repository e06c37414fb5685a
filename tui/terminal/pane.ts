import type { Key } from 'blessed/lib/program.js';
import type { Row } from 'blessed/lib/widgets/screen.js';
import type { Box, Position } from 'blessed/lib/widgets/scrollablebox.js';
import { fitLine, type Line } from '../text/text.ts';
import { type Colours, writeLine } from './cells.ts';

/**
 * Pane: a box of blessed that shows lines of ours. blessed lays it out, scrolls it, gives it keys and tells it of the mouse;
 * its text comes from a view, in cells, because blessed's own text counts wide characters otherwise (decision 0036).
 */
export type Pane = {
  readonly width: number;
  readonly height: number;
  /** Puts it elsewhere, from the next picture on. */
  place(where: Position): void;
  /** Gives it other content. Where it is scrolled to stays, as far as the content goes. */
  fill(content: Content): void;
  scroll(lines: number): void;
  /** Scrolls as little as needed for a line to be in sight. */
  reveal(line: number): void;
  show(isShown: boolean): void;
  focus(): void;
};
/** Lines by their number; only those in sight are asked for. */
export type Content = { count: number; line(index: number): Line | undefined };
export type PaneEvents = {
  /** A key while the pane has the focus. A character stands for itself; other keys have blessed's names. */
  key?(name: string, text: string): void;
  /** `line`: the line of the content that was clicked; there may be none. */
  click?(line: number): void;
  /** Lines to scroll by; without it the pane scrolls by itself. */
  wheel?(lines: number): void;
};

/** How many lines one step of the wheel moves. */
const wheelLines = 3;

/** All of these lines as content. */
export function contentOf(lines: readonly Line[]): Content {
  return { count: lines.length, line: (index) => lines[index] };
}

/** Makes a pane of a box. `rows`: the cells of the screen that the box is on. `changed`: it has been scrolled by the mouse. */
export function paneOf(
  box: Box,
  { rows, colours, on, changed }: { rows(): Row[]; colours: Colours; on: PaneEvents; changed(): void },
): Pane {
  let content: Content = { count: 0, line: () => undefined };
  // blessed would lay text out here; the lines of a view are laid out already.
  box.parseContent = () => {
    box._clines = { length: content.count };
  };
  // What stood in which row of cells at the last picture: a line that stands there still is not written again.
  let shown = new Map<Row, Line>();
  box.render = () => {
    const before = shown;
    const place = box.lpos;
    shown = new Map();
    box.lpos = box._getCoords(true);
    if (!box.lpos) return;
    const isMoved = place?.xi !== box.lpos.xi || place.xl !== box.lpos.xl;
    const { xi: from, xl: to, yi: top, yl: bottom } = box.lpos;
    for (let y = top; y < bottom; y += 1) {
      const row = rows()[y];
      if (!row) continue;
      const line = content.line(box.childBase + y - top) ?? [];
      shown.set(row, line);
      if (!isMoved && isSame(before.get(row), line)) continue;
      writeLine(row, fitLine(line, to - from), from, colours);
      row.dirty = true;
    }
  };
  listen(box, on, changed);
  return {
    get width() {
      return box.width;
    },
    get height() {
      return box.height;
    },
    place(where) {
      Object.assign(box.position, where);
    },
    fill(next) {
      content = next;
      box.parseContent();
      box._recalculateIndex();
    },
    scroll: (lines) => box.scroll(lines),
    reveal: (line) => box.scrollTo(line),
    show(isShown) {
      if (isShown === box.hidden) box[isShown ? 'show' : 'hide']();
    },
    focus() {
      if (!box.focused) box.focus();
    },
  };
}

function isSame(before: Line | undefined, line: Line): boolean {
  if (before?.length !== line.length) return false;
  return line.every(({ text, style }, at) => before[at]?.text === text && before[at].style === style);
}

function listen(box: Box, on: PaneEvents, changed: () => void): void {
  const { key, click, wheel } = on;
  if (key)
    box.on('keypress', (character = '', pressed) => {
      const [name, text] = keyOf(character, pressed);
      if (name !== null) key(name, text);
    });
  if (click) box.on('mousedown', ({ y }) => click(box.childBase + y - box.atop));
  const turn = (lines: number) => {
    if (wheel) return wheel(lines);
    box.scroll(lines);
    changed();
  };
  box.on('wheelup', () => turn(-wheelLines));
  box.on('wheeldown', () => turn(wheelLines));
}

/** The name of a key, and the character that it types, if any. Null: blessed tells of Enter twice. */
function keyOf(character: string, { full, name, ctrl, meta }: Key): [name: string | null, text: string] {
  if (name === 'enter') return [null, ''];
  const isTyped = !ctrl && !meta && character !== '' && !/^[\x00-\x1f\x7f]/.test(character);
  return isTyped ? [character, character] : [full, ''];
}
