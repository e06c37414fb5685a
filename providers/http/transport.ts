import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Endpoint } from '../../ipc/model.ts';
import { startRequest } from './connection.ts';
import { decoded } from './decoding.ts';
import { AnswerTooLong, type Notes, openEvents } from './event-stream.ts';

/**
 * HTTP for the SDKs, over connections of its own (connection.ts). The transport records all facts of an exchange as
 * they happen, so that failures are judged from these and not from each SDK's own errors.
 */
/** One request and its answer. */
export type Exchange = Notes & {
  /** The `fetch` for an SDK. Sends at most one request at a time. */
  fetch: Fetch;
  /** Resolves when the response's head is there, whatever its status. */
  head: Promise<void>;
  /** An earlier call has had an answer from there. */
  reachedBefore: boolean;
  /** Null: no head yet. */
  status: number | null;
  headers: Headers;
  /** The body of an answer that is no stream of events: an error, HTML, JSON. */
  body: string;
  /** The error that broke the connection, before or after the head. */
  broken: Error | null;
  /** Size of the request's body. */
  sentBytes: number;
  /** The answer has all that a format needs: what may follow is waited for briefly only. */
  wholeSaid(): void;
  /**
   * Must be called when the call is over. An answer that was heard to its end is read out, so that its connection can
   * serve the next call; any other connection is closed.
   */
  close(heardOut: boolean): void;
};

type FetchInit = {
  method?: string;
  headers?: HeadersInit;
  body?: unknown;
  signal?: AbortSignal | null;
};
/** The value of `broken` when the answer had a head and no more. */
export class NoAnswer extends Error {}

/** As much of the web's `fetch` as the SDKs use. */
export type Fetch = (url: unknown, init?: FetchInit) => Promise<Response>;

/** An error page is read up to here, in bytes. */
const errorBytesMax = 64 * 1024;
/** Far more than any model says in one answer: a server that does not stop must not fill our memory. */
const answerBytesMax = 64 * 1024 * 1024;
/** After its last event a vendor has this long to close its answer, in milliseconds. */
const readOutMs = 1_000;
/** After the reason for its end an answer has only its counts left, in milliseconds. */
const countsMs = 2_000;

export function openExchange(endpoint: Endpoint, reachedBefore = false): Exchange {
  const head = Promise.withResolvers<void>();
  const over = new AbortController();
  let rest: AsyncIterator<Uint8Array> | null = null;
  let heardOut = false;
  const whole = Promise.withResolvers<void>();
  const exchange: Exchange = {
    head: head.promise,
    reachedBefore,
    status: null,
    headers: new Headers(),
    body: '',
    broken: null,
    sentBytes: 0,
    doneSaid: false,
    noise: '',
    wholeSaid: () => whole.resolve(),
    async fetch(url, init = {}) {
      const body = typeof init.body === 'string' ? init.body : '';
      exchange.sentBytes = Buffer.byteLength(body);
      exchange.body = '';
      init.signal?.addEventListener('abort', () => heardOut || over.abort(), { once: true });
      try {
        const options = optionsFor(endpoint, init, exchange.sentBytes);
        const response = await send({
          endpoint,
          url: urlFor(endpoint, String(url)),
          options,
          body,
          signal: over.signal,
        });
        exchange.status = response.statusCode ?? 0;
        exchange.headers = headersOf(response);
        head.resolve();
        rest = chunks(exchange, response);
        return await answerOf(endpoint, exchange, rest, whole.promise);
      } catch (error) {
        exchange.broken ??= error as Error;
        throw error;
      }
    },
    close(wasHeardOut) {
      heardOut = wasHeardOut;
      if (heardOut && rest !== null) readOut(rest, over);
      else over.abort();
    },
  };
  return exchange;
}

/** Reads the small rest of the answer, and gives up on a vendor that does not end it. */
function readOut(rest: AsyncIterator<Uint8Array>, over: AbortController): void {
  const timer = setTimeout(() => over.abort(), readOutMs);
  timer.unref();
  const read = async () => {
    while (!(await rest.next()).done);
  };
  read().then(
    () => clearTimeout(timer),
    () => clearTimeout(timer),
  );
}

function urlFor(endpoint: Endpoint, text: string): URL {
  const url = new URL(text);
  for (const [name, value] of new URLSearchParams(endpoint.quirks.query ?? '')) url.searchParams.set(name, value);
  return url;
}

const keyHeaders = { anthropic: 'x-api-key', gemini: 'x-goog-api-key' } as const;
const allKeyHeaders = ['authorization', 'x-api-key', 'x-goog-api-key'];
const telemetry = /^(x-stainless-|x-goog-api-client|traceparent|tracestate|baggage)/;

/**
 * The key is put in here and nowhere else: the SDKs never hold it. Headers about this machine are removed.
 */
