import { dumps } from './dumps.ts';

/**
 * Finds secrets in text: values known to be secret, the formats of well-known keys, and random-looking values beside a
 * name that suggests a secret. It also finds each of them written as base64, hex or with percent signs. Pure.
 */
export type Span = { start: number; end: number };

/**
 * Formats that are almost always secrets. The secret is the whole match, or its group `secret`. No pattern of this file
 * may scan the same text again after a failed match: texts are long, and their authors may be attackers.
 */
const formats: RegExp[] = [
  /\bsk-(?=[a-z0-9_-]{0,256}[A-Z]|(?:[A-Za-z_-]{0,256}\d){2})(?=[A-Za-z_-]{0,256}\d)[A-Za-z0-9][A-Za-z0-9_-]{18,}/g, // OpenAI, Anthropic, OpenRouter, DeepSeek, Moonshot
  /\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}/g, // Stripe
  /\bwhsec_[A-Za-z0-9+/=]{24,}/g,
  /\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b/g, // AWS
  /\bgh[pousr]_[A-Za-z0-9]{36,}/g, // GitHub
  /\bgithub_pat_[A-Za-z0-9_]{40,}/g,
  /\bglpat-[A-Za-z0-9_-]{20,}/g, // GitLab
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g, // Slack
  /\bhttps:\/\/hooks\.slack\.com\/services\/(?<secret>[A-Za-z0-9/]{20,})/g,
  /\bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])/g, // Google
  /\bya29\.[0-9A-Za-z_-]{20,}/g,
  /\bGOCSPX-[0-9A-Za-z_-]{20,}/g,
  /\bnpm_[A-Za-z0-9]{36}\b/g,
  /\bpypi-[A-Za-z0-9_-]{50,}/g,
  /\bhf_[A-Za-z0-9]{30,}/g, // Hugging Face
  /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g, // SendGrid
  /\bkey-[0-9a-f]{32}\b/g, // Mailgun
  /\bglrt-[A-Za-z0-9_-]{20,}/g,
  /\bhvs\.[A-Za-z0-9_-]{20,}/g, // Vault
  /\bdckr_pat_[A-Za-z0-9_-]{20,}/g, // Docker
  /\bntn_[A-Za-z0-9]{30,}/g, // Notion
  /\bdop_v1_[0-9a-f]{64}\b/g, // DigitalOcean
  /\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b/g, // Shopify
  /\bgsk_[A-Za-z0-9]{40,}/g, // Groq
  /\bxai-[A-Za-z0-9]{40,}/g,
  /\bpplx-[A-Za-z0-9]{40,}/g,
  /\br8_[A-Za-z0-9]{30,}/g, // Replicate
  /\blin_api_[A-Za-z0-9]{30,}/g,
  /\bATATT3[A-Za-z0-9_=-]{50,}/g, // Atlassian
  /\bAGE-SECRET-KEY-1[0-9A-Z]{50,}/g,
  /\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b/g, // Telegram
  /\bAccountKey=(?<secret>[A-Za-z0-9+/]{60,}={0,2})/g, // Azure
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g, // JWT
  /(?<=[a-z0-9]):\/\/[^\s/:@'"`]{0,256}:(?<secret>[^\s/@'"`${}<>]{6,1024})@/gi, // user:password@host
  /\blogin\s{1,16}\S{1,256}\s{1,16}password\s{1,8}(?<secret>\S{4,256})/g, // .netrc
  /^[ \t]{0,16}password[ \t]{1,8}(?<secret>(?=\S{0,256}\d)\S{8,256})[ \t\r]{0,8}$/gm,
  /<(?:\w{1,32}[.:-])?(?:password|passphrase|secret|token|api-?key)>(?<secret>[^<>\s${}]{4,1024})<\//gi,
  /\bcurl\s[^\n]{0,256}?(?:-u|--user)[ =]{0,2}["']?[^\s:"']{1,128}:(?<secret>[^\s"'$]{4,256})/g,
];

