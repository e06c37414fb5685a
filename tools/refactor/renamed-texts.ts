import type { Problem, Questions } from '../code/code-questions.ts';
import type { CodeSession } from '../code/code-session.ts';
import type { Declaration } from '../code/declarations.ts';
import { isBuilt, isCode } from '../files/source-files.ts';
import { editedText, type TextEdit, type TextFile, textFileOf } from '../files/text-file.ts';
import { fewAtOnce } from './few-at-once.ts';
import type { RenamedSymbol } from './rename-targets.ts';

/** A rename that is planned: its edits by file, and what it renames. */
export type Rename = {
  workspace: string;
  symbol: RenamedSymbol;
  to: string;
  declarations: readonly Declaration[];
  edits: Edits;
};

export type Edits = ReadonlyMap<string, readonly TextEdit[]>;

/**
 * Shows the server the renamed texts and has questions asked about them. With the answers come the errors that TypeScript
 * finds after the rename and did not find before, at their places of before. `unread`: files that were too many to compare.
 */
export async function withRenamed<Answer>(
  session: CodeSession,
  rename: Rename,
  ask: (renamed: Questions) => Promise<Answer>,
): Promise<{ answer: Answer; news: Problem[]; unread: number }> {
  const { paths, unread } = await compared(session, rename);
  return { ...(await withEdited(session, rename.edits, paths, ask)), unread };
}

/** As `withRenamed`, for any edits; compared are the errors of `paths`. */
export async function withEdited<Answer>(
  session: CodeSession,
  edits: Edits,
  paths: readonly string[],
  ask: (edited: Questions) => Promise<Answer>,
): Promise<{ answer: Answer; news: Problem[] }> {
  const after = new Map<string, TextFile>();
  for (const [path, list] of edits) {
    after.set(path, textFileOf(path, editedText(session.files.read(path)!.text, list)));
  }
  const edited = session.about({ read: (path: string) => after.get(path) ?? session.files.read(path) });
  try {
    // First as on the disk, then as edited: a file opened with a new text makes the server look at the whole project anew,
    // at once and for each file; changes of opened ones wait for the next question.
    for (const path of after.keys()) session.show(path, session.files.read(path)!.text);
    const before = await problemsOf(session, paths);
    for (const path of after.keys()) session.show(path, after.get(path)!.text);
    const answer = await ask(edited);
    return { answer, news: newProblems({ edits }, before, await problemsOf(edited, paths)) };
  } finally {
    for (const path of after.keys()) session.show(path, undefined);
  }
}

async function problemsOf(questions: Questions, paths: readonly string[]): Promise<Problem[]> {
  const found: Problem[] = [];
  await fewAtOnce(paths, async (path) => {
    found.push(...(await questions.problems(path)));
  });
  return found;
}

/** More files are not compared: 10 ms each, twice. */
export const comparedMax = 600;
/** Above this many files their imports are not followed: reading all of them takes seconds. */
const followedMax = 5_000;

/** The files whose errors may change: those that change, that have the name, and that import one of them, nearest first. */
async function compared(session: CodeSession, rename: Rename): Promise<{ paths: string[]; unread: number }> {
  const naming = await session.files.containing(rename.symbol.name);
  const isRead = (path: string) => (isCode(path) && !isBuilt(path)) || session.scripts.has(path);
  const all = new Set([...rename.edits.keys(), ...naming].filter(isRead));
  if (rename.symbol.isVisibleOutside && session.files.list.length <= followedMax) {
    // A member can break a comparison of types where neither is named; another name only what takes a module as a whole.
    const { isMember } = rename.symbol;
    const start = isMember ? [...rename.edits.keys()] : rename.declarations.map(({ path }) => path);
    for (const path of dependents(session, start, isMember ? Number.POSITIVE_INFINITY : 1)) {
      if (isRead(path)) all.add(path);
    }
  }
  const paths = [...all].slice(0, comparedMax);
  return { paths, unread: all.size - paths.length };
}

const specifiers = /\b(?:from|import|require)\b\s*\(?\s*['"]([^'"\n]+)['"]/g;

/** Files that import one of the files in at most so many steps; those that need the fewest first. */
function dependents(session: CodeSession, start: readonly string[], stepsMax: number): Set<string> {
  const importers = new Map<string, Set<string>>();
  for (const path of session.files.list) {
    for (const [, specifier = ''] of (session.files.read(path)?.text ?? '').matchAll(specifiers)) {
      const module = session.resolveImport(path, specifier);
      if (module !== undefined) importers.set(module, (importers.get(module) ?? new Set()).add(path));
    }
  }
  const found = new Set<string>();
  for (let next = start, steps = 0; next.length > 0 && steps < stepsMax; steps++) {
    const importing = next.flatMap((path) => [...(importers.get(path) ?? [])]).filter((path) => !found.has(path));
    for (const path of importing) found.add(path);
    next = [...new Set(importing)];
  }
  return found;
}

/** Codes for one and the same error, with and without the name that may have been meant. */
const sameCode: Record<number, number> = {
  ...{ 2551: 2339, 2550: 2339, 2568: 2339, 2552: 2304, 2570: 2304, 2580: 2304, 2724: 2305, 2561: 2353, 2820: 2322 },
};

function newProblems(rename: { edits: Edits }, before: readonly Problem[], after: readonly Problem[]): Problem[] {
  const key = (path: string, offset: number, code: number) => `${path}\0${offset}\0${sameCode[code] ?? code}`;
  const known = new Set(before.map(({ path, offset, code }) => key(path, moved(rename, path, offset), code)));
  return after
    .filter(({ path, offset, code }) => !known.has(key(path, offset, code)))
    .map((problem) => ({
      ...problem,
      offset: offsetBefore(rename, problem.path, problem.offset),
      end: offsetBefore(rename, problem.path, problem.end),
    }));
}

/** Where an offset of the file before the rename lies after it. */
export function moved(rename: { edits: Edits }, path: string, offset: number): number {
  let result = offset;
  for (const { start, end, text } of rename.edits.get(path) ?? []) {
    if (end <= offset) result += text.length - (end - start);
  }
  return result;
}

/** Where an offset of the file after the rename lay before it. */
export function offsetBefore(rename: { edits: Edits }, path: string, offset: number): number {
  let original = offset;
  for (const { start, end, text } of (rename.edits.get(path) ?? []).toSorted((a, b) => a.start - b.start)) {
    if (moved(rename, path, start) + text.length <= offset) original -= text.length - (end - start);
  }
  return original;
}