function optionsFor(endpoint: Endpoint, init: FetchInit, bytes: number): RequestOptions {
  const headers: Record<string, string> = {};
  for (const [name, value] of new Headers(init.headers)) if (!telemetry.test(name)) headers[name] = value;
  for (const name of allKeyHeaders) delete headers[name];
  const { format, key, quirks } = endpoint;
  if (key !== null && quirks.keyHeader !== undefined) headers[quirks.keyHeader.toLowerCase()] = key;
  else if (key !== null && format in keyHeaders) headers[keyHeaders[format as keyof typeof keyHeaders]] = key;
  else if (key !== null) headers.authorization = `Bearer ${key}`;
  headers['user-agent'] = 'vtcode';
  headers['content-length'] = String(bytes);
  return { method: init.method ?? 'POST', headers };
}

/** Resolves with the response's head. A kept connection that the server has just closed is tried anew, once. */
async function send(send: Sending): Promise<IncomingMessage> {
  try {
    return await sendOnce(send);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    return sendOnce(send);
  }
}

type Sending = { endpoint: Endpoint; url: URL; options: RequestOptions; body: string; signal: AbortSignal };

class StaleConnection extends Error {}

function sendOnce({ endpoint, url, options, body, signal }: Sending): Promise<IncomingMessage> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const request = startRequest(endpoint, url, options);
    request.setNoDelay(true);
    const cancel = () => request.destroy(new DOMException('The call is over.', 'AbortError'));
    signal.addEventListener('abort', cancel, { once: true });
    request.on('response', (response) => {
      // Node's own `signal` option destroys the request, whose socket may then have no owner: its error is unhandled.
      signal.removeEventListener('abort', cancel);
      signal.addEventListener('abort', () => response.destroy(), { once: true });
      // The stream may have no reader when the connection breaks or is closed.
      response.on('error', () => {});
      resolve(response);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const stale = request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
      reject(stale ? new StaleConnection(error.message, { cause: error }) : error);
    });
    request.end(body);
  });
}

function headersOf(response: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  return headers;
}

/** A stream of events is passed on as it comes. Any other answer is read to its end first, to explain the failure. */
async function answerOf(
  { format }: Endpoint,
  exchange: Exchange,
  rest: AsyncIterator<Uint8Array>,
  whole: Promise<void>,
): Promise<Response> {
  const status = exchange.status ?? 0;
  const good = status >= 200 && status < 300;
  // The web's Response takes only the statuses that may have a body. SDKs need no more than whether the call went well: a
  // failure is told from the exchange, which has the status as it came.
  const isLegal = status >= 300 && status <= 599 && status !== 304;
  if (good) {
    const opened = await openEvents(rest, format, exchange);
    if (opened.type === 'events')
      return new Response(bodyOf(opened.events[Symbol.asyncIterator](), whole), { headers: eventHeaders });
    exchange.body = opened.text;
    throw opened.text === ''
      ? new NoAnswer('the answer is empty')
      : new TypeError('the answer is no answer of a model');
  }
  const pieces: Uint8Array[] = [];
  for (let bytes = 0; bytes < errorBytesMax; bytes += pieces.at(-1)?.length ?? 0) {
    const { done, value } = await rest.next();
    if (done) break;
    pieces.push(value);
    // Even a part of an error page helps to explain the failure.
    exchange.body = Buffer.concat(pieces).toString('utf8');
  }
  return new Response(exchange.body, { status: isLegal ? status : 599, headers: exchange.headers });
}

/** The SDKs read the events of `openEvents`, so the type that the vendor gave does not count. */
const eventHeaders = { 'content-type': 'text/event-stream' };

/**
 * The body as a stream that an SDK may stop reading. That does not close the connection: the transport reads the rest, so
 * that the connection can serve the next call, or closes it. A server that leaves an answer open after its end is not
 * waited for.
 */
function bodyOf(events: AsyncIterator<string>, whole: Promise<void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const ended = { done: true, value: undefined } as const;
  const late = Promise.withResolvers<typeof ended>();
  let timer: NodeJS.Timeout | undefined;
  let isWhole = false;
  void whole.then(() => {
    isWhole = true;
    timer = setTimeout(() => late.resolve(ended), countsMs);
    timer.unref();
  });
  return new ReadableStream(
    {
      async pull(controller) {
        // A connection that breaks after the end of an answer takes nothing from it.
        const next = events.next().catch((error: unknown) => (isWhole ? ended : Promise.reject(error)));
        const { done, value } = await Promise.race([next, late.promise]);
        if (done) {
          clearTimeout(timer);
          controller.close();
        } else controller.enqueue(encoder.encode(value));
      },
      cancel: () => clearTimeout(timer),
    },
    // Nothing is read ahead: the deadlines count from what the format has asked for.
    { highWaterMark: 0 },
  );
}

async function* chunks(exchange: Exchange, response: IncomingMessage): AsyncGenerator<Uint8Array> {
  let answerBytes = 0;
  try {
    for await (const chunk of decoded(response, response.headers['content-encoding'])) {
      answerBytes += chunk.length;
      if (answerBytes > answerBytesMax) throw new AnswerTooLong(`more than ${answerBytesMax / 1024 ** 2} MB`);
      yield chunk;
    }
  } catch (error) {
    exchange.broken ??= error as Error;
    throw error;
  }
}
