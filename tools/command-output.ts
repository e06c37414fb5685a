import { closeSync, openSync, writeSync } from 'node:fs';

/** A complete output may be this many times as long as what is shown of it. */
const logFactor = 50;
/** Pause between two pieces of news to the host, in milliseconds. */
const newsPauseMs = 100;
/** Most bytes of one piece of news: people look at the end of it. */
const newsBytesMax = 4 * 1024;

/**
 * Where a command's output goes: the whole into a file (up to its limit), the last part into memory, and every now and
 * then the newest into `onNews`.
 */
export type CommandOutput = {
  write(chunk: Buffer): void;
  /** A remark of ours, on a line of its own at the end. */
  note(text: string): void;
  /** Closes the file and answers the last `bytesMax` bytes as text. Call it once. */
  end(): { tail: string; truncated: boolean; outputBytes: number };
};

export function commandOutput(path: string, bytesMax: number, onNews: (text: string) => void): CommandOutput {
  const file = openSync(path, 'w', 0o600);
  const notes: string[] = [];
  let kept = Buffer.alloc(0);
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
      kept = Buffer.concat([kept, chunk]).subarray(-bytesMax);
      news = Buffer.concat([news, chunk]).subarray(-newsBytesMax);
      timer ??= setTimeout(tell, newsPauseMs);
    },
    note: (text) => notes.push(`[vtcode: ${text}]`),
    end() {
      clearTimeout(timer);
      tell();
      closeSync(file);
      const text = total > kept.length ? fromWholeWord(wholeCharacters(kept)) : wholeCharacters(kept);
      const gap = text === '' || text.endsWith('\n') || notes.length === 0 ? '' : '\n';
      return { tail: `${text}${gap}${notes.join('\n')}`, truncated: total > kept.length, outputBytes: total };
    },
  };
}

/** As text, without the rest of a character whose beginning was cut off. */
function wholeCharacters(bytes: Buffer): string {
  let start = 0;
  while (start < 3 && start < bytes.length && (bytes[start]! & 0xc0) === 0x80) start++;
  return bytes.toString('utf8', start);
}

/** Without the rest of a word whose beginning was cut off: it could be the end of a secret that nobody would know again. */
function fromWholeWord(text: string): string {
  const at = text.search(/\s/);
  return at === -1 ? '' : text.slice(at + 1);
}

function writeFully(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
