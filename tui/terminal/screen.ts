import { EventEmitter } from 'node:events';
import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Line } from '../text/text.ts';
import { type Colours, paint } from './paint.ts';
import { type InputPiece, inputSplitter } from './screen-input.ts';

/**
 * Screen: a terminal that is ours for a while. It paints lines and tells what a person does; what that means is for others
 * to say. However this process ends, short of SIGKILL, the terminal is as it was before.
 */
export type Screen = {
  size(): { width: number; height: number };
  /** Shows these lines; only what differs from the last ones is written. */
  paint(lines: Line[]): void;
  /** Paints everything anew with the next lines. */
  forget(): void;
  /** Writes a sequence that shows nothing: a bell, a notification, the clipboard. */
  send(sequence: string): void;
  /** Gives the terminal back while `act` runs. */
  lend<Value>(act: () => Promise<Value>): Promise<Value>;
  /** Gives it back for good. Twice is once. */
  end(): void;
};
export type Terminal = { input: ReadStream; output: WriteStream & { fd: number } };
export type ScreenEvents = {
  /** A character stands for itself; other keys have blessed's names: `up`, `pagedown`, `C-c`, `escape`, `return`. */
  key(name: string, text: string): void;
  paste(text: string): void;
  mouse(action: 'click' | 'wheelup' | 'wheeldown', x: number, y: number): void;
  resize(): void;
  /** The terminal is gone, or a signal asks for an end. */
  gone(): void;
};

/** Own buffer, no cursor, no wrapping, mouse presses and wheel as decimal numbers, pasted text between marks. */
const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?1000h\x1b[?1006h\x1b[?2004h\x1b[m\x1b[2J';
const leave = '\x1b[?2004l\x1b[?1006l\x1b[?1000l\x1b[?7h\x1b[m\x1b[?25h\x1b[?1049l';
/** A terminal that knows it shows a frame whole; others do not heed it. */
const [begin, done] = ['\x1b[?2026h', '\x1b[?2026l'];

/** So long the rest of a sequence may be on its way, in milliseconds, before an Escape was the key. */
const restMs = 30;

const signals = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

/** Takes the terminal. Throws what loading blessed throws; then nothing was changed. */
export async function openScreen({ input, output }: Terminal, colours: Colours, on: ScreenEvents): Promise<Screen> {
  const { default: program } = await import('blessed/lib/program.js');
  const keys = new EventEmitter();
  const decoder = program({ input: keys, output: new EventEmitter(), tput: false, zero: true });
  decoder.on('keypress', (character = '', key) => {
    if (key.name === 'enter') return; // it says both for one key
    const isTyped = !key.ctrl && !key.meta && character !== '' && !/^[\x00-\x1f\x7f]/.test(character);
    on.key(isTyped ? character : key.full, isTyped ? character : '');
  });
  decoder.on('mouse', ({ action, x, y }) => {
    if (action === 'mousedown') on.mouse('click', x, y);
    else if (action === 'wheelup' || action === 'wheeldown') on.mouse(action, x, y);
  });
  let shown: Line[] | null = null;
  let isOurs = false;
  const take = () => {
    isOurs = true;
    input.setRawMode(true);
    input.resume();
    output.write(enter);
    shown = null;
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
  const release = listen({ input, output }, { keys, on, give });
  take();
  return {
    size: () => ({ width: output.columns || 80, height: output.rows || 24 }),
    paint(lines) {
      if (!isOurs) return;
      const bytes = paint(shown, lines, colours);
      shown = lines;
      if (bytes !== '') output.write(begin + bytes + done);
    },
    forget() {
      shown = null;
    },
    send(sequence) {
      if (isOurs) output.write(sequence);
    },
    async lend(act) {
      give();
      try {
        return await act();
      } finally {
        take();
      }
    },
    end() {
      give();
      release();
      decoder.destroy();
    },
  };
}

/** Hears the terminal and the ways in which this process can end. Answers how to stop that. */
function listen(
  { input, output }: Terminal,
  { keys, on, give }: { keys: EventEmitter; on: ScreenEvents; give(): void },
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
  const resized = () => on.resize();
  input.setEncoding('utf8');
  input.on('data', onData).on('end', gone).on('error', gone);
  output.on('resize', resized).on('error', gone);
  for (const signal of signals) process.on(signal, gone);
  process.on('uncaughtException', crashed).on('unhandledRejection', crashed).on('exit', give);
  return () => {
    clearTimeout(late);
    clearImmediate(soon);
    input.off('data', onData).off('end', gone).off('error', gone);
    output.off('resize', resized).off('error', gone);
    for (const signal of signals) process.off(signal, gone);
    process.off('uncaughtException', crashed).off('unhandledRejection', crashed).off('exit', give);
  };
}
