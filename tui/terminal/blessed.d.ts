/**
 * The parts of blessed that we use. Its own types describe the package as one module, which loads every widget. Names with
 * an underscore are not documented; decision 0036 says why each is used, and test/tui/terminal tries them.
 */
declare module 'blessed/lib/program.js' {
  import type { EventEmitter } from 'node:events';

  export type Key = { full: string; name: string | undefined; ctrl: boolean; meta: boolean; sequence: string };
  export type Mouse = { action: string; button: string | undefined; x: number; y: number };
  export type Program = { cols: number; rows: number };
  const program: (options: { input: EventEmitter; output: EventEmitter; terminal: string; zero: true }) => Program;
  export default program;
}

declare module 'blessed/lib/widgets/screen.js' {
  import type { Program } from 'blessed/lib/program.js';

  /** A cell: style bits as blessed packs them, and the character. */
  export type Cell = [attributes: number, character: string];
  /** `dirty`: it may differ from what the terminal shows. */
  export type Row = Cell[] & { dirty?: boolean };
  export type Screen = {
    readonly cols: number;
    readonly rows: number;
    /** Rows of cells: as they should be, and as the terminal shows them. */
    lines: Row[];
    olines: Row[];
    /** Forgets what the terminal shows. */
    alloc(): void;
    /** Has every widget write its cells, then draws. */
    render(): void;
    draw(from: number, to: number): void;
    cleanSides(): boolean;
    destroy(): void;
  };
  const screen: new (options: { program: Program; forceUnicode: true }) => Screen;
  export default screen;
}

declare module 'blessed/lib/widgets/scrollablebox.js' {
  import type { Key, Mouse } from 'blessed/lib/program.js';
  import type { Screen } from 'blessed/lib/widgets/screen.js';

  /** Cells from the edges of the screen, or a share of it such as `58%`. */
  export type Position = Partial<Record<'left' | 'right' | 'top' | 'bottom' | 'width' | 'height', number | string>>;
  export type Box = {
    position: Position;
    readonly width: number;
    readonly height: number;
    readonly atop: number;
    readonly hidden: boolean;
    readonly focused: boolean;
    /** The first line of the content that is shown. */
    childBase: number;
    lpos: Coordinates | undefined;
    _clines: { length: number };
    _getCoords(isFresh: true): Coordinates | undefined;
    _recalculateIndex(): void;
    parseContent(): void;
    render(): void;
    /** Scrolls by so many lines, or so far that a line is in sight. */
    scroll(lines: number): void;
    scrollTo(line: number): void;
    show(): void;
    hide(): void;
    focus(): void;
    on(type: 'keypress', listener: (character: string | undefined, key: Key) => void): void;
    on(type: 'mousedown' | 'wheelup' | 'wheeldown', listener: (mouse: Mouse) => void): void;
  };
  type Coordinates = { xi: number; xl: number; yi: number; yl: number };
  const box: new (options: Position & { parent: Screen; alwaysScroll: boolean }) => Box;
  export default box;
}
