import { EventEmitter } from 'node:events';
import { openSync } from 'node:fs';
import headless from '@xterm/headless';
import type { Terminal } from '../../tui/terminal/screen.ts';
import { widthOf } from '../../tui/text/width.ts';

/** A terminal in this process: what is written to it is drawn by xterm's emulator, which counts cells as we do. */
export type EmulatedTerminal = {
  terminal: Terminal;
  /** The lines that it shows, without spaces at their ends. */
  lines(): Promise<string[]>;
  /** What was written since the last call. */
  written(): string;
  /** What a person types, or a terminal sends. */
  send(text: string): void;
  resize(columns: number, rows: number): void;
};

export function emulatedTerminal(columns: number, rows: number): EmulatedTerminal {
  const emulator = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, logLevel: 'off' });
  const wcwidth = (point: number) => Math.min(2, widthOf(String.fromCodePoint(point))) as 0 | 1 | 2;
  emulator.unicode.register({
    version: 'ours',
    wcwidth,
    // As xterm packs them: what has no width of its own joins the character before it.
    charProperties(point, preceding) {
      const [own, before] = [wcwidth(point), (preceding >> 1) & 3];
      const joins = own === 0 && before > 0;
      return ((joins ? before : own) << 1) | Number(joins);
    },
  });
  emulator.unicode.activeVersion = 'ours';
  let written = '';
  const input = Object.assign(new EventEmitter(), { setRawMode() {}, resume() {}, pause() {}, setEncoding() {} });
  const output = Object.assign(new EventEmitter(), {
    ...{ columns, rows, fd: openSync('/dev/null', 'w') },
    write(bytes: string) {
      written += bytes;
      emulator.write(bytes);
      return true;
    },
  });
  return {
    terminal: { input, output } as unknown as Terminal,
    async lines() {
      await new Promise<void>((drawn) => emulator.write('', drawn));
      const { active } = emulator.buffer;
      return Array.from(
        { length: emulator.rows },
        (_, y) => active.getLine(y)?.translateToString(true).trimEnd() ?? '',
      );
    },
    written() {
      const all = written;
      written = '';
      return all;
    },
    send: (text) => void input.emit('data', text),
    resize(columns, rows) {
      emulator.resize(columns, rows);
      Object.assign(output, { columns, rows });
      output.emit('resize');
    },
  };
}
