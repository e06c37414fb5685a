import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as z from 'zod/mini';
import type { ToolContext } from '../contracts/tool.ts';
import { type Connection, connect } from './lsp-connection.ts';
import { type Notices, notices } from './server-notices.ts';

/**
 * Language servers of one hands process: started at the first question, kept warm, ended with the hands.
 *
 * A document is *shown* to the server only to give it a text that is not on disk; otherwise the server reads the disk.
 */
export type LanguageServer = {
  request(method: string, params: object): Promise<unknown>;
  /** Gives the server a text for a path, in place of the disk's. Again to replace it. */
  show(path: string, languageId: string, text: string): void;
  /** Back to the disk's text. */
  hide(path: string): void;
  /** The server's own messages: errors of shown documents, and whether it has read the project. */
  notices: Pick<Notices, 'published' | 'settled'>;
  /** Absolute paths that were created, changed or deleted on disk since the server looked. */
  filesChanged(paths: readonly string[]): void;
  stop(): Promise<void>;
};

/** A server that has been asked to leave and is still there after this is killed. */
const stopDeadlineMs = 500;
const initializeDeadlineMs = 20_000;

const running = new Map<string, Promise<LanguageServer>>();

/** Tells every running server which files (absolute paths) changed on disk. To be called after changes are applied. */
export async function filesChanged(paths: readonly string[]): Promise<void> {
  for (const server of await Promise.allSettled(running.values())) {
    if (server.status === 'fulfilled') server.value.filesChanged(paths);
  }
}

/**
 * The server for one kind of use, started when it is first wanted. `key` keeps two servers of one program apart (the
 * workspace as it is, and the same with another configuration). Rejects with a `tool_failed` Fault, or with
 * `process_failed` when it has ended.
 */
export async function languageServer(context: ToolContext, key: string, argv: string[]): Promise<LanguageServer> {
  const name = `${context.workspace}\0${key}`;
  const known = running.get(name);
  if (known) return known;
  // Do not remove a new server that has taken its place meanwhile.
  const forget = () => {
    if (running.get(name) === starting) running.delete(name);
  };
  const starting: Promise<LanguageServer> = start(context, argv, forget);
  running.set(name, starting);
  starting.then((server) => context.onStop(() => server.stop()), forget);
  return starting;
}

/** The server inside TypeScript 7: its native program, started directly because the wrapper would keep a Node alive. */
export function typescriptServer(): string[] {
  const require = createRequire(import.meta.url);
  const typescript = createRequire(require.resolve('typescript/package.json'));
  const native = typescript.resolve(`@typescript/typescript-${process.platform}-${process.arch}/package.json`);
  return [join(dirname(native), 'lib', 'tsc'), '--lsp', '--stdio'];
}

export const toUri = (path: string): string => pathToFileURL(path).href;
export const fromUri = (uri: string): string => (uri.startsWith('file:') ? fileURLToPath(uri) : uri);

async function start(context: ToolContext, argv: string[], ended: () => void): Promise<LanguageServer> {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, { cwd: context.workspace, stdio: ['pipe', 'pipe', 'ignore'] });
  // If either end closes the connection, the server is gone: the next question must not reach a server that is ending.
  const heard = notices();
  const onClose = () => {
    ended();
    heard.close();
    child.kill('SIGKILL');
  };
  const connection = connect(child.stdout, child.stdin, onClose, heard.take);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      connection.close(`${program} ended (${signal ?? code})`);
      resolve();
    });
    child.once('error', (error) => {
      connection.close(error.message);
      resolve();
    });
  });
  const stop = async () => {
    ended();
    const killer = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
    // A server that cannot answer any more is killed by the timer, so its refusal says nothing new.
    await connection.request('shutdown', null, stopDeadlineMs).catch(() => undefined);
    connection.notify('exit', null);
    child.stdin.end();
    await exited;
    clearTimeout(killer);
  };
  await initialize(connection, context.workspace).catch((error: Error) => {
    connection.close(error.message);
    throw error;
  });
  const request: LanguageServer['request'] = (method, params) => connection.request(method, params);
  return { ...documents(connection, heard), notices: heard, request, stop };
}

async function initialize(connection: Connection, workspace: string): Promise<void> {
  const rootUri = toUri(workspace);
  const params = {
    processId: process.pid,
    rootUri,
    workspaceFolders: [{ uri: rootUri, name: 'workspace' }],
    capabilities: {
      workspace: {
        configuration: true,
        didChangeWatchedFiles: { dynamicRegistration: true, relativePatternSupport: true },
        fileOperations: { willRename: true },
      },
      textDocument: {
        definition: { linkSupport: true },
        documentSymbol: { hierarchicalDocumentSymbolSupport: true },
        rename: { prepareSupport: true },
        diagnostic: {},
        publishDiagnostics: { versionSupport: true },
      },
      // rust-analyzer answers from half a project until it has said that it is quiet.
      experimental: { serverStatusNotification: true },
    },
  };
  const answer = await connection.request('initialize', params, initializeDeadlineMs);
  z.object({ capabilities: z.unknown() }).parse(answer);
  connection.notify('initialized', {});
}

function documents(connection: Connection, heard: Notices): Pick<LanguageServer, 'show' | 'hide' | 'filesChanged'> {
  const versions = new Map<string, number>();
  const changed = 2;
  return {
    show(path, languageId, text) {
      const uri = toUri(path);
      const version = versions.get(path);
      versions.set(path, (version ?? 0) + 1);
      heard.shown(uri, (version ?? 0) + 1);
      if (version === undefined) {
        connection.notify('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } });
      } else {
        const textDocument = { uri, version: version + 1 };
        connection.notify('textDocument/didChange', { textDocument, contentChanges: [{ text }] });
      }
    },
    hide(path) {
      if (!versions.delete(path)) return;
      connection.notify('textDocument/didClose', { textDocument: { uri: toUri(path) } });
    },
    filesChanged(paths) {
      const changes = paths.flatMap((path) => [{ uri: toUri(path), type: changed }]);
      if (changes.length > 0) connection.notify('workspace/didChangeWatchedFiles', { changes });
    },
  };
}
