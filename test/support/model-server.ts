import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WireFormat } from '../../ipc/model.ts';
import { type Answer, eventsOf } from './model-wire.ts';

/**
 * A model vendor on loopback that says what a script tells it to, in whichever of the four formats it is asked.
 *
 *     const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
 *     … ask it at server.baseUrl(format) …
 *     server.requests   // everything that was asked
 *     await server.stop();
 */
export type ModelServer = {
  /** `http://127.0.0.1:port`, without a path. */
  url: string;
  /** All requests so far, oldest first. */
  requests: Received[];
  /** The base URL under which a format is served. */
  baseUrl(format: WireFormat): string;
  /** Answers otherwise from the next request on. */
  answerWith(script: Script): void;
  stop(): Promise<void>;
};

export type Received = {
  /** 0 for the first. */
  number: number;
  format: WireFormat;
  path: string;
  /** The client's port: the same for requests on one connection. */
  port: number | undefined;
  headers: IncomingHttpHeaders;
  /** The body as it came, and as parsed JSON. */
  text: string;
  body: Record<string, unknown>;
  /** How it ended for the server: null while it is being answered. */
  ended: 'answered' | 'gone' | null;
};

export type Script = (request: Received) => Reply | Promise<Reply>;

/** One answer. Only what differs from a plain 200 with a stream needs to be said. */
export type Reply = {
  /** Default 200. */
  status?: number;
  headers?: Record<string, string>;
  /** Said as a stream of events in the format that was asked. */
  answer?: Answer;
  /** Changes the answer's events, or makes up others: see `Piece`. */
  pieces?: (events: string[]) => Piece[];
  /** Instead of a stream: text as it is, all else as JSON. */
  body?: unknown;
  /** Silence before the head, in milliseconds. */
  headDelayMs?: number;
  /** Silence before each event, in milliseconds. */
  eventDelayMs?: number;
};

/** Bytes as they go out (each a write of its own), silence, a broken connection, or silence for ever. */
export type Piece = string | Buffer | { silenceMs: number } | 'break' | 'hang';

/** With a key and a certificate (PEM) it speaks https, as `localhost`. */
export async function startModelServer(
  script: Script,
  tls?: { key: string; cert: string },
  port = 0,
): Promise<ModelServer> {
  const requests: Received[] = [];
  let answer = script;
  const hear = async (incoming: IncomingMessage, response: ServerResponse) => {
    // A client may be gone before its request was read.
    let closed: 'answered' | 'gone' | null = null;
    response.on('close', () => {
      closed = response.writableFinished ? 'answered' : 'gone';
      if (received) received.ended = closed;
    });
    let received: Received | undefined;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const path = incoming.url ?? '/';
    const format = formatOf(path);
    received = {
      number: requests.length,
      format,
      path,
      port: incoming.socket.remotePort,
      headers: incoming.headers,
      text,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
      ended: closed,
    };
    requests.push(received);
    await reply(response, format, await answer(received));
  };
  const server = tls ? createTlsServer(tls, hear) : createServer(hear);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    baseUrl: (format) => `${url}/${format === 'gemini' ? 'v1beta' : 'v1'}`,
    answerWith(next) {
      answer = next;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function formatOf(path: string): WireFormat {
  if (path.includes(':streamGenerateContent')) return 'gemini';
  if (path.includes('/messages')) return 'anthropic';
  return path.includes('/responses') ? 'openai-responses' : 'openai-chat';
}

async function reply(response: ServerResponse, format: WireFormat, wanted: Reply): Promise<void> {
  await pause(wanted.headDelayMs);
  if (response.destroyed) return;
  const status = wanted.status ?? 200;
  if (wanted.body !== undefined) {
    const isText = typeof wanted.body === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...wanted.headers });
    response.end(isText ? wanted.body : JSON.stringify(wanted.body));
    return;
  }
  response.writeHead(status, { 'content-type': 'text/event-stream', ...wanted.headers });
  response.flushHeaders();
  const events = eventsOf(format, wanted.answer ?? {});
  for (const piece of wanted.pieces?.(events) ?? events) {
    if (response.destroyed || piece === 'hang') return;
    if (piece === 'break') return void response.destroy();
    if (typeof piece === 'object' && 'silenceMs' in piece) {
      await sleep(piece.silenceMs);
      continue;
    }
    await pause(wanted.eventDelayMs);
    response.write(piece);
    // Each piece leaves as a packet of its own.
    if (wanted.pieces) await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}

/** Without a turn of the event loop where there is nothing to wait for: benches measure against this server. */
async function pause(ms: number | undefined): Promise<void> {
  if (ms !== undefined && ms > 0) await sleep(ms);
}
