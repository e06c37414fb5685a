import { createHmac } from 'node:crypto';
import { findSecrets, namesSecret, type Span } from './secrets.ts';

/**
 * Redaction: secrets are replaced by markers before anything is written down, shown or sent.
 *
 * A marker is made from the secret and a key of the run, so the same secret has the same marker in every process and
 * after every restart, and guesses at the secret cannot be tested without the key. The secret itself stays only in
 * memory, to replace a marker that is part of an edit.
 */
export type Redactor = {
  text(text: string): string;
  /** Redacts every string in a value of plain data; the name of a field counts as the name of its value. */
  deep<Value>(value: Value): Value;
  /** A value that is secret whatever its form, e.g. a key from the environment. */
  know(value: string): void;
  /**
   * Replaces markers by their secrets, only the markers of `only` if given. `unknown`: markers that were left, because
   * `only` lacks them or this process has not seen their secret.
   */
  restore<Value>(value: Value, only?: ReadonlySet<string>): { value: Value; unknown: string[] };
  /** Text of an agent's own: values in it that look secret were made by the agent, and may be written anywhere. */
  said(words: unknown): void;
  /** The markers of such values. */
  ownWords: ReadonlySet<string>;
  /** For text in pieces: returns text that certainly holds no part of a secret. `end` returns the rest. */
  stream(): { push(piece: string): string; end(): string };
};

const marker = /‹secret:[0-9a-f]{10}›/g;
/** The markers in a text, with repetitions. */
export function markersIn(text: string): string[] {
  return text.match(marker) ?? [];
}

/** Shorter values are common words: replacing them would spoil texts. */
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

/** The forms of a value: in JSON, in a file that is read byte by byte, and for a short value in base64 and hex. */
function writings(value: string): string[] {
  const bytes = Buffer.from(value);
  const all = [value, JSON.stringify(value).slice(1, -1), bytes.toString('latin1')];
  if (bytes.length < 16) {
    const hex = bytes.toString('hex');
    all.push(hex, hex.toUpperCase());
    // For each start in a group of three bytes: the letters that hold bits of the secret alone.
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

/** Fields whose strings are base64, or must go back to their vendor unchanged. */
const untouched = new Set(['carry', 'data']);

/**
 * Fields that the host uses as identifiers: a person's key that is also a part of a path must not be replaced in them.
 */
const places = new Set(
  'root gitDir branch head directory path from file files planFile program outputPath scope'.split(' '),
);
const names = new Set('tree commit base ref family process model id call agent task approval'.split(' '));

function isStructure(name: string, text: string): boolean {
  return (places.has(name) && !text.includes('\n')) || (names.has(name) && /^\S*$/.test(text));
}

/** A field with a shorter name is skipped, because most of the time would go into such fields. */
const fieldLengthMin = 20;

/** The same data with every string changed; the same object if no string changed. `name`: the field of the string. */
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

/** The most text that is held back, in characters: a line without an end must not wait forever. */
const heldMax = 16_384;

/** A line of a private key, of base64, or of bytes in hex: a secret may go on in the next one. */
const heldLine =
  /^(?:[A-Za-z0-9+/]{8,128}|[ \t]{0,8}(?:[0-9a-f]{4,16}:?[ \t]+)?(?:[0-9a-f]{2,8}[ \t:,]{1,3}){4,32}.{0,80})\r?\n$/i;

/** The start of the last line, or of the first line before it that such lines lead to. */
function beforeKeyLines(text: string): number {
  let line = text.lastIndexOf('\n') + 1;
  while (line > 0) {
    const above = line > 1 ? text.lastIndexOf('\n', line - 2) + 1 : 0;
    if (!heldLine.test(text.slice(above, line))) break;
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
