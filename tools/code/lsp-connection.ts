import type { Readable, Writable } from 'node:stream';
import {
  CancellationTokenSource,
  createMessageConnection,
  type MessageWriter,
  NullLogger,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import * as z from 'zod/mini';
import { Fault } from '../../ipc/fault.ts';

/**
 * A JSON-RPC connection to a language server over a pair of byte streams. vscode-jsonrpc speaks the protocol; deadlines, the
 * size cap and the faults are ours.
 *
 * `request` rejects with a `tool_failed` Fault when the server refuses or a deadline passes, and with `process_failed` when
 * the connection is closed. Answers come unchecked; the caller parses them with zod.
 */
export type Connection = {
  /** `params` null: the request has none. */
  request(method: string, params: object | null, deadlineMs?: number): Promise<unknown>;
  notify(method: string, params: object | null): void;
  /** Rejects every open request with the reason. Safe to call twice. */
  close(reason: string): void;
};

type OnNotice = (method: string, params: unknown) => void;

/**
 * A first answer loads and checks a whole project: 0.4 s for 2,000 files, and more than a minute for a thousand files of
 * computed types on a machine with other work. A person who left a run alone loses it to a deadline that is too short.
 */
export const requestDeadlineMs = 300_000;
/** A message beyond this is a broken server: a rename of 100,000 sites stays below 20 MB. */
const messageBytesMax = 256 * 1024 * 1024;

/**
 * `onClose` is called once, when either end of the connection is first seen to close, before any request is rejected.
 * `onNotice` hears the server's notifications and must not throw.
 */
export function connect(output: Readable, input: Writable, onClose: () => void, onNotice?: OnNotice): Connection {
  let pendingBytes = 0;
  let closedBecause: string | undefined;
  const openRequests = new Set<(fault: Fault) => void>();
  const reader = new StreamMessageReader(output);
  // The reader's timer for unfinished messages outlives a disposed connection, and we set the deadlines ourselves.
  reader.partialMessageTimeout = 0;
  const rpc = createMessageConnection(
    reader,
    writerTo(input, (reason) => close(reason)),
    NullLogger,
    {
      messageStrategy: {
        handleMessage(message, next) {
          pendingBytes = 0;
          next(message);
        },
      },
    },
  );
  const gone = () => new Fault('process_failed', `The language server is gone: ${closedBecause}.`);
  const close = (reason: string) => {
    if (closedBecause !== undefined) return;
    closedBecause = reason;
    onClose();
    for (const reject of openRequests) reject(gone());
    rpc.dispose();
  };
  output.on('data', (chunk: Buffer) => {
    pendingBytes += chunk.length;
    if (pendingBytes > messageBytesMax) close('it sent a message that is too large');
  });
  input.on('error', (error) => close(error.message));
  rpc.onError(([error]) => close(error.message));
  rpc.onClose(() => close('its connection ended'));
  rpc.onRequest(answerServer);
  rpc.onNotification(onNotice ?? (() => {}));
  rpc.listen();

  return {
    async request(method, params, deadlineMs = requestDeadlineMs) {
      if (closedBecause !== undefined) throw gone();
      const cancelling = new CancellationTokenSource();
      const ended = Promise.withResolvers<never>();
      openRequests.add(ended.reject);
      const timer = setTimeout(() => {
        cancelling.cancel();
        ended.reject(new Fault('tool_failed', `The language server did not answer ${method} within ${deadlineMs} ms.`));
      }, deadlineMs);
      const answer = params
        ? rpc.sendRequest<unknown>(method, params, cancelling.token)
        : rpc.sendRequest<unknown>(method, cancelling.token);
      const settled = answer.catch((error: Error) => {
        throw closedBecause === undefined ? refusal(method, error.message) : gone();
      });
      try {
        return await Promise.race([settled, ended.promise]);
      } finally {
        clearTimeout(timer);
        openRequests.delete(ended.reject);
        cancelling.dispose();
      }
    },
    notify(method, params) {
      if (closedBecause !== undefined) return;
      void (params ? rpc.sendNotification(method, params) : rpc.sendNotification(method));
    },
    close,
  };
}

/** A failed write ends the connection. The library itself would leave some of these rejections unhandled. */
function writerTo(stream: Writable, close: (reason: string) => void): MessageWriter {
  const writer = new StreamMessageWriter(stream);
  return {
    onError: writer.onError,
    onClose: writer.onClose,
    write: (message) => writer.write(message).catch((error: Error) => close(error.message)),
    end: () => writer.end(),
    dispose: () => writer.dispose(),
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
 * The answers to a server's requests. It reads configuration section by section: we leave its defaults, but switch off
 * the packages that TypeScript's server would fetch with `npm install`, under the setting's new name and its old one.
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
