import { appendFileSync, closeSync, openSync, readSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { RunPaths } from '../state/paths.ts';
import { rawLines } from '../supervisor/raw-output.ts';

/**
 * What agents say, word by word, for who looks on from another process. It is written only while somebody does, is no part
 * of the log, and is taken away with the host: whole answers are in the log.
 */
const said = z.object({ agent: z.string(), text: z.string() });
type Said = z.infer<typeof said>;

/** How often a host looks whether somebody looks on, and how often those say so, in milliseconds. */
const lookEveryMs = 500;
/** Who has not said so for that long has left, in milliseconds. */
const leftMs = 3_000;
/** Larger it does not grow, in bytes: it is emptied, and who has not read it yet misses a part. */
const spoolBytesMax = 1024 * 1024;

/** The host's end. What it is given must be without secrets. `close` leaves nothing behind. */
export function openSpool(paths: RunPaths): { piece(agent: string, text: string): void; close(): void } {
  let isWatched = isLookedAt(paths);
  const looks = setInterval(() => {
    if (isWatched && !isLookedAt(paths)) rmSync(paths.said, { force: true });
    isWatched = isLookedAt(paths);
  }, lookEveryMs);
  looks.unref();
  return {
    piece(agent, text) {
      if (!isWatched) return;
      try {
        const isFull = (statSync(paths.said, { throwIfNoEntry: false })?.size ?? 0) > spoolBytesMax;
        if (isFull) rmSync(paths.said, { force: true });
        appendFileSync(paths.said, `${JSON.stringify({ agent, text } satisfies Said)}\n`, { mode: 0o600 });
      } catch {
        isWatched = false; // a full disk: the words are in the log once they are all there
      }
    },
    close() {
      clearInterval(looks);
      rmSync(paths.said, { force: true });
    },
  };
}

function isLookedAt(paths: RunPaths): boolean {
  const at = statSync(paths.looking, { throwIfNoEntry: false })?.mtimeMs;
  return at !== undefined && Math.abs(Date.now() - at) < leftMs;
}

/** The end of who looks on: what was said since the last call. Nothing before the first one. */
export function readSpool(paths: RunPaths): () => Said[] {
  let toldAt = Number.NEGATIVE_INFINITY;
  let at = { file: statSync(paths.said, { throwIfNoEntry: false })?.ino, bytes: sizeOf(paths.said) };
  let lines = rawLines();
  return () => {
    if (performance.now() - toldAt > lookEveryMs) {
      toldAt = performance.now();
      sayThatWeLook(paths);
    }
    const found = statSync(paths.said, { throwIfNoEntry: false });
    if (!found) return [];
    if (found.ino !== at.file || found.size < at.bytes) {
      at = { file: found.ino, bytes: 0 };
      lines = rawLines();
    }
    const piece = Buffer.alloc(found.size - at.bytes);
    const descriptor = openSync(paths.said, 'r');
    try {
      at.bytes += readSync(descriptor, piece, 0, piece.length, at.bytes);
    } finally {
      closeSync(descriptor);
    }
    return lines.of(piece).flatMap(parse);
  };
}

function sayThatWeLook(paths: RunPaths): void {
  try {
    writeFileSync(paths.looking, '', { flag: 'a', mode: 0o600 });
    utimesSync(paths.looking, new Date(), new Date());
  } catch {
    // A full disk, or a folder that may only be read: events are shown all the same.
  }
}

/** A line that was cut by an emptied file is none. */
function parse(line: string): Said[] {
  const parsed = said.safeParse(jsonIn(line));
  return parsed.success ? [parsed.data] : [];
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
