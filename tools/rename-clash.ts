import { join } from 'node:path';
import * as z from 'zod/mini';
import { type CodeSession, type Place, questions } from './code-session.ts';
import type { Declaration } from './declarations.ts';
import { toUri } from './language-server.ts';
import { type Occurrence, placeAll, type RenamedSymbol } from './placement.ts';
import { keyOf, Targets } from './rename-targets.ts';
import type { SourceFiles } from './source-files.ts';
import { identifiers } from './syntax.ts';
import { editedText, placeText, type TextEdit, type TextFile, textFileOf } from './text-file.ts';

/**
 * Clash: a rename is safe exactly when it can be taken back. The renamed texts are shown to the server, and the new name
 * is renamed back there: if that reaches a place which was not changed, the place would be captured; if it misses one
 * that was, something else of that name captures it.
 *
 * Only asked when the new name is already in use as an identifier somewhere; otherwise nothing can clash.
 */
export type Rename = {
  workspace: string;
  symbol: RenamedSymbol;
  to: string;
  declarations: readonly Declaration[];
  edits: ReadonlyMap<string, readonly TextEdit[]>;
};

/** Places (`path:line:column what`) where the new name is taken, in the files as they are now. Empty: no clash. */
export async function clashes(session: CodeSession, rename: Rename): Promise<string[]> {
  const inUse = (await session.files.containing(rename.to)).filter((path) => {
    const file = session.files.read(path);
    return file !== undefined && identifiers(file, rename.to).size > 0;
  });
  if (inUse.length === 0) return [];
  const after = new Map<string, TextFile>();
  for (const [path, edits] of rename.edits) {
    const file = session.files.read(path)!;
    after.set(path, textFileOf(path, editedText(file.text, edits)));
  }
  for (const file of after.values())
    session.server.show(join(rename.workspace, file.path), languageId(file.path), file.text);
  try {
    return await compare(session, rename, after, inUse);
  } finally {
    for (const path of after.keys()) session.server.hide(join(rename.workspace, path));
  }
}

async function compare(
  session: CodeSession,
  rename: Rename,
  after: ReadonlyMap<string, TextFile>,
  inUse: readonly string[],
): Promise<string[]> {
  const files: SourceFiles = {
    ...session.files,
    containing: async () => [...new Set([...inUse, ...after.keys()])].sort(),
    read: (path) => after.get(path) ?? session.files.read(path),
  };
  const renamed: CodeSession = { ...session, files, ...questions(rename.workspace, session.server, files) };
  const back = new Targets(rename.to, rename.symbol.name);
  for (const { path, offset } of rename.declarations) {
    const place = { path, offset: moved(rename, path, offset) };
    for (const edit of await renamed.rename(place, rename.symbol.name)) back.addEdit(edit);
  }
  const placed = await placeAll(renamed, { ...rename.symbol, name: rename.to }, back);
  const changed = new Set<string>();
  for (const [path, edits] of rename.edits) {
    for (const { start, text } of edits) {
      const within = text.startsWith(rename.to) ? 0 : text.length - rename.to.length;
      changed.add(keyOf({ path, offset: moved(rename, path, start) + within }));
    }
  }
  const captured = placed.filter((place) => place.placement === 'target' && !changed.has(keyOf(place)));
  const lost = placed.filter((place) => place.placement !== 'target' && changed.has(keyOf(place)));
  const places = [...captured, ...(await capturers(renamed, lost))].map((place) => before(session, rename, place));
  return [...new Set([...places, ...(await duplicates(session, rename, inUse, after))])];
}

/** What took the places that a rename back no longer reaches. */
async function capturers(renamed: CodeSession, lost: readonly Occurrence[]): Promise<Place[]> {
  const found: Place[] = [];
  for (const place of lost) {
    const [declared] = await renamed.definitions(place);
    found.push(declared && declared.offset >= 0 ? declared : place);
  }
  return found;
}

const diagnostics = z.object({
  items: z.optional(
    z.array(
      z.object({
        code: z.optional(z.union([z.number(), z.string()])),
        message: z.string(),
        range: z.object({ start: z.object({ line: z.number(), character: z.number() }) }),
      }),
    ),
  ),
});
/** TypeScript's ways to say that a name is declared twice in one place. */
const duplicateCodes = new Set([2300, 2308, 2323, 2393, 2395, 2440, 2451, 2484, 2528, 2813]);

async function duplicates(
  session: CodeSession,
  rename: Rename,
  inUse: readonly string[],
  after: ReadonlyMap<string, TextFile>,
): Promise<string[]> {
  const found: string[] = [];
  const barrels = rename.symbol.isMember ? [] : await session.files.containing('export *');
  for (const path of new Set([...inUse.filter((one) => after.has(one)), ...barrels])) {
    const textDocument = { uri: toUri(join(rename.workspace, path)) };
    const answer = diagnostics.safeParse(await session.server.request('textDocument/diagnostic', { textDocument }));
    for (const { code, message, range } of answer.data?.items ?? []) {
      if (!duplicateCodes.has(Number(code)) || !message.includes(rename.to)) continue;
      found.push(`${path}:${range.start.line + 1}:${range.start.character + 1} ${rename.to} is declared here already`);
    }
  }
  return found;
}

/** Where an offset of the file before the rename lies after it. */
function moved(rename: Rename, path: string, offset: number): number {
  let result = offset;
  for (const { start, end, text } of rename.edits.get(path) ?? []) {
    if (end <= offset) result += text.length - (end - start);
  }
  return result;
}

function before(session: CodeSession, rename: Rename, { path, offset }: Place): string {
  const file = session.files.read(path);
  if (file === undefined) return path;
  let original = offset;
  for (const { start, end, text } of (rename.edits.get(path) ?? []).toSorted((a, b) => a.start - b.start)) {
    if (moved(rename, path, start) + text.length <= offset) original -= text.length - (end - start);
  }
  return `${placeText(file, original)} ${rename.to} is taken here`;
}

function languageId(path: string): string {
  const base = /\.[cm]?tsx?$/.test(path) ? 'typescript' : 'javascript';
  return path.endsWith('x') ? `${base}react` : base;
}
