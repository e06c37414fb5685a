import { closeSync, mkdirSync, openSync, readSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/**
 * Raw output: the output of our own processes beside the log, kept in files that are set aside when they are full, so
 * that no flood of output fills the disk.
 */

/** The size at which such a file is set aside, in bytes, and how many are kept beside the newest. */
const fileBytesMax = 4 * 1024 * 1024;
const filesKept = 4;
/** A longer line is divided there, in characters: no person reads such a line. */
const lineLengthMax = 8 * 1024;
/** A process that prints more in a second is not read until the next second, and so has to wait, in bytes. */
const secondBytesMax = 16 * 1024 * 1024;

/** Cuts pieces of output into lines. `rest`: the text after the last line, when no more will come. */
export function rawLines(): { of(piece: Buffer): string[]; rest(): string[] } {
  const decoder = new StringDecoder('utf8');
  let open = '';
  return {
    of(piece) {
      const lines = (open + decoder.write(piece)).split('\n');
      open = lines.pop() ?? '';
      for (; open.length > lineLengthMax; open = open.slice(lineLengthMax)) lines.push(open.slice(0, lineLengthMax));
      return lines.map((line) => line.replace(/\r$/, ''));
    },
    rest() {
      const last = open + decoder.end();
      open = '';
      return last === '' ? [] : [last.replace(/\r$/, '')];
    },
  };
}

/**
 * Writes the streams' data into the file, whole lines at a time and as `redact` returns them, until all streams end.
 */
export function keepOutput(streams: Readable[], file: string, redact: (line: string) => string): void {
  let second = 0;
  let heard = 0;
  const append = (lines: string[]) => {
    if (lines.length === 0) return;
    try {
      rotate(file);
      writeFileSync(file, `${lines.map(redact).join('\n')}\n`, { flag: 'a', mode: 0o600 });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      // A full disk or a removed folder: output beside the log must not end the host that keeps it.
    }
  };
  for (const stream of streams) {
    const lines = rawLines();
    stream.on('data', (piece: Buffer) => {
      append(lines.of(piece));
      const now = Math.floor(performance.now() / 1000);
      heard = now === second ? heard + piece.length : piece.length;
      second = now;
      if (heard <= secondBytesMax) return;
      stream.pause();
      setTimeout(() => stream.resume(), (now + 1) * 1000 - performance.now());
    });
    stream.on('end', () => append(lines.rest()));
    stream.on('error', () => {}); // its process is gone; other code reports that
  }
}

/**
 * Sets an output file aside when it is full: its end is copied, and the file is emptied. The writer need not know: it
 * appends, so it goes on in the emptied file. Of a far too large file only the end is kept. Never throws the system's
 * errors (a full disk, a removed folder, two processes at once): output beside the log must not end the host that keeps
 * it.
 */
export function rotate(file: string): void {
  try {
    moveEndAside(file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

function moveEndAside(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size < fileBytesMax) return;
  for (let number = filesKept - 1; number >= 1; number -= 1)
    if (statSync(`${file}.${number}`, { throwIfNoEntry: false }))
      renameSync(`${file}.${number}`, `${file}.${number + 1}`);
  writeFileSync(`${file}.1`, readEnd(file, size), { mode: 0o600 });
  truncateSync(file);
}

function readEnd(file: string, size: number): Buffer {
  // The size is checked only from time to time: the output beyond the mark is kept as well.
  const end = Buffer.alloc(Math.min(size, 2 * fileBytesMax));
  const descriptor = openSync(file, 'r');
  try {
    return end.subarray(0, readSync(descriptor, end, 0, end.length, size - end.length));
  } finally {
    closeSync(descriptor);
  }
}
