import type { WireFormat } from '../../ipc/model.ts';

/**
 * The answer of a server that was asked for a stream of events. Content types are often wrong, so the first
 * characters decide. The SDKs always read well-formed events: keep-alives and `[DONE]` are left out, missing
 * event names are added, and an answer in one JSON document, in lines or in a list becomes events.
 */
export type Opened =
  /** Each item is one whole server-sent event. */
  | { type: 'events'; events: AsyncIterable<string> }
  /** No answer: an error, a web page, other text. */
  | { type: 'text'; text: string };

/** Where the reader notes what no event says. */
export type Notes = {
  /** The server said `[DONE]`. */
  doneSaid: boolean;
  /** Data that is no JSON, to explain a failure. */
  noise: string;
};

/** A web page or an error is read up to here, in characters. */
const textMax = 64 * 1024;
const noiseMax = 200;
/** More in one line or event is no answer: it must not fill our memory. In characters. */
const eventMax = 8 * 1024 * 1024;

/** The value of a broken exchange when the answer had no end. */
export class AnswerTooLong extends Error {}

/** Reads as far as is needed to tell what it is. Rejects as `bytes` does. */
export async function openEvents(bytes: AsyncIterator<Uint8Array>, format: WireFormat, notes: Notes): Promise<Opened> {
  const lines = linesOf(bytes);
  let first = '';
  while (first === '') {
    const { done, value } = await lines.next();
    if (done) return { type: 'text', text: '' };
    first = value.trim();
  }
  if (/^[{[]/.test(first)) return whole(await textOf(first, lines, Number.POSITIVE_INFINITY), format);
  if (/^(data|event|id|retry|error)\s*:|^:/.test(first))
    return { type: 'events', events: eventsOf(first, lines, format, notes) };
  return { type: 'text', text: await textOf(first, lines, textMax) };
}

async function textOf(first: string, lines: AsyncGenerator<string>, max: number): Promise<string> {
  const parts = [first];
  try {
    for (let length = first.length; length < max; length += parts.at(-1)!.length + 1) {
      const { done, value } = await lines.next();
      if (done) break;
      parts.push(value);
    }
  } catch (error) {
    // A part of an error page explains the failure better than the broken connection.
    if (max === Number.POSITIVE_INFINITY) throw error;
  }
  return parts.join('\n');
}

/** An answer that came whole: one document, a list of them, or one in each line. */
function whole(text: string, format: WireFormat): Opened {
  const one = jsonOf(text);
  const documents =
    one !== undefined ? [one].flat() : text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [jsonOf(line)]));
  const isRead = documents.every((document) => typeof document === 'object' && document !== null);
  if (!isRead || !documents.some((document) => isAnswer(document, format))) return { type: 'text', text };
  return { type: 'events', events: inTurn(documents.map((document) => eventOf('', JSON.stringify(document), format))) };
}

async function* inTurn(events: string[]): AsyncGenerator<string> {
  yield* events;
}

const answerFields: Record<WireFormat, string[]> = {
  'openai-chat': ['choices'],
  'openai-responses': ['output', 'response'],
  anthropic: ['content', 'delta', 'content_block', 'message'],
  gemini: ['candidates', 'promptFeedback', 'usageMetadata'],
};

function isAnswer(document: unknown, format: WireFormat): boolean {
  const fields = document as Record<string, unknown>;
  if (fields.error && fields.object !== 'response') return false;
  return answerFields[format].some((name) => typeof fields[name] === 'object' && fields[name] !== null);
}

/** Lines end with LF, CR or both; also across packets. */
async function* linesOf(bytes: AsyncIterator<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  let restLength = 0;
  let afterCr = false;
  for (;;) {
    const { done, value } = await bytes.next();
    let text = done ? decoder.decode() : decoder.decode(value, { stream: true });
    if (afterCr && text.startsWith('\n')) text = text.slice(1);
    if (text !== '') afterCr = text.endsWith('\r');
    const [first = '', ...others] = text.split(/\r\n|\n|\r/);
    rest.push(first);
    restLength += first.length;
    if (restLength > eventMax) throw tooLong();
    for (const line of others) {
      yield rest.join('');
      rest = [line];
      restLength = line.length;
    }
    if (!done) continue;
    if (restLength > 0) yield rest.join('');
    return;
  }
}

function tooLong(): AnswerTooLong {
  return new AnswerTooLong(`more than ${eventMax / 1024 ** 2} MB in one event`);
}

async function* eventsOf(
  first: string,
  lines: AsyncGenerator<string>,
  format: WireFormat,
  notes: Notes,
): AsyncGenerator<string> {
  let name = '';
  let data = '';
  const close = (): string[] => {
    const [closedName, closed] = [name, data.trim()];
    [name, data] = ['', ''];
    if (/^[{[]/.test(closed) && closed !== '[DONE]') return [eventOf(closedName, closed, format)];
    notes.doneSaid ||= closed === '[DONE]';
    if (closed !== '' && !notes.doneSaid) notes.noise = closed.slice(0, noiseMax);
    return [];
  };
  for await (const line of withFirst(first, lines)) {
    const [, field = '', value = ''] = /^(data|event)\s*: ?(.*)$/s.exec(line) ?? [];
    // Some servers forget the empty line between events, or the field's name before an error.
    const isNext = data !== '' && (field === 'event' || (field === 'data' && jsonOf(data) !== undefined));
    if (line.trim() === '' || isNext) yield* close();
    if (field === 'event') name = value.trim();
    if (field === 'data') data += data === '' ? value : `\n${value}`;
    if (data.length > eventMax) throw tooLong();
    // llama.cpp names the field of an error `error`, others forget the name.
    const error = field === '' ? /^(?:error: ?)?(\{.*)$/.exec(line)?.[1] : undefined;
    if (error !== undefined && jsonOf(error) !== undefined) yield eventOf('', asError(line, error), format);
    // Nothing after it is waited for, not even the end of the connection.
    if (data.trim() === '[DONE]') close();
    if (notes.doneSaid) return;
  }
  // An event that was cut off is none.
  if (jsonOf(data) !== undefined || data.trim() === '[DONE]') yield* close();
}

function asError(line: string, json: string): string {
  return line.startsWith('error') && !('error' in (jsonOf(json) as object)) ? `{"error":${json}}` : json;
}

async function* withFirst(first: string, lines: AsyncGenerator<string>): AsyncGenerator<string> {
  yield first;
  yield* lines;
}

/** One event as the format's SDK reads it. */
function eventOf(name: string, json: string, format: WireFormat): string {
  const data = json
    .split('\n')
    .map((line) => `data: ${line}\n`)
    .join('');
  // Google's SDK skips events that begin otherwise.
  if (format === 'gemini') return `data: ${json.replaceAll('\n', ' ')}\n\n`;
  const known = name !== '' || format !== 'anthropic' ? name : nameIn(json);
  return `${known === '' ? '' : `event: ${known}\n`}${data}\n`;
}

/** Anthropic's SDK skips events without a name. */
function nameIn(json: string): string {
  const fields = jsonOf(json) as { type?: unknown; error?: unknown } | undefined;
  if (typeof fields?.type === 'string') return fields.type;
  return fields?.error ? 'error' : 'message';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON, or not yet
  }
}
