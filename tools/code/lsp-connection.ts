import type { Readable, Writable } from 'node:stream';
import * as z from 'zod/mini';
import { Fault } from '../../ipc/fault.ts';

/**
 * One JSON-RPC line to a language server over a pair of byte streams (LSP base protocol: `Content-Length` framing).
 *
 * `request` rejects with a `tool_failed` Fault: the server's own error or a passed deadline; and with `process_failed` when
 * the line is closed. Answers are handed over unparsed; the caller checks them with zod.
 */
export type Connection = {
  request(method: string, params: unknown, deadlineMs?: number): Promise<unknown>;
  notify(method: string, params: unknown): void;
  /** Ends every open request with the reason. Safe to call twice. */
  close(reason: string): void;
};

/** A first answer loads and checks a whole project: 0.4 s for 2,000 files, so a minute is a very large one. */
export const requestDeadlineMs = 60_000;
/** A message beyond this is a broken server: a rename of 100,000 sites stays below 20 MB. */
const messageBytesMax = 256 * 1024 * 1024;

const incoming = z.object({
  id: z.optional(z.union([z.number(), z.string(), z.null()])),
  method: z.optional(z.string()),
  params: z.optional(z.unknown()),
  result: z.optional(z.unknown()),
  error: z.optional(z.object({ code: z.number(), message: z.string() })),
});
type Incoming = z.infer<typeof incoming>;
type Waiting = { settle: (answer: Incoming) => void; fail: (fault: Fault) => void; timer: NodeJS.Timeout };

/** `onClose` is called once, at whatever end of the line it is seen first, before any request hears of it. */
export function connect(output: Readable, input: Writable, onClose: () => void): Connection {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let closedBecause: string | undefined;

  const send = (message: object) => {
    if (closedBecause !== undefined || !input.writable) return;
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    input.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  };
  const close = (reason: string) => {
    if (closedBecause !== undefined) return;
    closedBecause = reason;
    onClose();
    for (const { fail, timer } of waiting.values()) {
      clearTimeout(timer);
      fail(new Fault('process_failed', `The language server is gone: ${reason}.`));
    }
    waiting.clear();
  };
  const receive = (message: Incoming) => {
    if (message.method !== undefined) {
      if (message.id !== undefined) send({ id: message.id, result: answerServer(message.method, message.params) });
      return;
    }
    const open = typeof message.id === 'number' ? waiting.get(message.id) : undefined;
    if (open === undefined) return;
    waiting.delete(Number(message.id));
    clearTimeout(open.timer);
    open.settle(message);
  };
  input.on('error', (error) => close(error.message));
  output.on('close', () => close('its output ended'));
  output.on('data', frames(receive, close));

  return {
    request(method, params, deadlineMs = requestDeadlineMs) {
      if (closedBecause !== undefined) {
        return Promise.reject(new Fault('process_failed', `The language server is gone: ${closedBecause}.`));
      }
      const id = nextId++;
      return new Promise((resolve, fail) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          send({ method: '$/cancelRequest', params: { id } });
          fail(new Fault('tool_failed', `The language server did not answer ${method} within ${deadlineMs} ms.`));
        }, deadlineMs);
        const settle = ({ result, error }: Incoming) => {
          if (error === undefined) resolve(result);
          else fail(refusal(method, error.message));
        };
        waiting.set(id, { settle, fail, timer });
        send({ id, method, params });
      });
    },
    notify: (method, params) => send({ method, params }),
    close,
  };
}

/** The server's own "no" to a request, as against its absence. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Fault && error.details.refused === true;
}

function refusal(method: string, reason: string): Fault {
  const details = { refused: true };
  return new Fault('tool_failed', `The language server refused ${method}: ${reason}`, { details });
}

/**
 * What a server may ask of its client. It reads configuration section by section: nothing but its defaults, without the
 * packages that TypeScript's would have `npm install` fetch for a project, by their new name and the one before.
 */
function answerServer(method: string, params: unknown): unknown {
  if (method !== 'workspace/configuration') return null;
  const asked = z.object({ items: z.array(z.unknown()) }).safeParse(params);
  return asked.success ? asked.data.items.map(() => fetchNothing) : [];
}

const fetchNothing = {
  tsserver: { automaticTypeAcquisition: { enabled: false } },
  disableAutomaticTypeAcquisition: true,
};

/** Cuts the byte stream into messages. Chunks are joined only once a message is whole: a large answer has many. */
function frames(receive: (message: Incoming) => void, close: (reason: string) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let size = 0;
  let wanted = 0;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    while (size > 0 && size >= wanted) {
      const bytes = Buffer.concat(chunks);
      const header = bytes.indexOf('\r\n\r\n');
      const length = header < 0 ? undefined : /Content-Length: (\d+)/i.exec(bytes.toString('latin1', 0, header))?.[1];
      chunks = [bytes];
      if (header < 0) return;
      if (length === undefined || Number(length) > messageBytesMax) return close('it broke the protocol');
      const end = header + 4 + Number(length);
      wanted = end;
      if (size < end) return;
      const parsed = incoming.safeParse(parseJson(bytes.toString('utf8', header + 4, end)));
      chunks = [bytes.subarray(end)];
      size -= end;
      wanted = 0;
      if (parsed.success) receive(parsed.data);
    }
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not a message: the schema refuses undefined, and the request it may have answered runs into its deadline.
    return undefined;
  }
}
