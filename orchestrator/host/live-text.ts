import { appendFileSync, closeSync, openSync, readSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { Event } from '../../ipc/events.ts';
import type { RunPaths } from '../../state/paths.ts';
import { rawLines } from '../../supervisor/raw-output.ts';

/**
 * What agents say, word by word, for who looks on from another process. It is written only while somebody does, is no part
 * of the log, and is taken away with the host: whole answers are in the log. `call`: the model call whose answer it is, of
 * this agent's; `begins`: nothing that was said of an answer before it counts any more.
 */
const said = z.object({ agent: z.string(), call: z.number(), begins: z.optional(z.boolean()), text: z.string() });
export type Said = z.infer<typeof said>;

/** How often a host looks whether somebody looks on, and how often those say so, in milliseconds. */
const lookEveryMs = 500;
/** Who has not said so for that long has left, in milliseconds. */
const leftMs = 3_000;
/** Larger it does not grow, in bytes: it is emptied, and who has not read it yet misses a part. */
const spoolBytesMax = 1024 * 1024;
/** What is kept of an answer for who comes while it is said, and what goes into one line, in characters. */
const keptMost = 64_000;
const lineMost = 1_000;

/** The host's end. What it is given must be without secrets. `close` leaves nothing behind. */
export type Spool = {
  /** Tells where answers begin and end. */
  heed(event: Event): void;
  piece(agent: string, text: string): void;
  close(): void;
};

export function openSpool(paths: RunPaths): Spool {
  /** By agent, the answer that is not whole yet. */
  const answers = new Map<string, { call: number; text: string }>();
  let isWatched = isLookedAt(paths);
  const write = (lines: Said[]) => {
    if (!isWatched || lines.length === 0) return;
    try {
      const isFull = (statSync(paths.said, { throwIfNoEntry: false })?.size ?? 0) > spoolBytesMax;
      if (isFull) rmSync(paths.said, { force: true });
      appendFileSync(paths.said, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 });
    } catch {
      isWatched = false; // a full disk: the words are in the log once they are all there
    }
  };
  const looks = setInterval(() => {
    const wasWatched = isWatched;
    isWatched = isLookedAt(paths);
    if (wasWatched && !isWatched) rmSync(paths.said, { force: true });
    // Who comes in the middle of an answer sees its beginning as well.
    if (!wasWatched) write([...answers].flatMap(([agent, { call, text }]) => linesOf(agent, call, text, true)));
  }, lookEveryMs);
  looks.unref();
  return {
    heed(event) {
      if (event.type === 'model.granted') {
        answers.set(event.agent, { call: event.call, text: '' });
        write(linesOf(event.agent, event.call, '', true));
      } else if (event.type === 'model.finished' || event.type === 'agent.crashed' || event.type === 'agent.finished')
        answers.delete(event.agent);
    },
    piece(agent, text) {
      const answer = answers.get(agent);
      if (!answer) return;
      answer.text += text;
      if (answer.text.length > keptMost)
        answer.text = answer.text.slice(wholeBefore(answer.text, answer.text.length - keptMost));
      write(linesOf(agent, answer.call, text, false));
    },
    close() {
      clearInterval(looks);
      isWatched = false;
      rmSync(paths.said, { force: true });
    },
  };
}

function linesOf(agent: string, call: number, text: string, begins: boolean): Said[] {
  const lines: Said[] = [];
  for (let at = 0; at === 0 || at < text.length; ) {
    const end = wholeBefore(text, at + lineMost);
    lines.push({ agent, call, ...(begins && at === 0 && { begins }), text: text.slice(at, end) });
    at = end;
  }
  return lines;
}

/** The end of a piece of a text, so that no character is cut in two. */
function wholeBefore(text: string, end: number): number {
  return end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end;
}

function isLookedAt(paths: RunPaths): boolean {
  const at = statSync(paths.looking, { throwIfNoEntry: false })?.mtimeMs;
  return at !== undefined && Math.abs(Date.now() - at) < leftMs;
}

/** The end of who looks on: what was said since the last call; with the first, all that is there. */
export function readSpool(paths: RunPaths): () => Said[] {
  let toldAt = Number.NEGATIVE_INFINITY;
  const start = { file: '', bytes: 0 };
  let at = { ...start };
  let lines = rawLines();
  return () => {
    if (performance.now() - toldAt > lookEveryMs) {
      toldAt = performance.now();
      sayThatWeLook(paths);
    }
    const found = statSync(paths.said, { throwIfNoEntry: false });
    // Another file may get the number of one that was removed.
    const file = found ? `${found.ino} ${found.birthtimeMs}` : '';
    if (file !== at.file || (found?.size ?? 0) < at.bytes) {
      at = { ...start, file };
      lines = rawLines();
    }
    if (!found) return [];
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
