import type { CodePosition, PlaceEdit } from '../../code/code-questions.ts';
import { wordOffsets } from '../../code/syntax.ts';
import type { TextEdit, TextFile } from '../../files/text-file.ts';
import { fewAtOnce } from '../few-at-once.ts';
import { keyOf, type Occurrence } from '../rename-targets.ts';
import type { Declared } from './declared-names.ts';
import type { PythonModules } from './python-modules.ts';
import { atName } from './python-overrides.ts';
import { namedByString } from './python-strings.ts';
import type { ServerSession } from './server-session.ts';
import { type Span, spanAt } from './text-kinds.ts';

export type Renaming = {
  from: string;
  to: string;
  level: Declared['level'];
  /** Every declaration that is renamed: they are one symbol, or override each other. */
  declarations: readonly CodePosition[];
  modules: PythonModules;
};

/** Every occurrence of the name in the open files with its place in the rename; `edits` takes those that change. */
export async function placed(
  session: ServerSession,
  renaming: Renaming,
  edits: Map<string, TextEdit[]>,
): Promise<Map<string, Occurrence>> {
  const targets = new Map<string, PlaceEdit>();
  for (const place of renaming.declarations) {
    for (const edit of await session.rename(place, renaming.to)) add(session, targets, edit, renaming.from);
  }
  const found = new Map<string, Occurrence>();
  const open: CodePosition[] = [];
  for (const file of session.files.values()) {
    for (const offset of wordOffsets(file.text, renaming.from)) open.push({ path: file.path, offset });
  }
  const declared = new Set(renaming.declarations.map(keyOf));
  const left: CodePosition[] = [];
  await fewAtOnce(open, async (place) => {
    if (targets.has(keyOf(place))) return;
    const file = session.files.get(place.path)!;
    const span = spanAt(session.spans(file), place.offset);
    if (span !== undefined) return;
    const led = await ledTo(session, place, renaming.from);
    if (led.some((one) => declared.has(keyOf(one)))) left.push(place);
    else found.set(keyOf(place), { ...place, ...elsewhere(session, renaming, file, place.offset, led) });
  });
  await takeLeft(session, renaming, targets, found, left);
  // The texts of strings are shown to the server one after the other.
  for (const place of open) {
    const file = session.files.get(place.path)!;
    const span = targets.has(keyOf(place)) ? undefined : spanAt(session.spans(file), place.offset);
    if (span === undefined) continue;
    const verdict = await inText(session, renaming, declared, file, span, place.offset);
    if (verdict.placement === 'target') targets.set(keyOf(place), whole(place, renaming));
    found.set(keyOf(place), { ...place, ...verdict });
  }
  for (const edit of targets.values()) {
    const { path, offset, end, text } = edit;
    edits.set(path, [...(edits.get(path) ?? []), { start: offset, end, text }]);
    found.set(keyOf(edit), { path, offset, placement: 'target' });
  }
  return found;
}

const whole = ({ path, offset }: CodePosition, { from, to }: Renaming): PlaceEdit => ({
  ...{ path, offset, end: offset + from.length },
  text: to,
});

/** An edit of the server that changes the name itself; the range may have quotes around it. */
function add(session: ServerSession, targets: Map<string, PlaceEdit>, edit: PlaceEdit, from: string): void {
  const file = session.files.get(edit.path);
  if (file === undefined) return;
  const offset = atName(file, edit.offset, from);
  const known = offset < edit.end ? { ...edit, offset, end: Math.min(edit.end, offset + from.length) } : edit;
  targets.set(keyOf(known), known);
}

async function ledTo(session: ServerSession, place: CodePosition, name: string): Promise<CodePosition[]> {
  const led = await session.definitions(place);
  return led.map((one) => {
    const file = one.offset < 0 ? undefined : session.read(one.path);
    return file === undefined ? one : { ...one, offset: atName(file, one.offset, name) };
  });
}

/** Uses that the server led to the symbol and left out of its rename: it is asked again from there. */
async function takeLeft(
  session: ServerSession,
  renaming: Renaming,
  targets: Map<string, PlaceEdit>,
  found: Map<string, Occurrence>,
  left: readonly CodePosition[],
): Promise<void> {
  for (const place of left) {
    if (targets.has(keyOf(place))) continue;
    const more = await session.rename(place, renaming.to);
    const isThere = more.some((edit) => edit.path === place.path && edit.offset === place.offset);
    const led = await ledTo(session, place, renaming.from);
    const isOnly = led.every((one) => renaming.declarations.some((other) => keyOf(other) === keyOf(one)));
    if (isThere && isOnly) targets.set(keyOf(place), more.find((edit) => keyOf(edit) === keyOf(place))!);
    else {
      const reason = isOnly ? 'the language server left out this use' : 'it may be this symbol or another one';
      found.set(keyOf(place), { ...place, placement: 'unplaced', reason });
    }
  }
}

type Verdict = Pick<Occurrence, 'placement' | 'reason'>;

function elsewhere(
  session: ServerSession,
  { level }: Renaming,
  { text }: TextFile,
  offset: number,
  led: readonly CodePosition[],
): Verdict {
  if (led.length > 0) return { placement: 'other_symbol' };
  const isMember = /(?:\.|->|::)\s*$/.test(text.slice(Math.max(0, offset - 20), offset));
  // A name that is declared inside a function is no member of anything.
  if (level === 'local' && isMember) return { placement: 'other_symbol' };
  const reason = `${session.serverName} cannot tell what this is`;
  return { placement: 'unplaced', reason };
}

async function inText(
  session: ServerSession,
  { from, level, modules }: Renaming,
  declared: ReadonlySet<string>,
  file: TextFile,
  span: Span,
  offset: number,
): Promise<Verdict> {
  if (span.kind === 'comment' || session.language !== 'python') return { placement: 'text' };
  const led = await namedByString(session, modules, file, span, { offset, name: from });
  if (led === undefined || level === 'local') return { placement: 'text' };
  const named = led.map((one) => {
    const read = one.offset < 0 ? undefined : session.read(one.path);
    return keyOf(read === undefined ? one : { ...one, offset: atName(read, one.offset, from) });
  });
  if (named.length === 0) return { placement: 'unplaced', reason: 'a string that may name it' };
  if (named.every((key) => declared.has(key))) return { placement: 'target' };
  if (!named.some((key) => declared.has(key))) return { placement: 'other_symbol' };
  return { placement: 'unplaced', reason: 'a string that may name this symbol or another one' };
}
