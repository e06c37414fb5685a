import type { CodePosition, Questions } from '../code/code-questions.ts';
import type { CodeSession } from '../code/code-session.ts';
import { isDotUse, wordOffsets } from '../code/syntax.ts';
import { placeText } from '../files/text-file.ts';
import { fewAtOnce } from './few-at-once.ts';
import { keyOf, Targets } from './rename-targets.ts';
import { moved, offsetBefore, type Rename } from './renamed-texts.ts';

/**
 * Clash: a rename is safe exactly when it can be taken back. The renamed texts are shown to the server, and the new name
 * is renamed back there: if that reaches a place which was not changed, the place would be captured; if it misses one
 * that was, something else of that name captures it.
 *
 * Only asked when the new name is already in use as an identifier somewhere; otherwise nothing can clash.
 */

/** Places (`path:line:column what`) where the new name is taken, in the files as they are now. Empty: no clash. */
export async function clashes(session: CodeSession, rename: Rename, renamed: Questions): Promise<string[]> {
  const holders = await session.files.containing(rename.to);
  const isUsed = (path: string) => wordOffsets(session.files.read(path)?.text ?? '', rename.to).length > 0;
  if (!holders.some(isUsed)) return [];
  const reached = await reversed(renamed, rename, new Set([...session.files.list, ...session.scripts]));
  const edited = holders.filter((path) => rename.edits.has(path) && isUsed(path) && mayDeclare(session, rename, path));
  const places = [...reached, ...(await duplicates(session, rename, edited, renamed))];
  return [...new Set(places.map((place) => before(session, rename, place)))];
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

function before(session: CodeSession, rename: Rename, { path, offset }: CodePosition): string {
  const file = session.files.read(path);
  if (file === undefined) return path;
  const original = offsetBefore(rename, path, offset);
  return `${placeText(file, original)} ${rename.to} is taken here`;
}
