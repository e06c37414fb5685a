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
  /** Its class has no `__init__`, so that its fields may be keywords of its call. */
  fields: boolean;
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
  const take = (place: CodePosition, verdict: Verdict) => {
    if (verdict.placement === 'target') targets.set(keyOf(place), whole(place, renaming));
    found.set(keyOf(place), { ...place, ...verdict });
  };
  await fewAtOnce(open, async (place) => {
    const span = spanAt(session.spans(session.files.get(place.path)!), place.offset);
    if (targets.has(keyOf(place)) || span !== undefined) return;
    take(place, await verdictOf(session, renaming, declared, place));
  });
  // The texts of strings are shown to the server one after the other.
  for (const place of open) {
    const file = session.files.get(place.path)!;
    const span = spanAt(session.spans(file), place.offset);
    if (targets.has(keyOf(place)) || span === undefined) continue;
    take(place, await inText(session, renaming, declared, file, span, place.offset));
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

/** Places that lead to the symbol alone are its uses, also those in files that the server's rename leaves out. */
async function verdictOf(
  session: ServerSession,
  renaming: Renaming,
  declared: ReadonlySet<string>,
  place: CodePosition,
): Promise<Verdict> {
  const led = await ledTo(session, place, renaming.from);
  if (!led.some((one) => declared.has(keyOf(one)))) {
    return elsewhere(session, renaming, session.files.get(place.path)!, place.offset, led);
  }
  if (led.every((one) => declared.has(keyOf(one)))) return { placement: 'target' };
  return { placement: 'unplaced', reason: 'it may be this symbol or another one' };
}

type Verdict = Pick<Occurrence, 'placement' | 'reason'>;

function elsewhere(
  session: ServerSession,
  { level, from, declarations, fields }: Renaming,
  { text }: TextFile,
  offset: number,
  led: readonly CodePosition[],
): Verdict {
  if (led.length > 0) return { placement: 'other_symbol' };
  const isMember = /(?:\.|->|::)\s*$/.test(text.slice(Math.max(0, offset - 20), offset));
  // A name that is declared inside a function is no member of anything.
  if (level === 'local' && isMember) return { placement: 'other_symbol' };
  if (level === 'member' && !isMember && session.language === 'python') {
    // Without a dot it can only be the keyword for a field (`Cart(price=1)`).
    const isField = fields && declarations.some((one) => isAnnotated(session, one, from));
    if (!isField || !/^\s*=(?!=)/.test(text.slice(offset + from.length))) return { placement: 'other_symbol' };
  }
  const reason = `${session.serverName} cannot tell what this is`;
  return { placement: 'unplaced', reason };
}

/** `name: type` at the beginning of a line, as fields of dataclasses are declared. */
function isAnnotated(session: ServerSession, { path, offset }: CodePosition, name: string): boolean {
  const text = session.read(path)?.text ?? '';
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^\s*$/.test(before) && /^\s*:/.test(text.slice(offset + name.length));
}

async function inText(
  session: ServerSession,
  renaming: Renaming,
  declared: ReadonlySet<string>,
  file: TextFile,
  span: Span,
  offset: number,
): Promise<Verdict> {
  const { from, level, modules } = renaming;
  if (span.kind === 'comment' || session.language !== 'python') return { placement: 'text' };
  // A type in quotes leads somewhere by itself.
  const typed = span.value === undefined ? [] : await ledTo(session, { path: file.path, offset }, from);
  if (typed.some((one) => declared.has(keyOf(one)))) {
    return verdictOf(session, renaming, declared, { path: file.path, offset });
  }
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