/** Letters that every format begins with or contains: a text without any of them needs no further search. */
const mayHoldFormat =
  /sk-|sk_|rk_|pk_|whsec_|AKIA|ASIA|ABIA|ACCA|gh[pousr]_|github_pat_|glpat-|xox|hooks\.slack|AIza|ya29\.|GOCSPX-|npm_|pypi-|hf_|SG\.|key-|dop_v1_|shp[acs]|gsk_|xai-|pplx-|r8_|lin_api_|ATATT3|AGE-SECRET|:AA|AccountKey=|eyJ|glrt-|hvs\.|dckr_pat_|ntn_|:\/\/[^\s/]*@|password|curl|<\w/i;

/**
 * Secrets in a request: a word before the value shows that it is one, and ordinary prose after that word has no digits.
 */
const headers: RegExp[] = [
  /\b(?:bearer|basic)\s{1,8}(?<secret>[A-Za-z0-9+/._~-]{20,}={0,2})/gi,
  /\bauthorization\\?["']?\s{0,8}[:=]\s{0,8}\\?["']?(?:(?:bearer|basic|token|apikey)\s{1,8})?(?<secret>[A-Za-z0-9+/._~-]{12,}={0,2})/gi,
  /(?:\bauth\\?"\s{0,8}:\s{0,8}\\?"|_auth\s{0,8}=\s{0,8}"?)(?<secret>[A-Za-z0-9+/]{8,}={0,2})/g, // Docker, npm
];

function credentials(text: string): Span[] {
  return headers
    .flatMap((header) => matches(text, header, 'secret'))
    .filter(({ start, end }) => {
      const value = text.slice(start, Math.min(end, start + 4_096));
      const plain = Buffer.from(value, 'base64').toString('latin1');
      const isPair = /^[\x20-\x7e]+$/.test(plain) && plain.includes(':');
      return isPair || (/\d/.test(value) && !(value.includes('.') && isCode(value)));
    });
}

const keyBegin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
/** Lines of a private key, also as text in a program, in JSON, with line numbers or with the marks of a diff. */
const keyBody =
  /(?:\s|\\|[rn](?<=\\[rn])|["'`,|>#*]|-(?!-)|\d{1,6}[:\t|]|(?:Proc-Type|DEK-Info|Version|Comment|Charset|Hash): [^\n\\]{0,200}|[A-Za-z0-9+/]{16,}={0,2}|=[A-Za-z0-9+/]{4}(?![A-Za-z0-9+/])|[A-Za-z0-9+/]{1,15}={1,2}|[A-Za-z0-9+/]{1,15}(?=(?:\s|\\[rn]|["'+,]){0,16}-----END)){0,8000}(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/y;
/** The lines of a private key after the first. */
const keyLines =
  /(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/]{64}(?:[A-Za-z0-9+/]{6})?(?:\r?\n|(?:\\r)?\\n)[ \t]{0,16}){2,8000}[A-Za-z0-9+/]{64}(?:[A-Za-z0-9+/]{6})?(?![A-Za-z0-9+/])(?:(?:\r?\n|(?:\\r)?\\n)[ \t]{0,16}[A-Za-z0-9+/]{1,70}(?:={1,2}|(?=\r?\n-----END|(?:\\r)?\\n-----END)))?(?:(?:\r?\n|(?:\\r)?\\n)-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----)?/g;

/** Private keys: a first line alone is none (a program may search for it). */
function privateKeys(text: string): Span[] {
  const whole = [...text.matchAll(keyBegin)].flatMap(({ index, 0: begin }) => {
    keyBody.lastIndex = index + begin.length;
    const body = keyBody.exec(text)?.[0] ?? '';
    return /[A-Za-z0-9+/]{16}/.test(body) ? [{ start: index, end: index + begin.length + body.trimEnd().length }] : [];
  });
  const bare = matches(text, keyLines, 'secret').filter(({ start, end }) => {
    const lines = text.slice(start, Math.min(end, start + 400));
    // Checksums have fewer letters, and certificates are public.
    return /[g-z]/.test(lines) && /[G-Z]/.test(lines) && /\d/.test(lines) && !isPublic(text, start, end);
  });
  return [...whole, ...bare];
}

function isPublic(text: string, start: number, end: number): boolean {
  const edges = `${text.slice(Math.max(0, start - 60), start)} ${text.slice(end, end + 160)}`;
  return /-----(?:BEGIN|END) (?!(?:[A-Z0-9]+ ){0,4}PRIVATE)[A-Z0-9 ]{1,40}-----/.test(edges);
}

const secretWord =
  'api[_-]?key|apikey|secret|token|passw(?:or)?d|passphrase|pwd|credential|private[_-]?key|access[_-]?key|auth[_-]?key|client[_-]?key|signing[_-]?key|encryption[_-]?key';
/**
 * `name = "value"` in all common notations; also `--name value`. The match begins with the word that suggests a secret;
 * `assignments` adds the part of the name before it.
 */
const assignment = new RegExp(
  String.raw`(?:${secretWord})[\w.-]{0,64}(?:\\?["'\`])?\s{0,32}(?:=>|:=|==?|:|(?<=--[\w-]{1,128})\s)\s{0,32}(?!\d{1,7}[:-])(?:\\?["'\`])?(?<value>[^\s"'\`\\,;(){}\[\]<>|&‹›]{12,4097})`,
  'gi',
);
/** A file whose name suggests a secret, a line number, and the line: as `grep -n` and compilers print it. */
const numbered = new RegExp(
  String.raw`(?:${secretWord})[\w.-]{0,64}[:-]\d{1,7}[:-]\s{0,32}(?<value>[^\s"'\`\\,;:=(){}\[\]<>|&‹›]{12,4097})(?![:=])`,
  'gi',
);
/** The same with a quoted value, which may hold any letters up to the closing quote. */
const quoted = new RegExp(
  String.raw`(?:${secretWord})[\w.-]{0,64}["'\`]?\s{0,32}(?:=>|:=|==?|:)\s{0,32}(?<quote>["'\`])(?<value>(?:(?!\k<quote>)[^\s\\]|\\[^\s]){12,256})\k<quote>`,
  'gi',
);
const mayHoldAssignment = /key|secret|token|passw|passphrase|pwd|credential/i;
const holdsSecretWord = new RegExp(secretWord, 'i');

function isSecretName(name: string): boolean {
  return holdsSecretWord.test(name) && /^[\w.-]{1,128}$/.test(name) && !isHarmless(name);
}

/** Whether a line may continue with a secret after a space. */
export function namesSecret(line: string): boolean {
  return mayHoldAssignment.test(line) || /Bearer|Basic|auth|curl/i.test(line);
}

/** Names that only sound secret: their values are public, a count, or a checksum. */
const harmlessName =
  /hash|digest|checksum|integrity|public|tokens|token(?:ize|izer|_?count|_?limit|_?type|_?max|_?min|_?len\w*)$|key_?(?:name|path|file|id|board|code|word|s)\b|_(?:file|path|url|name|env|id|length|type)$/i;

const harmlessField = /(?:[a-z]|^)(?:Name|Url|URL|Uri|Path|File|Type|Length)$/;

function isHarmless(name: string): boolean {
  return harmlessName.test(name) || harmlessField.test(name);
}

/** The least length, in characters, of a value that counts as secret by its look. */
const shortest = 14;

/** `isPlain`: escapes in it have been read. */
type Known = { known?: Iterable<string>; name?: string; isPlain?: boolean };

/** The places of secrets in a text, in order and not overlapping. `name`: the field that holds the whole text. */
export function findSecrets(text: string, { known = [], name = '', isPlain = false }: Known = {}): Span[] {
  if (text.length < 8) return [];
  const spans: Span[] = [];
  for (const value of known) spans.push(...occurrences(text, value));
  // No format is shorter, and no name with a value beside it.
  if (text.length < shortest) return spans;
  if (mayHoldFormat.test(text)) for (const format of formats) spans.push(...matches(text, format, 'secret'));
  if (/auth|bearer|basic/i.test(text)) spans.push(...credentials(text));
  spans.push(...privateKeys(text));
  if (mayHoldAssignment.test(text)) spans.push(...assignments(text));
  if (isSecretName(name) && looksRandom(text)) spans.push({ start: 0, end: text.length });
  spans.push(...encoded(text, known));
  if (!isPlain) spans.push(...escaped(text, known));
  return merged(spans);
}

/** Colours of a terminal, and letters that JSON writes with a backslash, perhaps more than once. */
const escapes = /(?:\x1b|\\+u001b)\[[\d;]*[A-Za-z]|\\+u00(?<code>[2-7][0-9a-f])|\\+(?=\/)/gi;
const mayHoldEscape = /\x1b\[|\\u00|\\\//i;

/** Secrets with such letters in between. */
function escaped(text: string, known: Iterable<string>): Span[] {
  if (!mayHoldEscape.test(text)) return [];
  let plain = '';
  const places: number[] = [];
  const add = (letters: string, from: number) => {
    for (let at = 0; at < letters.length; at += 1) places.push(from + at);
    plain += letters;
  };
  let at = 0;
  for (const { index, 0: whole, groups } of text.matchAll(escapes)) {
    add(text.slice(at, index), at);
    if (groups?.code) add(String.fromCharCode(Number.parseInt(groups.code, 16)), index);
    at = index + whole.length;
  }
  add(text.slice(at), at);
  places.push(text.length);
  return findSecrets(plain, { known, isPlain: true }).map(({ start, end }) => ({
    start: places[start]!,
    end: places[end - 1]! + Math.max(1, escapeLength(text, places[end - 1]!)),
  }));
}

function escapeLength(text: string, at: number): number {
  return /^\\+u00[2-7][0-9a-f]/i.exec(text.slice(at, at + 64))?.[0].length ?? 1;
}

function occurrences(text: string, value: string): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + value.length))
    spans.push({ start: at, end: at + value.length });
  return spans;
}

function matches(text: string, pattern: RegExp, group: string): Span[] {
  return [...text.matchAll(pattern)].map((match) => {
    const inner = match.groups?.[group];
    const offset = inner === undefined ? 0 : match[0].lastIndexOf(inner);
    const start = match.index + offset;
    return { start, end: start + (inner ?? match[0]).length };
  });
}

function assignments(text: string): Span[] {
  return [...text.matchAll(assignment), ...text.matchAll(quoted), ...text.matchAll(numbered)].flatMap((match) => {
    const { value = '', quote = '' } = match.groups ?? {};
    const start = match.index + match[0].length - value.length - quote.length;
    const name = nameAt(text, match.index);
    if (isHarmless(name) || !looksRandom(value) || (quote !== '' && value.includes('${'))) return [];
    if (isCode(value) && !/["'`]/.test(text[start - 1] ?? '') && !/^[A-Z0-9_]+$/.test(name)) return [];
    return [{ start, end: start + value.length }];
  });
}

/** The whole name around a known part of it, up to 64 characters on either side. */
function nameAt(text: string, at: number): string {
  const before = /[\w.-]*$/.exec(text.slice(Math.max(0, at - 64), at))?.[0] ?? '';
  return before + (/^[\w.-]*/.exec(text.slice(at, at + 96))?.[0] ?? '');
}

/** A name in a program, such as `settings2.apiKey`: a random value has digits in more than one place. */
function isCode(value: string): boolean {
  return value.split(/\??\./).every((part) => /^[A-Za-z_$][\w$]*$/.test(part) && (part.match(/\d+/g)?.length ?? 0) < 2);
}

/** The least entropy, in bits per character, of a value beside a secret's name. */
const entropyMin = 2.8;

/** Whether a value may be a secret rather than a word, a path, a piece of code or a placeholder. */
function looksRandom(value: string): boolean {
  if (value.length < 12 || value.length > 4_096 || /[\s‹›]/.test(value)) return false;
  if (
    /^(?:sha(?:1|224|256|384|512)[-:]|https?:\/\/|file:|\.{0,2}\/|~\/|\$|%\w+%|<|process\.|os\.|env[.:[])/i.test(value)
  )
    return false;
  if (/your|example|placeholder|changeme|dummy|xxxx|\.\.\.|\*\*\*|redacted/i.test(value)) return false;
  if (!/\d/.test(value) && !/[^A-Za-z0-9_.-]/.test(value)) return false;
  if (!/[A-Za-z]/.test(value)) return false;
  return entropy(value) >= entropyMin;
}

/** Shannon entropy of a text, in bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Runs of letters that may be an encoded secret. */
const base64Run = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
const hexRun = /(?<![0-9A-Za-z])(?:[0-9a-f]{24,}|[0-9A-F]{24,})/g;
const percentRun = /[\w.~*%+/:@!$&'(),;=-]{8,}/g;
/** A long run is searched piece by piece, because only a part of it may be text; pieces overlap by more than a key. */
const pieceLength = 1_536;
const pieceStep = 1_024;

function encoded(text: string, known: Iterable<string>): Span[] {
  const spans: Span[] = [];
  const look = (pattern: RegExp, decode: (run: string) => string[]) => {
    for (const match of text.matchAll(pattern)) {
      if (pieces(match[0]).some((run) => decode(run).some((plain) => isPrintable(plain) && holdsSecret(plain, known))))
        spans.push({ start: match.index, end: match.index + match[0].length });
    }
  };
  look(base64Run, (run) => (run.length < 16 || !mayBeBase64(run) ? [] : alignments(run)));
  look(hexRun, (run) => [Buffer.from(run, 'hex').toString('latin1')]);
  for (const { start, end, plains } of dumps(text))
    if (plains.some((plain) => holdsSecret(plain, known))) spans.push({ start, end });
  if (text.includes('%')) look(percentRun, (run) => (/%[0-9A-F]{2}/i.test(run) ? [percentDecoded(run)] : []));
  return spans;
}

function pieces(run: string): string[] {
  if (run.length <= pieceLength) return [run];
  const found: string[] = [];
  for (let at = 0; at < run.length; at += pieceStep) found.push(run.slice(at, at + pieceLength));
  return found;
}

/** A word of one kind of letter is not a secret in base64; so names and paths are not decoded. */
function mayBeBase64(run: string): boolean {
  return /[A-Z]/.test(run) && /[a-z]/.test(run);
}

/** Base64 of a part of a text: the secret may begin at the first, second or third byte of a group. */
function alignments(run: string): string[] {
  return [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString('latin1'));
}

function percentDecoded(run: string): string {
  return run.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function isPrintable(text: string): boolean {
  let odd = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) || code > 0x7e) odd += 1;
    // Most decoded text is noise, which this finds at once.
    if (odd > text.length / 4) return false;
  }
  return text.length >= 8;
}

function holdsSecret(plain: string, known: Iterable<string>): boolean {
  for (const value of known) if (plain.includes(value)) return true;
  if (
    mayHoldFormat.test(plain) &&
    formats.some((format) => new RegExp(format.source, format.flags.replace('g', '')).test(plain))
  )
    return true;
  if (privateKeys(plain).length > 0) return true;
  return mayHoldAssignment.test(plain) && assignments(plain).length > 0;
}

function merged(spans: Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (last && span.start < last.end) last.end = Math.max(last.end, span.end);
    else result.push({ ...span });
  }
  return result;
}
