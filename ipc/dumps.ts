/**
 * Reads bytes back out of text that shows them: the output of xxd, od and hexdump in their usual forms, bytes in hex with
 * colons, commas or `\x`, arrays of numbers, base64 in lines of any width. Pure; in the time of a few passes.
 */
export type Dump = {
  start: number;
  end: number /** The bytes as Latin-1, in each way in which they can be read. */;
  plains: string[];
};

/** Bytes of a token; undefined: it is none of this kind. */
type Kind = { token: RegExp; bytesOf(token: string): number[] /** Tokens of one line, at least. */; least: number };

const each = (token: string, length: number, base: number) =>
  (token.match(new RegExp(`.{${length}}`, 'g')) ?? []).map((digits) => Number.parseInt(digits, base));

const kinds: Kind[] = [
  { token: /^(?:[0-9a-f]{2}){1,64}$/i, bytesOf: (token) => each(token, 2, 16), least: 1 },
  // Words of the machine, whose bytes are printed from the last to the first.
  { token: /^(?:[0-9a-f]{4}){1,4}$/i, bytesOf: (token) => each(token, 2, 16).reverse(), least: 1 },
  { token: /^[01]{8}$/, bytesOf: (token) => [Number.parseInt(token, 2)], least: 2 },
  { token: /^[0-3][0-7]{2}$/, bytesOf: (token) => [Number.parseInt(token, 8)], least: 2 },
  { token: /^[01][0-7]{5}$/, bytesOf: (token) => words(Number.parseInt(token, 8)), least: 1 },
  { token: /^\d{1,3}$/, bytesOf: (token) => [Number(token) & 255], least: 2 },
  { token: /^(?:\S|\\[0abtnvfr]|[0-3][0-7]{2}|sp|nl)$/, bytesOf: character, least: 2 },
];

const words = (value: number) => [value & 255, value >> 8];

function character(token: string): number[] {
  if (token.length === 1) return [token.charCodeAt(0)];
  return /^\d/.test(token) ? [Number.parseInt(token, 8)] : [0x20];
}

/** A text without this holds no dump: bytes one beside the other, or a long line of hex. */
const mayHoldDump =
  /(?:(?:\b|0x|\\x)[0-9a-f]{2,3}[\s:,\\]{1,4}){6}|(?:[0-9a-f]{4}[ \t]{1,3}){4}|(?:[0-9a-f]{2}){12}|(?:[ \t]{2,3}\S(?=[ \t\n])){6}|(?:\b[01]{8}[ \t]){4}|(?:\b[01][0-7]{5}[ \t]){4}/i;

/** Fewer bytes hold no secret. */
const bytesMin = 8;
/** Lines that are read together; the next ones begin with the last of these. */
const linesMax = 256;
const overlap = 128;

export function dumps(text: string): Dump[] {
  return [...(mayHoldDump.test(text) ? byteDumps(text) : []), ...wrappedBase64(text)];
}

type Line = { start: number; end: number; tokens: string[] };

function byteDumps(text: string): Dump[] {
  const lines = linesOf(text);
  return kinds.flatMap((kind) => {
    const read = lines.map((line) => bytesIn(line, kind));
    return blocks(read).map(({ from, to }) => ({
      start: lines[from]!.start,
      end: lines[to - 1]!.end,
      plains: [Buffer.from(read.slice(from, to).flat()).toString('latin1')],
    }));
  });
}

/** The bytes of one line; empty: it is no line of this kind. */
function bytesIn({ tokens }: Line, { token, bytesOf, least }: Kind): number[] {
  const [first = ''] = tokens;
  const hasOffset = tokens.length > 1 && /^(?:[0-9a-f]{6,16}:?|[0-9a-f]{4,16}:)$/i.test(first);
  const bytes: number[] = [];
  let count = 0;
  for (const one of hasOffset ? tokens.slice(1) : tokens) {
    if (!token.test(one)) break;
    bytes.push(...bytesOf(one));
    count += 1;
  }
  return count < (hasOffset ? 1 : least) ? [] : bytes;
}

/** Lines that follow each other and all hold bytes, in parts of bounded length. */
function blocks(read: number[][]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  const keep = (from: number, to: number) => {
    for (let at = from; at < to; at += linesMax - overlap) {
      const end = Math.min(to, at + linesMax);
      const size = read.slice(at, end).reduce((sum, { length }) => sum + length, 0);
      if (size >= bytesMin) found.push({ from: at, to: end });
      if (end === to) break;
    }
  };
  let from = 0;
  for (let at = 0; at <= read.length; at += 1) {
    if ((read[at]?.length ?? 0) > 0) continue;
    if (at > from) keep(from, at);
    from = at + 1;
  }
  return found;
}

/** Lines end at a line's end, also where that is written as `\n` in JSON. */
function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (const { index: start, 0: line } of text.matchAll(/(?:(?!\\+r?\\*n)[^\r\n])+/g)) {
    // Beside the bytes some programs print the letters that they stand for.
    const bytes = /^\s*[0-9a-f]{4,16}:/i.test(line) ? line.replace(/(\S\s\S.*?) {2,}.*$/, '$1') : line;
    const tokens = bytes
      .slice(0, lineMax)
      .replace(/\|.*$/, '')
      .split(/(?:[\s,;[\](){}]|0x|\\x|(?<=^\S{2}|[: ]\S{2}):)+/)
      .filter((token) => token !== '');
    lines.push({ start, end: start + line.length, tokens });
  }
  return lines;
}

/** No dump has longer lines; an array of numbers may have. */
const lineMax = 8_192;

const base64Lines =
  /(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{4,128}(?:\r?\n|(?:\\+r)?\\+n)[ \t>]{0,8})+[A-Za-z0-9+/]{1,128}={0,2}/g;

function wrappedBase64(text: string): Dump[] {
  return [...text.matchAll(base64Lines)].flatMap(({ index: start, 0: block }) => {
    const letters = block.replace(/\\+[rn]|[^A-Za-z0-9+/]/g, '');
    if (!/[A-Z]/.test(letters) || !/[a-z]/.test(letters)) return [];
    const plains = [0, 1, 2, 3].map((skip) => Buffer.from(letters.slice(skip), 'base64').toString('latin1'));
    return [{ start, end: start + block.length, plains }];
  });
}
