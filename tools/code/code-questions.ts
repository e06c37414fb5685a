import { join, relative, sep } from 'node:path';
import * as z from 'zod/mini';
import type { SourceFiles } from '../files/source-files.ts';
import { offsetAt, positionAt, type TextFile } from '../files/text-file.ts';
import { fromUri, type LanguageServer, toUri } from './language-server.ts';
import { isRefusal } from './lsp-connection.ts';

/** Questions to a language server, asked and answered in workspace paths and text offsets. */
export type CodePosition = { path: string; offset: number };
export type PlaceEdit = CodePosition & { end: number; text: string };
/** A declared name with what it is declared in; `kind` as the Language Server Protocol numbers it. */
export type NamedPlace = CodePosition & { name: string; kind: number; above: NamedPlace | undefined };
export type Questions = {
  /** Where the identifier at the place is declared. Empty: the server cannot tell. */
  definitions(place: CodePosition): Promise<CodePosition[]>;
  references(place: CodePosition): Promise<CodePosition[]>;
  /** Empty when there is nothing to rename at the place. */
  rename(place: CodePosition, to: string): Promise<PlaceEdit[]>;
  /** Everything that a file declares. */
  symbols(path: string): Promise<NamedPlace[]>;
  /** The text that an editor shows for the place, such as its type; '' for none. */
  hover(place: CodePosition): Promise<string>;
  /** The errors of a file. */
  problems(path: string): Promise<Problem[]>;
};
export type Problem = CodePosition & { end: number; code: number; message: string };
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

const hovered = z.object({ contents: z.union([z.string(), z.object({ value: z.string() })]) });
/** A language server's answer to textDocument/diagnostic. */
export const diagnostics = z.object({
  items: z.optional(
    z.array(
      z.object({
        severity: z.optional(z.number()),
        code: z.optional(z.union([z.number(), z.string()])),
        message: z.string(),
        range,
      }),
    ),
  ),
});
type Symbols = { name: string; kind: number; selectionRange: z.infer<typeof range>; children?: Symbols | undefined }[];
const symbols: z.ZodMiniType<Symbols> = z.array(
  z.object({ name: z.string(), kind: z.number(), selectionRange: range, children: z.optional(z.lazy(() => symbols)) }),
);

/** The questions of a session, for any language's server. */
export function questions(
  workspace: string,
  server: LanguageServer,
  files: Pick<SourceFiles, 'read'>,
  toServer: (path: string) => string = (path) => path,
): Questions {
  const at = ({ path, offset }: CodePosition) => {
    const file = files.read(path);
    const where = file ? positionAt(file, offset) : { line: 0, character: 0 };
    return { textDocument: { uri: toUri(join(workspace, toServer(path))) }, position: where };
  };
  const pathOf = (uri: string): string | undefined => {
    const path = workspacePath(workspace, uri);
    const outer = path === undefined ? undefined : /^(.*\.(?:vue|svelte|astro|mdx))\.[jt]sx?$/.exec(path)?.[1];
    return outer !== undefined && toServer(outer) === path ? outer : path;
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
      const path = pathOf(uri);
      const file = path === undefined ? undefined : files.read(path);
      // A place outside the workspace (a library) still says that the identifier means something else.
      if (path === undefined || file === undefined) return [{ path: fromUri(uri), offset: -1 }];
      return [{ path, offset: offsetAt(file, where.start) }];
    });
  return {
    definitions: async (place) => places(await server.request('textDocument/definition', at(place))),
    references: async (place) =>
      places(await server.request('textDocument/references', { ...at(place), context: { includeDeclaration: true } })),
    async hover(place) {
      const answer = hovered.safeParse(await server.request('textDocument/hover', at(place)));
      const contents = answer.data?.contents;
      return typeof contents === 'string' ? contents : (contents?.value ?? '');
    },
    async problems(path) {
      const { textDocument } = at({ path, offset: 0 });
      return problemsIn(await server.request('textDocument/diagnostic', { textDocument }), files.read(path));
    },
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
        const path = pathOf(uri);
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

function problemsIn(answer: unknown, file: TextFile | undefined): Problem[] {
  const error = 1;
  return (diagnostics.safeParse(answer).data?.items ?? []).flatMap(({ range, severity = error, code, message }) => {
    if (file === undefined || severity !== error) return [];
    const [offset, end] = [offsetAt(file, range.start), offsetAt(file, range.end)];
    return [{ path: file.path, offset, end, code: Number(code), message }];
  });
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
