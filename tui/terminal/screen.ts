import { EventEmitter } from 'node:events';
import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Position } from 'blessed/lib/widgets/scrollablebox.js';
import { type Colours, drawChanges } from './cells.ts';
import { type Pane, type PaneEvents, paneOf } from './pane.ts';
import { type InputPiece, inputSplitter } from './screen-input.ts';

/**
 * Screen: blessed's screen on a terminal that is ours for a while. blessed lays panes out and hands out keys and the mouse.
 * The modes of the terminal and the bytes that draw are ours, so that the terminal is as it was before however this process
 * ends, short of SIGKILL.
 */
export type Screen = {
  size(): { width: number; height: number };
  /** Adds a pane. It lies above those that were added before. */
  pane(where: Position, on: PaneEvents, options?: { scrolls: 'by lines' | 'to a line' }): Pane;
  /** Draws what has changed in the panes. */
  draw(): void;
  /** Writes a sequence that shows nothing: a bell, a notification, the clipboard. */
  send(sequence: string): void;
  /** Gives the terminal back while `act` runs. */
  lend<Value>(act: () => Promise<Value>): Promise<Value>;
  /** Gives it back for good. Twice is once. */
  end(): void;
};
export type Terminal = { input: ReadStream; output: WriteStream & { fd: number } };
export type ScreenEvents = {
  paste(text: string): void;
  /** The terminal has another size; panes have been laid out anew. */
  resize(): void;
  /** A pane was scrolled by the mouse. */
  scrolled(): void;
  /** The terminal is gone, or a signal asks for an end. */
  gone(): void;
};

/** Own buffer, no cursor, no wrapping, mouse presses and wheel as decimal numbers, pasted text between marks. */
const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?1000h\x1b[?1006h\x1b[?2004h\x1b[m\x1b[2J';
const leave = '\x1b[?2004l\x1b[?1006l\x1b[?1000l\x1b[?7h\x1b[m\x1b[?25h\x1b[?1049l';
/** A terminal that knows these marks shows a picture whole; others ignore them. */
const [begin, done] = ['\x1b[?2026h', '\x1b[?2026l'];
const clear = '\x1b[m\x1b[2J';

/** How long the rest of a sequence may take, in milliseconds, before an Escape was the key. */
const restMs = 30;
/** A terminal that does not know its size has this one, in cells. */
const usualSize = { width: 80, height: 24 };

const signals = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

/** Takes the terminal. Throws what loading blessed throws; then nothing was changed. */
export async function openScreen({ input, output }: Terminal, colours: Colours, on: ScreenEvents): Promise<Screen> {
  const { default: Box } = await import('blessed/lib/widgets/scrollablebox.js');
  const keys = new EventEmitter();
  const size = () => ({ width: output.columns || usualSize.width, height: output.rows || usualSize.height });
  const { screen, resized, program } = await openBlessed(keys, size);
  let isOurs = false;
  let isBlank = true;
  screen.draw = () => {
    if (!isOurs) return;
    const bytes = (isBlank ? clear : '') + drawChanges(screen.olines, screen.lines);
    isBlank = false;
    if (bytes !== '') output.write(begin + bytes + done);
  };
  const take = () => {
    isOurs = true;
    input.setRawMode(true);
    input.resume();
    output.write(enter);
    screen.alloc();
    isBlank = true;
  };
  const give = () => {
    if (!isOurs) return;
    isOurs = false;
    input.pause();
    try {
      input.setRawMode(false);
      writeSync(output.fd, leave);
    } catch {
      // The terminal is gone: there is nothing to put right.
    }
  };
  const resize = () => {
    const before = isOurs;
    isOurs = false; // blessed would draw the old lines at once; the view makes new ones
    resized();
    isOurs = before;
    isBlank = true;
    on.resize();
  };
  const release = listen({ input, output }, { keys, on, give, resize });
  take();
  return {
    size: () => ({ width: program.cols, height: program.rows }),
    pane(where, events, { scrolls } = { scrolls: 'by lines' }) {
      const box = new Box({ parent: screen, alwaysScroll: scrolls === 'by lines', ...where });
      return paneOf(box, { rows: () => screen.lines, colours, on: events, changed: on.scrolled });
    },
    draw: () => screen.render(),
    send(sequence) {
      if (isOurs) output.write(sequence);
    },
    async lend(act) {
      give();
      try {
        return await act();
      } finally {
        take();
        on.resize();
      }
    },
    end() {
      give();
      release();
      screen.destroy();
    },
  };
}

/**
 * blessed's screen without a terminal of its own: it reads keys from `keys`, and what it writes is dropped. `resized` tells
 * it that the terminal has another size.
 */
async function openBlessed(keys: EventEmitter, size: () => { width: number; height: number }) {
  const [{ default: program }, { default: Screen }] = await Promise.all([
    import('blessed/lib/program.js'),
    import('blessed/lib/widgets/screen.js'),
  ]);
  const output = Object.defineProperties(Object.assign(new EventEmitter(), { isTTY: true, write: () => true }), {
    columns: { get: () => size().width },
    rows: { get: () => size().height },
  });
  // The name of a terminal decides only what blessed would write.
  const own = program({ input: keys, output, terminal: 'xterm', zero: true });
  const screen = new Screen({ program: own, forceUnicode: true });
  // blessed would move lines by sequences of its own when a pane scrolls.
  screen.cleanSides = () => false;
  return { screen, program: own, resized: () => void output.emit('resize') };
}

/** Hears the terminal and the ways in which this process can end. Returns what stops that. */
function listen(
  { input, output }: Terminal,
  { keys, on, give, resize }: { keys: EventEmitter; on: ScreenEvents; give(): void; resize(): void },
): () => void {
  const splitter = inputSplitter();
  let late: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;
  const hear = (pieces: InputPiece[]) => {
    for (const { kind, text } of pieces)
      if (kind === 'paste') on.paste(text);
      else keys.emit('data', Buffer.from(text));
  };
  const onData = (read: string) => {
    clearTimeout(late);
    clearImmediate(soon);
    hear(splitter.take(read, performance.now()));
    // What has come in the meantime is read before an immediate, however late the timer is on a busy machine.
    late = setTimeout(() => {
      soon = setImmediate(() => hear(splitter.rest()));
    }, restMs);
  };
  const crashed = (error: unknown) => {
    give();
    process.stderr.write(
      `vtcode: the screen ended by a mistake of ours: ${error instanceof Error ? error.stack : error}\n`,
    );
    process.exit(1);
  };
  const gone = () => on.gone();
  input.setEncoding('utf8');
  input.on('data', onData).on('end', gone).on('error', gone);
  output.on('resize', resize).on('error', gone);
  for (const signal of signals) process.on(signal, gone);
  process.on('uncaughtException', crashed).on('unhandledRejection', crashed).on('exit', give);
  return () => {
    clearTimeout(late);
    clearImmediate(soon);
    input.off('data', onData).off('end', gone).off('error', gone);
    output.off('resize', resize).off('error', gone);
    for (const signal of signals) process.off(signal, gone);
    process.off('uncaughtException', crashed).off('unhandledRejection', crashed).off('exit', give);
  };
}
