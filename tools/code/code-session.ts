import { statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import * as z from 'zod/mini';
import type { ToolContext } from '../contracts/tool.ts';
import { type SourceFiles, sourceFiles } from '../files/source-files.ts';
import { offsetAt, positionAt } from '../files/text-file.ts';
import { fromUri, type LanguageServer, languageServer, toUri, typescriptServer } from './language-server.ts';
import { isRefusal } from './lsp-connection.ts';
import { wholeProject } from './whole-project.ts';
import { sourceOfBuilt, type WorkspacePackage } from './workspace-packages.ts';

/**
 * Questions about the workspace's code, asked and answered in workspace paths and text offsets.
 *
 * `whole`: the server sees one project over all files; `own`: the repository's own configuration (for diagnostics).
 * A session is good for one call of a tool; the server behind it stays warm.
 */
export type CodePosition = { path: string; offset: number };
export type PlaceEdit = CodePosition & { end: number; text: string };
/** A declared name with what it is declared in; `kind` as the Language Server Protocol numbers it. */
export type NamedPlace = CodePosition & { name: string; kind: number; above: NamedPlace | undefined };
export type CodeSession = {
  server: LanguageServer;
  files: SourceFiles;
  /** Where the identifier at the place is declared. Empty: the server cannot tell. */
  definitions(place: CodePosition): Promise<CodePosition[]>;
  references(place: CodePosition): Promise<CodePosition[]>;
  /** Empty when there is nothing to rename at the place. */
  rename(place: CodePosition, to: string): Promise<PlaceEdit[]>;
  /** Everything that a file declares. */
  symbols(path: string): Promise<NamedPlace[]>;
  /** Packages of the workspace, and the source files that others import them by. */
  packages: readonly WorkspacePackage[];
  /** The workspace file that an import in `from` leads to; undefined: none. */
  resolveImport(from: string, specifier: string): string | undefined;
  /** The source of a file that is not there because it is built (`../dist/index.js`); undefined: not known. */
  builtFrom(from: string, specifier: string): string | undefined;
};
export type View = 'whole' | 'own';

/** The texts that one server was shown and the disk state it has seen, kept for its life. */
type Seen = { view: View | undefined; shown: Map<string, string>; stamps: Map<string, string> };
const seenBy = new WeakMap<LanguageServer, Seen>();

export async function codeSession(context: ToolContext, view: View): Promise<CodeSession> {
  const [server, files] = await Promise.all([
    languageServer(context, 'typescript', typescriptServer()),
    sourceFiles(context),
  ]);
  const seen: Seen = seenBy.get(server) ?? { view: undefined, shown: new Map(), stamps: new Map() };
  seenBy.set(server, seen);
  server.filesChanged(changedSince(seen, context.workspace, files.list));
  const project = await wholeProject(context, files);
  setView(server, seen, view, view === 'whole' ? project.texts : {});
  const resolveImport = project.resolver.resolve;
  const sources = new Set(files.list);
  const builtFrom = (from: string, specifier: string) =>
    resolveImport(from, specifier) === undefined
      ? sourceOfBuilt(project.packages, sources, from, specifier)
      : undefined;
  const known = { packages: project.packages, resolveImport, builtFrom };
  return { server, files, ...known, ...questions(context.workspace, server, files) };
}

/** Commands change files too, so the news to the server comes from the disk and not from our own changes. */
function changedSince(seen: Seen, workspace: string, list: readonly string[]): string[] {
  const first = seen.view === undefined;
  const stamps = new Map<string, string>();
  for (const path of list) {
    const status = statSync(join(workspace, path), { throwIfNoEntry: false });
    if (status) stamps.set(path, `${status.mtimeMs} ${status.size} ${status.ino}`);
  }
  const changed = [...stamps].filter(([path, stamp]) => seen.stamps.get(path) !== stamp).map(([path]) => path);
  for (const path of seen.stamps.keys()) if (!stamps.has(path)) changed.push(path);
  seen.stamps = stamps;
  return first ? [] : changed.map((path) => join(workspace, path));
}

function setView(server: LanguageServer, seen: Seen, view: View, texts: Record<string, string>): void {
  const wanted = new Map(Object.entries(texts));
  const changed: string[] = [];
  for (const path of [...seen.shown.keys()]) {
    if (wanted.has(path)) continue;
    server.hide(path);
    seen.shown.delete(path);
    changed.push(path);
  }
  for (const [path, text] of wanted) {
    if (seen.shown.get(path) === text) continue;
    server.show(path, 'json', text);
    seen.shown.set(path, text);
    changed.push(path);
  }
  if (seen.view !== undefined) server.filesChanged(changed);
  seen.view = view;
}

const position = z.object({ line: z.number(), character: z.number() });
const range = z.object({ start: position, end: position });
const link = z.union([
  z.object({ targetUri: z.string(), targetSelectionRange: range }),
  z.object({ uri: z.string(), range }),
]);
const locations = z.nullish(z.union([z.array(link), link]));
const textEdits = z.array(z.object({ range, newText: z.string() }));
const workspaceEdit = z.nullish(
  z.object({
    changes: z.optional(z.record(z.string(), textEdits)),
    documentChanges: z.optional(
      z.array(z.object({ textDocument: z.optional(z.object({ uri: z.string() })), edits: z.optional(textEdits) })),
    ),
  }),
);

type Symbols = { name: string; kind: number; selectionRange: z.infer<typeof range>; children?: Symbols | undefined }[];
const symbols: z.ZodMiniType<Symbols> = z.array(
  z.object({ name: z.string(), kind: z.number(), selectionRange: range, children: z.optional(z.lazy(() => symbols)) }),
);

/** The questions of a session, for any language's server. */
export function questions(
  workspace: string,
  server: LanguageServer,
  files: Pick<SourceFiles, 'read'>,
): Pick<CodeSession, 'definitions' | 'references' | 'rename' | 'symbols'> {
  const at = ({ path, offset }: CodePosition) => {
    const file = files.read(path);
    const where = file ? positionAt(file, offset) : { line: 0, character: 0 };
    return { textDocument: { uri: toUri(join(workspace, path)) }, position: where };
  };
  const flat = (path: string, list: Symbols, above?: NamedPlace): NamedPlace[] =>
    list.flatMap(({ name, kind, selectionRange, children }) => {
      const file = files.read(path);
      const place = { path, offset: file ? offsetAt(file, selectionRange.start) : 0, name, kind, above };
      return [place, ...flat(path, children ?? [], place)];
    });
  const places = (answer: unknown): CodePosition[] =>
    [locations.parse(answer) ?? []].flat().flatMap((found) => {
      const [uri, where] = 'uri' in found ? [found.uri, found.range] : [found.targetUri, found.targetSelectionRange];
      const path = workspacePath(workspace, uri);
      const file = path === undefined ? undefined : files.read(path);
      // A place outside the workspace (a library) still says that the identifier means something else.
      if (path === undefined || file === undefined) return [{ path: fromUri(uri), offset: -1 }];
      return [{ path, offset: offsetAt(file, where.start) }];
    });
  return {
    definitions: async (place) => places(await server.request('textDocument/definition', at(place))),
    references: async (place) =>
      places(await server.request('textDocument/references', { ...at(place), context: { includeDeclaration: true } })),
    async symbols(path) {
      const { textDocument } = at({ path, offset: 0 });
      const answer = await server.request('textDocument/documentSymbol', { textDocument });
      return flat(path, z.nullish(symbols).parse(answer) ?? []);
    },
    async rename(place, newName) {
      const answer = workspaceEdit.parse(await renameAnswer(server, { ...at(place), newName }));
      const documents = (answer?.documentChanges ?? []).flatMap(({ textDocument, edits }) =>
        textDocument && edits ? [[textDocument.uri, edits] as const] : [],
      );
      return [...Object.entries(answer?.changes ?? {}), ...documents].flatMap(([uri, edits]) => {
        const path = workspacePath(workspace, uri);
        const file = path === undefined ? undefined : files.read(path);
        if (path === undefined || file === undefined) return [];
        return edits.map((edit) => ({
          path,
          offset: offsetAt(file, edit.range.start),
          end: offsetAt(file, edit.range.end),
          text: edit.newText,
        }));
      });
    },
  };
}

/** The place that a person or a model names, line and column from 1; undefined when there is no such line. */
export function placeIn(
  session: CodeSession,
  { path, line, column }: { path: string; line: number; column: number },
): CodePosition | undefined {
  const file = session.files.read(path);
  if (file === undefined || file.lines[line - 1] === undefined) return undefined;
  return { path, offset: offsetAt(file, { line: line - 1, character: column - 1 }) };
}

/** A server says no where there is nothing to rename: a keyword, a declaration in a library. */
async function renameAnswer(server: LanguageServer, params: object): Promise<unknown> {
  try {
    return await server.request('textDocument/rename', params);
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

/** Relative POSIX path; undefined outside the workspace. */
export function workspacePath(workspace: string, uri: string): string | undefined {
  const path = relative(workspace, fromUri(uri)).split(sep).join('/');
  return path.startsWith('../') || path.startsWith('/') ? undefined : path;
}
