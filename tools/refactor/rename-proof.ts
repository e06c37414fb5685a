import type { Problem } from '../code/code-questions.ts';
import type { CodeSession } from '../code/code-session.ts';
import type { Declaration } from '../code/declarations.ts';
import { wordOffsets } from '../code/syntax.ts';
import type { TextEdit } from '../files/text-file.ts';
import { clashes } from './rename-clash.ts';
import { both, keyOf, type Occurrence, type RenamedSymbol, type Targets } from './rename-targets.ts';
import { type Rename, withRenamed } from './renamed-texts.ts';

/**
 * The proof of a rename: TypeScript finds no error in the renamed texts that it did not find before. A string that an
 * error points at is the name of the symbol in a type (`Pick<T, 'name'>`): it follows when the error goes away with it.
 * Every other new error makes its place undecided.
 */
export type Proven = { taken: string[]; placed: Occurrence[]; edits: Map<string, TextEdit[]>; unread: number };
type Planned = { workspace: string; symbol: RenamedSymbol; to: string; declarations: readonly Declaration[] };

export async function proven(
  session: CodeSession,
  planned: Planned,
  targets: Targets,
  placed: readonly Occurrence[],
  /** Strings that may name the symbol: undecided unless they follow. */
  unsure: readonly Occurrence[],
): Promise<Proven> {
  const first = await tried(session, planned, targets);
  if (first.taken.length > 0 || first.news.length === 0) return { ...first, placed: replaced(placed, unsure) };
  const strings = stringsAt(session, planned.symbol.name, first.news).filter((place) => !targets.get(place));
  for (const place of strings) targets.add(place, both);
  const second = strings.length > 0 ? await tried(session, planned, targets) : first;
  const isBetter = second.taken.length === 0 && second.news.length < first.news.length;
  if (!isBetter) for (const place of strings) targets.narrow(place, 0);
  const best = isBetter ? second : first;
  const followed = new Set(isBetter ? strings.map(keyOf) : []);
  const withStrings = placed.map(
    (one): Occurrence => (followed.has(keyOf(one)) ? { path: one.path, offset: one.offset, placement: 'target' } : one),
  );
  const left = unsure.filter((one) => !followed.has(keyOf(one)));
  return { ...best, placed: withProblems(replaced(withStrings, left), best.news) };
}

type Tried = { taken: string[]; news: Problem[]; edits: Map<string, TextEdit[]>; unread: number };

async function tried(session: CodeSession, planned: Planned, targets: Targets): Promise<Tried> {
  const edits = new Map<string, TextEdit[]>();
  for (const target of targets.all()) {
    const { path, offset } = target.place;
    const list = edits.get(path) ?? [];
    list.push({ start: offset, end: target.end, text: targets.textAt(target) });
    edits.set(path, list);
  }
  const rename: Rename = { ...planned, edits };
  const { answer, news, unread } = await withRenamed(session, rename, (renamed) => clashes(session, rename, renamed));
  return { taken: answer, news, edits, unread };
}

/** Strings that are the name, in the places that the problems point at. */
function stringsAt(
  session: CodeSession,
  name: string,
  problems: readonly Problem[],
): { path: string; offset: number }[] {
  const found = new Map<string, { path: string; offset: number }>();
  for (const { path, offset, end } of problems) {
    const text = session.files.read(path)?.text ?? '';
    for (const start of wordOffsets(text, name).filter((one) => one >= offset && one < Math.max(end, offset + 1))) {
      const [before, after] = [text[start - 1], text[start + name.length]];
      const place = { path, offset: start };
      if (before === after && /['"`]/.test(before ?? '')) found.set(keyOf(place), place);
    }
  }
  return [...found.values()];
}

/** The occurrences, some of them with another verdict. */
function replaced(placed: readonly Occurrence[], others: readonly Occurrence[]): Occurrence[] {
  const byKey = new Map(others.map((one) => [keyOf(one), one]));
  return placed.map((one) => byKey.get(keyOf(one)) ?? one);
}

const messageMax = 160;

function withProblems(placed: readonly Occurrence[], problems: readonly Problem[]): Occurrence[] {
  const result = new Map(placed.map((one) => [keyOf(one), one]));
  for (const { path, offset, message } of problems) {
    const known = result.get(keyOf({ path, offset }));
    if (known?.placement === 'unplaced') continue;
    const [line = ''] = message.split('\n');
    const said = line.length > messageMax ? `${line.slice(0, messageMax)}…` : line;
    const reason = `after the rename TypeScript says: ${said}`;
    result.set(keyOf({ path, offset }), { path, offset, placement: 'unplaced', reason });
  }
  return [...result.values()].toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.offset - b.offset));
}
