import { createHmac } from 'node:crypto';
import { findSecrets, namesSecret, type Span } from './secrets.ts';

/**
 * Redaction: secrets are replaced by markers before anything is written down, shown or sent.
 *
 * A marker is made from the secret and a key of the run, so the same secret has the same marker in every process and after
 * every restart, and nobody without the key can try secrets against it. The secret itself is only remembered in memory,
 * to be put back where a marker is part of an edit.
 */
export type Redactor = {
  text(text: string): string;
  /** Every string in a value of plain data; a field's name counts as the name of what it holds. */
  deep<Value>(value: Value): Value;
  /** A value that is secret whatever it looks like, e.g. a key from the environment. */
  know(value: string): void;
  /**
   * Puts back what markers stand for, of `only` these where given; `unknown`: markers that were left, because they are not
   * among them or their secret was not seen since this process began.
   */
  restore<Value>(value: Value, only?: ReadonlySet<string>): { value: Value; unknown: string[] };
  /** What an agent said of itself: what of it looks secret was made by it, and may be written where it says. */
  said(words: unknown): void;
  /** Markers of what was said so. */
  ownWords: ReadonlySet<string>;
  /** For text that comes in pieces: gives out what is certain to hold no part of a secret. `end` gives out the rest. */
  stream(): { push(piece: string): string; end(): string };
};

const marker = /‹secret:[0-9a-f]{10}›/g;
/** The markers in a text, each as often as it stands there. */
export function markersIn(text: string): string[] {
  return text.match(marker) ?? [];
}

/** Shorter values are words: replacing them would tear texts apart. */
const knownLengthMin = 8;

export function redactor(key: string, known: string[] = []): Redactor {
  const seen = new Map<string, string>();
  const ownWords = new Set<string>();
  const values = new Set<string>();
  const markerOf = (value: string): string => {
    const name = `‹secret:${createHmac('sha256', key).update(value).digest('hex').slice(0, 10)}›`;
    seen.set(name, value);
    return name;
  };
  const know = (value: string) => {
    if (value.trim().length >= knownLengthMin) for (const written of writings(value.trim())) values.add(written);
  };
  for (const value of known) know(value);
  const text = (given: string, name = '') =>
    replaced(given, findSecrets(given, { known: isStructure(name, given) ? [] : values, name }), markerOf);
  const restore = <Value>(value: Value, only?: ReadonlySet<string>): { value: Value; unknown: string[] } => {
    const unknown = new Set<string>();
    const put = (given: string) =>
      given.replace(marker, (found) => {
        const secret = only === undefined || only.has(found) ? seen.get(found) : undefined;
        if (secret === undefined) unknown.add(found);
        return secret ?? found;
      });
    return { value: mapStrings(value, put), unknown: [...unknown] };
  };
  return {
    text: (given) => text(given),
    deep: (value) => mapStrings(value, text),
    know,
    restore,
    ownWords,
    said(words) {
      const before = new Set(markersIn(JSON.stringify(words) ?? ''));
      for (const one of markersIn(JSON.stringify(mapStrings(words, text)) ?? ''))
        if (!before.has(one)) ownWords.add(one);
    },
    stream: () => streamOf(text),
  };
}

/** A value as it stands in JSON, in a file that is read byte by byte and, where it is short, in base64 and hex. */
function writings(value: string): string[] {
  const bytes = Buffer.from(value);
  const all = [value, JSON.stringify(value).slice(1, -1), bytes.toString('latin1')];
  if (bytes.length < 16) {
    const hex = bytes.toString('hex');
    all.push(hex, hex.toUpperCase());
    // The letters that hold bits of nothing else, for each place in a group of three bytes where it may begin.
    for (const skip of [0, 1, 2]) {
      const end = Math.floor(((skip + bytes.length) * 8) / 6);
      const padded = Buffer.concat([Buffer.alloc(skip), bytes]);
      for (const kind of ['base64', 'base64url'] as const)
        all.push(padded.toString(kind).slice(Math.ceil((skip * 8) / 6), end));
    }
  }
  return all;
}

function replaced(text: string, spans: Span[], markerOf: (value: string) => string): string {
  let result = '';
  let at = 0;
  for (const { start, end } of spans) {
    result += text.slice(at, start) + markerOf(text.slice(start, end));
    at = end;
  }
  return at === 0 ? text : result + text.slice(at);
}

/** Fields whose strings are bytes in base64, or go back to the vendor that made them as they are. */
const untouched = new Set(['carry', 'data']);

/** Fields by which the host finds its way: a key of the person that is also a part of a path must not be torn out of them. */
const places = new Set(
  'root gitDir branch head directory path from file files planFile program outputPath scope'.split(' '),
);
const names = new Set('tree commit base ref family process model id call agent task approval'.split(' '));

function isStructure(name: string, text: string): boolean {
  return (places.has(name) && !text.includes('\n')) || (names.has(name) && /^\S*$/.test(text));
}

/** A shorter name of a field is a word: most of the time would go into them. */
const fieldLengthMin = 20;

/** The same data with every string changed; the same object where nothing was. `name` is the field that holds a string. */
function mapStrings<Value>(value: Value, change: (text: string, name: string) => string, name = ''): Value {
  if (typeof value === 'string') return change(value, name) as Value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => mapStrings<unknown>(item, change, name));
    return items.some((item, index) => item !== value[index]) ? (items as Value) : value;
  }
  let isChanged = false;
  const fields = Object.entries(value).map(([field, item]): [string, unknown] => {
    const kept = untouched.has(field) && typeof item === 'string' ? item : mapStrings<unknown>(item, change, field);
    const safeField = field.length < fieldLengthMin ? field : change(field, '');
    if (kept !== item || safeField !== field) isChanged = true;
    return [safeField, kept];
  });
  return isChanged ? (Object.fromEntries(fields) as Value) : value;
}

/** The most that is held back of a text in pieces, in characters: a line without an end must not wait for ever. */
const heldMax = 16_384;

/** Where the last line begins, or the first of the lines before it that may be of a private key. */
function beforeKeyLines(text: string): number {
  let line = text.lastIndexOf('\n') + 1;
  while (line > 0) {
    const above = line > 1 ? text.lastIndexOf('\n', line - 2) + 1 : 0;
    if (!/^(?:[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{70})\r?\n$/.test(text.slice(above, line))) break;
    line = above;
  }
  return line;
}

/** Holds back the last word, a line that names a secret, and a private key from its first line to its last. */
function streamOf(text: (given: string) => string): ReturnType<Redactor['stream']> {
  let held = '';
  return {
    push(piece) {
      held += piece;
      const begun = held.lastIndexOf('-----BEGIN ');
      const isOpen = begun !== -1 && !/-----END [A-Z0-9 ]{0,60}-----[^\n]*\n/.test(held.slice(begun));
      const line = isOpen ? held.lastIndexOf('\n', begun) + 1 : beforeKeyLines(held);
      const end = isOpen || namesSecret(held.slice(line)) ? line : Math.max(line, held.lastIndexOf(' ') + 1);
      const cut = held.length > heldMax ? held.length : end;
      const out = text(held.slice(0, cut));
      held = held.slice(cut);
      return out;
    },
    end() {
      const out = text(held);
      held = '';
      return out;
    },
  };
}
