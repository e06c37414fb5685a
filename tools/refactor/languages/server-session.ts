import { join } from 'node:path';
import { toFault } from '../../../ipc/fault.ts';
import { type CodePosition, diagnostics, type Questions, questions } from '../../code/code-questions.ts';
import { type LanguageServer, languageServer, toUri } from '../../code/language-server.ts';
import { isRefusal } from '../../code/lsp-connection.ts';
import type { ToolContext } from '../../contracts/tool.ts';
import { offsetAt, positionAt, readTextFile, type TextFile } from '../../files/text-file.ts';
import { findServer } from './find-server.ts';
import { knownServers, languageOf } from './languages.ts';
import { type Span, textSpans } from './text-kinds.ts';

/** An error or warning of a server, at its place in the text that the server was shown. */
export type ServerProblem = CodePosition & { end: number; rule: string; message: string };

/**
 * Questions to another language's server about files that it is shown. Many servers only answer about open documents, and
 * only these are complete without an index, so every file that matters is opened.
 */
export type ServerSession = Questions & {
  language: string;
  /** The program's name, for a person. */
  serverName: string;
  server: LanguageServer;
  /** The open files, by path. */
  files: ReadonlyMap<string, TextFile>;
  /** Opens further files; those that cannot be read are left out. */
  open(paths: readonly string[]): void;
  read(path: string): TextFile | undefined;
  /** Comments and strings of a file. */
  spans(file: TextFile): Span[];
  /** Shows another text for an open file; undefined: its own again. */
  show(path: string, text: string | undefined): void;
  /** Questions about files as they are shown with other texts. */
  about(files: ReadonlyMap<string, TextFile>): Questions;
  /** Errors and warnings of open files, as they are shown; undefined for one about which the server says nothing. */
  told(
    paths: readonly string[],
    files?: ReadonlyMap<string, TextFile>,
  ): Promise<Map<string, ServerProblem[] | undefined>>;
  /** The server's reason for refusing a rename; '' when it gives none. */
  whyNot(place: CodePosition, to: string): Promise<string>;
  close(): void;
};

/** A project is read within this time, or the rename is not proved. */
const settleDeadlineMs = 60_000;
/** Diagnostics that a server sends by itself come within this time. */
const publishDeadlineMs = 20_000;

/** A text instead of a session says why there is no server. */
export async function serverSession(
  context: ToolContext,
  language: string,
  paths: readonly string[],
): Promise<ServerSession | { missing: string }> {
  const found = findServer(context, language);
  if ('missing' in found) return found;
  const serverName = found.name;
  const key = language === 'c' ? 'cpp' : language;
  const started = await languageServer(context, key, found.argv).catch((error: unknown) => {
    // A wrapper without its program (rustup's) ends at once: no other start would help.
    if (toFault(error).code !== 'process_failed') throw error;
    return undefined;
  });
  if (started === undefined) {
    const how = knownServers[language]?.how;
    const advice = how === undefined ? '' : ` Get a working one with \`${how}\`.`;
    return { missing: `${serverName} was started for ${language} and ended at once.${advice}` };
  }
  const session = sessionOn(context, language, serverName, started);
  session.open(paths);
  await started.notices.settled(settleDeadlineMs);
  // clangd knows an open file for its other files once it has sent its diagnostics.
  const isRead = (path: string) => started.notices.published(toUri(join(context.workspace, path)), publishDeadlineMs);
  if (key === 'cpp') await Promise.all([...session.files.keys()].map(isRead));
  return session;
}

function sessionOn(
  { workspace, limits }: ToolContext,
  language: string,
  serverName: string,
  server: LanguageServer,
): ServerSession {
  const files = new Map<string, TextFile>();
  const spansOf = new WeakMap<TextFile, Span[]>();
  const absolute = (path: string) => join(workspace, path);
  const read = (path: string) => files.get(path) ?? readTextFile(absolute(path), path, limits.fileBytesMax);
  const idOf = (path: string) => languageOf(path) ?? language;
  const about = (others: ReadonlyMap<string, TextFile>): Questions => {
    const all = questions(workspace, server, { read: (path) => others.get(path) ?? read(path) });
    // gopls refuses to answer about a place where it sees no identifier.
    return { ...all, definitions: (place) => all.definitions(place).catch(noneIfRefused) };
  };
  const pull = pulling(server);
  return {
    ...{ language, serverName, server, files, read, about },
    ...about(files),
    open(paths) {
      for (const path of paths) {
        const file = files.has(path) ? undefined : read(path);
        if (file === undefined) continue;
        files.set(path, file);
        server.show(absolute(path), idOf(path), file.text);
      }
    },
    spans(file) {
      const known = spansOf.get(file) ?? textSpans(language, file.text);
      spansOf.set(file, known);
      return known;
    },
    show(path, text) {
      const own = files.get(path);
      if (own !== undefined) server.show(absolute(path), idOf(path), text ?? own.text);
    },
    async told(paths, others = files) {
      const result = new Map<string, ServerProblem[] | undefined>();
      for (const path of paths) {
        const file = others.get(path) ?? read(path);
        const answer = file === undefined ? undefined : await pull(toUri(absolute(path)));
        const list = diagnostics.safeParse(answer);
        result.set(
          path,
          file && answer !== undefined && list.success ? problemsIn(file, list.data.items ?? []) : undefined,
        );
      }
      return result;
    },
    async whyNot({ path, offset }, newName) {
      const file = read(path);
      if (file === undefined) return '';
      const params = { textDocument: { uri: toUri(absolute(path)) }, position: positionAt(file, offset), newName };
      const answer = await server.request('textDocument/rename', params).catch((error: unknown) => error);
      return isRefusal(answer) ? toFault(answer).message.replace(/^.*textDocument\/rename: /, '') : '';
    },
    close() {
      for (const path of files.keys()) server.hide(absolute(path));
    },
  };
}

function noneIfRefused(error: unknown): CodePosition[] {
  if (isRefusal(error)) return [];
  throw error;
}

/** Asks for a document's diagnostics, or waits for them where the server only sends them by itself. */
function pulling(server: LanguageServer): (uri: string) => Promise<unknown> {
  let sends = false;
  return async (uri) => {
    if (!sends) {
      try {
        const answer = await server.request('textDocument/diagnostic', { textDocument: { uri } });
        if (answer !== null) return answer;
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
      sends = true;
    }
    return server.notices.published(uri, publishDeadlineMs);
  };
}

type Item = { severity?: number | undefined; code?: string | number | undefined; message: string; range: Range };
type Range = { start: Place; end: Place };
type Place = { line: number; character: number };

/** Errors and warnings: a hint, such as "not used", says nothing about a rename. */
function problemsIn(file: TextFile, items: readonly Item[]): ServerProblem[] {
  const warning = 2;
  return items.flatMap(({ severity = 1, code, message, range }) => {
    if (severity > warning) return [];
    const [offset, end] = [offsetAt(file, range.start), offsetAt(file, range.end)];
    return [{ path: file.path, offset, end, rule: String(code ?? ''), message }];
  });
}
