import type { CodePosition, Questions } from '../code/code-questions.ts';
import type { CodeSession } from '../code/code-session.ts';
import type { Declaration } from '../code/declarations.ts';
import { isDotUse, wordOffsets } from '../code/syntax.ts';
import { editedText, placeText, type TextEdit, type TextFile, textFileOf } from '../files/text-file.ts';
import { fewAtOnce } from './few-at-once.ts';
import type { RenamedSymbol } from './rename-targets.ts';
import { keyOf, Targets } from './rename-targets.ts';

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
  const using = await session.files.containing(rename.to);
  const isUsed = (path: string) => wordOffsets(session.files.read(path)?.text ?? '', rename.to).length > 0;
  if (!using.some(isUsed)) return [];
  const after = new Map<string, TextFile>();
  for (const [path, edits] of rename.edits) {
    after.set(path, textFileOf(path, editedText(session.files.read(path)!.text, edits)));
  }
  // First as on the disk, then as renamed: a file opened with a new text makes the server look at the whole project anew,
  // at once and for each file; changes of opened ones wait for the next question.
  for (const shown of [session.files, { read: (path: string) => after.get(path) }]) {
    for (const path of after.keys()) session.show(path, shown.read(path)!.text);
  }
  try {
    const files = { read: (path: string) => after.get(path) ?? session.files.read(path) };
    const renamed = session.about(files);
    const reached = await reversed(renamed, rename, new Set(session.files.list));
    const edited = using.filter((path) => rename.edits.has(path) && isUsed(path) && mayDeclare(session, rename, path));
    const places = [...reached, ...(await duplicates(session, rename, edited, renamed))];
    return [...new Set(places.map((place) => before(session, rename, place)))];
  } finally {
    for (const path of after.keys()) session.show(path, undefined);
  }
}

/** Places that a rename back reaches and should not, and the declarations that captured places it fails to reach. */
async function reversed(
  renamed: Pick<CodeSession, 'definitions' | 'rename'>,
  rename: Rename,
  listed: ReadonlySet<string>,
): Promise<CodePosition[]> {
  const back = new Targets(rename.to, rename.symbol.name);
  for (const { path, offset } of rename.declarations) {
    const place = { path, offset: moved(rename, path, offset) };
    if (back.get(place)) continue;
    for (const edit of await renamed.rename(place, rename.symbol.name)) back.addEdit(edit);
  }
  const changed = changedPlaces(rename);
  const result = back
    .all()
    .map(({ place }) => place)
    .filter((place) => listed.has(place.path) && !changed.has(keyOf(place)));
  const missed = [...changed.values()].filter((place) => !back.get(place));
  await fewAtOnce(missed, async (place) => {
    const [declared] = await renamed.definitions(place);
    if (declared === undefined || changed.has(keyOf(declared))) return;
    result.push(declared.offset < 0 ? place : declared);
  });
  return result;
}

/** The places of the new name in the renamed texts, by key. */
function changedPlaces(rename: Rename): Map<string, CodePosition> {
  const changed = new Map<string, CodePosition>();
  for (const [path, edits] of rename.edits) {
    for (const { start, text } of edits) {
      const isFirst = text === rename.to || text.startsWith(`${rename.to}: `) || text.startsWith(`${rename.to} as `);
      const within = isFirst ? 0 : text.length - rename.to.length;
      const place = { path, offset: moved(rename, path, start) + within };
      changed.set(keyOf(place), place);
    }
  }
  return changed;
}

/** Whether a file may declare the new name after the rename: one that only says `x.name` does not, and checking is dear. */
function mayDeclare(session: CodeSession, { symbol, edits, declarations }: Rename, path: string): boolean {
  if (!symbol.isMember || declarations.some((one) => one.path === path)) return true;
  const text = session.files.read(path)?.text ?? '';
  return (edits.get(path) ?? []).some(({ start }) => !isDotUse(text, start, symbol.name));
}

/** TypeScript's ways to say that a name is declared twice in one place. */
const duplicateCodes = new Set([2300, 2308, 2323, 2393, 2395, 2440, 2451, 2484, 2528, 2813]);

async function duplicates(
  session: CodeSession,
  rename: Rename,
  edited: readonly string[],
  renamed: Questions,
): Promise<CodePosition[]> {
  const found: CodePosition[] = [];
  const barrels = rename.symbol.isMember ? [] : await session.files.containing('export *');
  await fewAtOnce([...new Set([...edited, ...barrels])], async (path) => {
    for (const problem of await renamed.problems(path)) {
      if (duplicateCodes.has(problem.code) && problem.message.includes(`'${rename.to}'`)) found.push(problem);
    }
  });
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

function before(session: CodeSession, rename: Rename, { path, offset }: CodePosition): string {
  const file = session.files.read(path);
  if (file === undefined) return path;
  let original = offset;
  for (const { start, end, text } of (rename.edits.get(path) ?? []).toSorted((a, b) => a.start - b.start)) {
    if (moved(rename, path, start) + text.length <= offset) original -= text.length - (end - start);
  }
  return `${placeText(file, original)} ${rename.to} is taken here`;
}
