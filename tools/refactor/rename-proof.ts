import type { CodePosition, Problem } from '../code/code-questions.ts';
import type { CodeSession } from '../code/code-session.ts';
import type { Declaration } from '../code/declarations.ts';
import { identifiers, kindOf, wordOffsets } from '../code/syntax.ts';
import type { TextEdit } from '../files/text-file.ts';
import { clashes } from './rename-clash.ts';
import { both, keyOf, type Occurrence, outer, type RenamedSymbol, type Targets } from './rename-targets.ts';
import { type Rename, withRenamed } from './renamed-texts.ts';

/**
 * The proof of a rename: TypeScript finds no error in the renamed texts that it did not find before. A name that an error
 * points at (`Pick<T, 'name'>`, a key of a `Record`) is the symbol's: it follows when the error goes away with it.
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
  const { followed, best } = await followErrors(session, planned, targets, first);
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

/** Names beside an error are tried one by one up to this many. */
const nearMax = 8;

/** Makes the names targets that errors point at, as far as that makes the errors fewer. */
async function followErrors(
  session: CodeSession,
  planned: Planned,
  targets: Targets,
  first: Tried,
): Promise<{ followed: Set<string>; best: Tried }> {
  const followed = new Set<string>();
  let best = first;
  const { exact, near } = namesAt(session, planned.symbol.name, first.news, targets);
  for (const group of [exact, ...near.slice(0, nearMax).map((one) => [one])]) {
    if (group.length === 0 || best.news.length === 0) continue;
    for (const { place, halves } of group) targets.add(place, halves);
    const next = await tried(session, planned, targets);
    if (next.taken.length === 0 && next.news.length < best.news.length) {
      best = next;
      for (const { place } of group) followed.add(keyOf(place));
    } else for (const { place } of group) targets.narrow(place, 0);
  }
  return { followed, best };
}

type Named = { place: CodePosition; halves: number };

/** Occurrences of the name that the problems point at, and strings that are the name further on in the same line. */
function namesAt(
  session: CodeSession,
  name: string,
  problems: readonly Problem[],
  targets: Targets,
): { exact: Named[]; near: Named[] } {
  const exact = new Map<string, Named>();
  const near = new Map<string, Named>();
  for (const { path, offset, end } of problems) {
    const file = session.files.read(path);
    if (file === undefined) continue;
    const { text } = file;
    const lineEnd = (text.indexOf('\n', end) + text.length + 1) % (text.length + 1);
    for (const start of wordOffsets(text, name).filter((one) => one >= offset && one < lineEnd)) {
      const [before, after] = [text[start - 1], text[start + name.length]];
      const isString = before === after && /['"`]/.test(before ?? '');
      const place = { path, offset: start };
      if (targets.get(place)) continue;
      const isShorthand = /^shorthand_/.test(kindOf(identifiers(file, name).get(start)));
      const isExact = start === offset || (isString && start < Math.max(end, offset + 2));
      if (isExact) exact.set(keyOf(place), { place, halves: isShorthand ? outer : both });
      else if (isString) near.set(keyOf(place), { place, halves: both });
    }
  }
  return { exact: [...exact.values()], near: [...near.values()].filter(({ place }) => !exact.has(keyOf(place))) };
}

/** The occurrences, some of them with another verdict. */
function replaced(placed: readonly Occurrence[], others: readonly Occurrence[]): Occurrence[] {
  const byKey = new Map(others.map((one) => [keyOf(one), one]));
  return placed.map((one) => byKey.get(keyOf(one)) ?? one);
}

/** How the reason of a place with a new error begins. */
export const errorReason = 'after the rename TypeScript says: ';
const messageMax = 160;

function withProblems(placed: readonly Occurrence[], problems: readonly Problem[]): Occurrence[] {
  const result = new Map(placed.map((one) => [keyOf(one), one]));
  for (const { path, offset, message } of problems) {
    const known = result.get(keyOf({ path, offset }));
    if (known?.placement === 'unplaced') continue;
    const [line = ''] = message.split('\n');
    const said = line.length > messageMax ? `${line.slice(0, messageMax)}…` : line;
    const reason = `${errorReason}${said}`;
    result.set(keyOf({ path, offset }), { path, offset, placement: 'unplaced', reason });
  }
  return [...result.values()].toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.offset - b.offset));
}
