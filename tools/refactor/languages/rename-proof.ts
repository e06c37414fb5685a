import type { CodePosition, Questions } from '../../code/code-questions.ts';
import { wordOffsets } from '../../code/syntax.ts';
import { placeText, type TextFile } from '../../files/text-file.ts';
import { fewAtOnce } from '../few-at-once.ts';
import { keyOf } from '../rename-targets.ts';
import type { ServerProblem, ServerSession } from './server-session.ts';
import { type Edits, filesAfter, placeAfter, placeBefore } from './shown-edits.ts';
import { spanAt } from './text-kinds.ts';

/**
 * The proof of planned edits: the server is shown the texts as they would be. Every renamed place must lead where it led,
 * and so must every place that had the new name before; and the server may find no error that it did not find before.
 */
export type Proof = {
  /** Places whose meaning the edits would change: the new name is in use there. */
  taken: string[];
  /** New errors, at their places of before. */
  news: ServerProblem[];
  /** Files about whose errors the server says nothing. */
  silent: string[];
};

type Asked = { place: CodePosition; after: CodePosition; led: string[] };

/** `fresh`: the new name; undefined where nothing is renamed. `paths`: open files whose errors are compared. */
export async function proof(
  session: ServerSession,
  edits: Edits,
  paths: readonly string[],
  fresh: string | undefined,
  /** Declarations of what is renamed: a place that leads to one of them leads to any (a header and its definition). */
  declarations: readonly CodePosition[] = [],
): Promise<Proof> {
  const after = filesAfter(session.read, edits);
  const own = new Set(declarations.map((place) => keyOf(placeAfter(edits, place))));
  const before = await session.told(paths);
  const asked = fresh === undefined ? [] : await placesToAsk(session, edits, after, fresh, own);
  try {
    for (const path of new Set([...paths, ...after.keys()])) {
      // A server that sends errors by itself sends them anew only for a text that is another one.
      session.show(path, after.get(path)?.text ?? `${session.read(path)?.text ?? ''}\n`);
    }
    const now = await session.told(paths, after);
    const { taken, lost } = await ledElsewhere(session, edits, after, asked, own);
    const news = [...newProblems(edits, before, now), ...lost];
    return { taken, news, silent: paths.filter((path) => now.get(path) === undefined) };
  } finally {
    for (const path of new Set([...paths, ...after.keys()])) session.show(path, undefined);
  }
}

/** More places are not asked twice. */
const askedMax = 5_000;

/** The edited places, and those that have the new name already. */
async function placesToAsk(
  session: ServerSession,
  edits: Edits,
  after: ReadonlyMap<string, TextFile>,
  fresh: string,
  own: ReadonlySet<string>,
): Promise<Asked[]> {
  const found: Asked[] = [];
  const add = (place: CodePosition, shift: number) => {
    const { offset } = placeAfter(edits, place);
    found.push({ place, after: { path: place.path, offset: offset + shift }, led: [] });
  };
  for (const [path, list] of edits) {
    for (const { start, text } of list) add({ path, offset: start }, Math.max(0, text.indexOf(fresh)));
  }
  for (const file of session.files.values()) {
    const spans = session.spans(file);
    for (const offset of wordOffsets(file.text, fresh)) {
      if (spanAt(spans, offset) === undefined) add({ path: file.path, offset }, 0);
    }
  }
  const few = found.slice(0, askedMax);
  await fewAtOnce(few, async (one) => {
    one.led = await leads(session, one.place, (place) => placeAfter(edits, place), own);
  });
  return few.filter(({ after: { path, offset } }) => {
    const text = after.get(path)?.text ?? session.read(path)?.text ?? '';
    return text.startsWith(fresh, offset);
  });
}

async function ledElsewhere(
  session: ServerSession,
  edits: Edits,
  after: ReadonlyMap<string, TextFile>,
  asked: readonly Asked[],
  own: ReadonlySet<string>,
): Promise<{ taken: string[]; lost: ServerProblem[] }> {
  const renamed = session.about(after);
  const taken = new Set<string>();
  const lost: ServerProblem[] = [];
  await fewAtOnce(asked, async ({ place, after: now, led }) => {
    if (led.length === 0) return;
    const leadsNow = await leads(renamed, now, (one) => one, own);
    const other = leadsNow.filter((one) => !led.includes(one));
    if (leadsNow.length === 0) lost.push({ ...place, end: place.offset, rule: 'lost', message: 'it leads nowhere' });
    if (other.length === 0) return;
    const [path = '', offset = '-1'] = (other[0] ?? '').split('\0');
    const file = session.read(path);
    const found = file && Number(offset) >= 0 ? placeBefore(edits, { path, offset: Number(offset) }) : place;
    taken.add(placeText(session.read(found.path)!, found.offset));
  });
  return { taken: [...taken].toSorted(), lost };
}

const renamedKey = '\0renamed';

async function leads(
  questions: Pick<Questions, 'definitions'>,
  place: CodePosition,
  map: (place: CodePosition) => CodePosition,
  own: ReadonlySet<string>,
): Promise<string[]> {
  const found = await questions.definitions(place);
  const all = found
    .map((one) => keyOf(one.offset < 0 ? one : map(one)))
    .map((key) => (own.has(key) ? renamedKey : key));
  return [...new Set(all)].toSorted();
}

function newProblems(
  edits: Edits,
  before: ReadonlyMap<string, ServerProblem[] | undefined>,
  after: ReadonlyMap<string, ServerProblem[] | undefined>,
): ServerProblem[] {
  const problemKey = ({ path, offset, rule }: ServerProblem) => `${path}\0${offset}\0${rule}`;
  const known = new Map<string, number>();
  for (const problem of [...before.values()].flatMap((list) => list ?? [])) {
    const key = problemKey({ ...problem, ...placeAfter(edits, problem) });
    known.set(key, (known.get(key) ?? 0) + 1);
  }
  return [...after.values()].flatMap((list) =>
    (list ?? []).flatMap((problem) => {
      const left = known.get(problemKey(problem)) ?? 0;
      known.set(problemKey(problem), left - 1);
      if (left > 0) return [];
      const end = placeBefore(edits, { path: problem.path, offset: problem.end }).offset;
      return [{ ...problem, ...placeBefore(edits, problem), end }];
    }),
  );
}
