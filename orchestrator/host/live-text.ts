import { appendFileSync, closeSync, openSync, readSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { Event } from '../../ipc/events.ts';
import type { RunPaths } from '../../state/paths.ts';
import { rawLines } from '../../supervisor/raw-output.ts';

/**
 * The words of agents as they are produced, for viewers in other processes. The host writes this file only while there
 * is a viewer, and removes it when it ends; it is no part of the log, which holds the whole answers. `call`: the model
 * call of this agent that the words answer. `begins`: the answer starts again, so its earlier words no longer count.
 */
const said = z.object({ agent: z.string(), call: z.number(), begins: z.optional(z.boolean()), text: z.string() });
export type Said = z.infer<typeof said>;

/** How often a host checks for viewers, and how often viewers announce themselves, in milliseconds. */
const lookEveryMs = 500;
/** A viewer without an announcement for that long has left, in milliseconds. */
const leftMs = 3_000;
/** The largest size of the file, in bytes: then it is emptied, and a slow viewer misses a part. */
const spoolBytesMax = 1024 * 1024;
/** How much of an unfinished answer is kept for new viewers, and how much goes into one line, in characters. */
const keptMost = 64_000;
const lineMost = 1_000;

/** The host's end. The words given to it must hold no secrets. `close` removes the file. */
export type Spool = {
  /** Reports where answers begin and end. */
  heed(event: Event): void;
  piece(agent: string, text: string): void;
  close(): void;
};

export function openSpool(paths: RunPaths): Spool {
  /** The unfinished answer of each agent, by name. */
  const answers = new Map<string, { call: number; text: string }>();
  let isWatched = isLookedAt(paths);
  const write = (lines: Said[]) => {
    if (!isWatched || lines.length === 0) return;
    try {
      const isFull = (statSync(paths.said, { throwIfNoEntry: false })?.size ?? 0) > spoolBytesMax;
      if (isFull) rmSync(paths.said, { force: true });
      appendFileSync(paths.said, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 });
    } catch {
      isWatched = false; // a full disk: the log gets the whole answers later
    }
  };
  const looks = setInterval(() => {
    const wasWatched = isWatched;
    isWatched = isLookedAt(paths);
    if (wasWatched && !isWatched) rmSync(paths.said, { force: true });
    // A viewer who comes in the middle of an answer gets its beginning too.
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

/** The end of a piece of text, placed so that no character is cut in two. */
function wholeBefore(text: string, end: number): number {
  return end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end;
}

function isLookedAt(paths: RunPaths): boolean {
  const at = statSync(paths.looking, { throwIfNoEntry: false })?.mtimeMs;
  return at !== undefined && Math.abs(Date.now() - at) < leftMs;
}

/** The viewer's end: the words since the last call; the first call returns all that the file holds. */
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
    // The system may give the inode number of a removed file to a new one.
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
    // A full disk or a read-only folder: events are shown all the same.
  }
}

/** A line that was cut when the file was emptied is skipped. */
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
