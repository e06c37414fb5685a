import { closeSync, openSync, writeSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { lastStates, screenText } from './terminal-text.ts';

/** A complete output may be this many times as long as what is shown of it. */
const logFactor = 50;
/** Pause between two pieces of news to the host, in milliseconds. */
const newsPauseMs = 100;
/** Most bytes of one piece of news: people look at the end of it. */
const newsBytesMax = 4 * 1024;

/** The screen is drawn from this much of a terminal's output, in bytes: programs draw the same lines repeatedly. */
const drawnBytesMax = 1024 * 1024;

/**
 * Where a command's output goes: the whole into a file (up to its limit), the last part into memory, and the newest
 * part from time to time into `onNews`, unchanged.
 */
export type CommandOutput = {
  write(chunk: Buffer): void;
  /** Adds a remark of vtcode, on a line of its own at the end. */
  note(text: string): void;
  /** Closes the file and answers the last `bytesMax` bytes as text. Call it once. */
  end(): Promise<{ tail: string; truncated: boolean; outputBytes: number }>;
};

/** For a terminal, the text is its screen at the end and the lines above it. */
export function commandOutput(
  path: string,
  bytesMax: number,
  from: 'pipe' | 'terminal',
  onNews: (text: string) => void,
): CommandOutput {
  const file = openSync(path, 'w', 0o600);
  const notes: string[] = [];
  const kept = lastBytes(from === 'terminal' ? Math.max(bytesMax, drawnBytesMax) : bytesMax);
  let total = 0;
  let news = Buffer.alloc(0);
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    timer = undefined;
    if (news.length > 0) onNews(wholeCharacters(news));
    news = Buffer.alloc(0);
  };
  return {
    write(chunk) {
      const room = Math.max(0, bytesMax * logFactor - total);
      writeFully(file, chunk.subarray(0, room));
      if (room > 0 && room < chunk.length)
        writeFully(file, Buffer.from('\n[vtcode: the output goes on; it was cut here]\n'));
      total += chunk.length;
      kept.add(chunk);
      news = Buffer.concat([news, chunk]).subarray(-newsBytesMax);
      timer ??= setTimeout(tell, newsPauseMs);
    },
    note: (text) => notes.push(`[vtcode: ${text}]`),
    async end() {
      clearTimeout(timer);
      tell();
      closeSync(file);
      const bytes = kept.bytes();
      const isCut = total > bytes.length;
      const shown = from === 'terminal' ? await screenText(isCut ? fromWholeLine(bytes) : bytes) : null;
      if (from === 'terminal' && !shown)
        notes.push('[vtcode: its terminal would take too long to draw: this is its text without the sequences]');
      const whole = shown ? Buffer.from(shown.text) : from === 'terminal' ? withoutSequences(bytes) : bytes;
      const last = whole.subarray(-bytesMax);
      const truncated = isCut || shown?.isCut === true || last.length < whole.length;
      const characters = wholeCharacters(last);
      // Cut to whole words first: the second half of a line does not show how the line was drawn last.
      const text = lastStates(truncated ? fromWholeWord(characters) : characters);
      const gap = text === '' || text.endsWith('\n') || notes.length === 0 ? '' : '\n';
      return { tail: `${text}${gap}${notes.join('\n')}`, truncated, outputBytes: total };
    },
  };
}

function withoutSequences(bytes: Buffer): Buffer {
  return Buffer.from(stripVTControlCharacters(bytes.toString('utf8')).replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, ''));
}

/** Keeps the last bytes of many pieces. A piece costs by its own length. */
function lastBytes(most: number): { add(chunk: Buffer): void; bytes(): Buffer } {
  let chunks: Buffer[] = [];
  let length = 0;
  const bytes = () => Buffer.concat(chunks).subarray(-most);
  return {
    add(chunk) {
      chunks.push(chunk.subarray(-most));
      length += Math.min(chunk.length, most);
      if (length <= most * 2 && chunks.length < 10_000) return;
      chunks = [Buffer.from(bytes())];
      length = chunks[0]!.length;
    },
    bytes,
  };
}

/** From the second line on, so that no sequence begins in its middle. */
function fromWholeLine(bytes: Buffer): Buffer {
  return bytes.subarray(bytes.indexOf(10) + 1);
}

/** As text, without the rest of a character whose beginning was cut off. */
function wholeCharacters(bytes: Buffer): string {
  let start = 0;
  while (start < 3 && start < bytes.length && (bytes[start]! & 0xc0) === 0x80) start++;
  return bytes.toString('utf8', start);
}

/** Without the rest of a word whose beginning was cut off: it could be the end of a secret, unrecognised. */
function fromWholeWord(text: string): string {
  const at = text.search(/\s/);
  return at === -1 ? '' : text.slice(at + 1);
}

function writeFully(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
