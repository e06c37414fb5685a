import type { CodePosition, NamedPlace } from '../../code/code-questions.ts';
import { wordOffsets } from '../../code/syntax.ts';
import { placeText, type TextEdit, type TextFile } from '../../files/text-file.ts';
import { keyOf } from '../rename-targets.ts';
import type { ServerSession } from './server-session.ts';
import { filesAfter, placeBefore } from './shown-edits.ts';
import { spanAt } from './text-kinds.ts';

/**
 * Members that override each other share a name, and pyright renames one of them. So each class that declares the name is
 * asked what it inherits under it: a method is added to its text that uses the name on its bases and on `super()`.
 */
export type Overrides = {
  /** Declarations that are renamed together: those given, what they override, and what overrides them. */
  declarations: CodePosition[];
  /** Places where a class would get two meanings under the new name. */
  taken: string[];
  /** Overridden declarations outside of the workspace, which stay: `path` of one. */
  outside: { at: CodePosition; library: string }[];
};

type Class = { place: NamedPlace; own: CodePosition[]; fresh: CodePosition[]; inherits: Inherited };
type Inherited = { own: CodePosition[]; fresh: CodePosition[] };

const classKind = 5;

export async function overrides(
  session: ServerSession,
  declarations: readonly CodePosition[],
  { from, to }: { from: string; to: string },
): Promise<Overrides> {
  const classes = await classesWith(session, from, to);
  await inherit(session, classes, from, to);
  const all = new Map(declarations.map((place) => [keyOf(place), place]));
  const isIn = (place: CodePosition) => all.has(keyOf(place));
  for (let size = -1; size !== all.size; ) {
    size = all.size;
    for (const { own, inherits } of classes) {
      const above = inherits.own.filter(({ offset }) => offset >= 0);
      if (own.length === 0 || !(own.some(isIn) || above.some(isIn))) continue;
      for (const place of [...own, ...above]) all.set(keyOf(place), place);
    }
  }
  const related = classes.filter(({ own, inherits }) => own.some(isIn) || inherits.own.some(isIn));
  const taken = related.flatMap(({ own, fresh, inherits }) => {
    const places = [...fresh, ...(own.some(isIn) ? inherits.fresh : [])];
    return places.map(({ path, offset }) => (offset < 0 ? path : placeText(session.read(path)!, offset)));
  });
  const outside = related.flatMap(({ own, inherits }) =>
    inherits.own.flatMap(({ path, offset }) => (offset < 0 && own[0] ? [{ at: own[0], library: path }] : [])),
  );
  return { declarations: [...all.values()], taken: [...new Set(taken)], outside };
}

/** Classes of the open files that declare a member of one of the names. */
async function classesWith(session: ServerSession, from: string, to: string): Promise<Class[]> {
  const found = new Map<string, Class>();
  for (const file of session.files.values()) {
    if (wordOffsets(file.text, from).length + wordOffsets(file.text, to).length === 0) continue;
    for (const { name, above, path, offset } of await session.symbols(file.path)) {
      if (above?.kind !== classKind || (name !== from && name !== to)) continue;
      const known = found.get(keyOf(above)) ?? { place: above, own: [], fresh: [], inherits: { own: [], fresh: [] } };
      found.set(keyOf(above), known);
      known[name === from ? 'own' : 'fresh'].push({ path, offset: atName(file, offset, name) });
    }
  }
  return [...found.values()];
}

/** A declaration in quotes (`__slots__`) begins with its quote. */
export function atName({ text }: TextFile, offset: number, name: string): number {
  return !text.startsWith(name, offset) && text.startsWith(name, offset + 1) ? offset + 1 : offset;
}

/** Asks for each class where the names lead that it inherits. */
async function inherit(session: ServerSession, classes: readonly Class[], from: string, to: string): Promise<void> {
  const edits = new Map<string, TextEdit[]>();
  const probed: { one: Class; at: number; text: string }[] = [];
  for (const one of classes) {
    const file = session.read(one.place.path);
    const edit = file && probe(session, file, atName(file, one.place.offset, one.place.name), from, to);
    if (edit === undefined) continue;
    edits.set(file!.path, [...(edits.get(file!.path) ?? []), edit]);
    probed.push({ one, at: edit.start, text: edit.text });
  }
  const after = filesAfter(session.read, edits);
  const questions = session.about(after);
  try {
    for (const [path, { text }] of after) session.show(path, text);
    for (const { one, at, text } of probed) {
      const { path } = one.place;
      const start = after.get(path)!.text.indexOf(text, at);
      const ask = async (name: string) => {
        const found = new Map<string, CodePosition>();
        for (const offset of wordOffsets(text, name).filter((place) => text[place - 1] === '.')) {
          for (const place of await questions.definitions({ path, offset: start + offset })) {
            const before = place.offset < 0 ? place : placeBefore(edits, place);
            const file = session.read(before.path);
            const named =
              before.offset < 0 || !file ? before : { ...before, offset: atName(file, before.offset, name) };
            found.set(keyOf(named), named);
          }
        }
        return [...found.values()];
      };
      one.inherits = { own: await ask(from), fresh: await ask(to) };
    }
  } finally {
    for (const path of after.keys()) session.show(path, undefined);
  }
}

/** The method that uses the names as the class inherits them; undefined: it inherits nothing, or its body is on one line. */
function probe(session: ServerSession, file: TextFile, name: number, from: string, to: string): TextEdit | undefined {
  const { text } = file;
  const spans = session.spans(file);
  const isCode = (offset: number) => spanAt(spans, offset) === undefined;
  const [bases, colon] = header(text, name, isCode);
  const line = colon < 0 ? -1 : text.indexOf('\n', colon);
  if (bases.length === 0 || line < 0) return undefined;
  if (!/^\s*(?:#.*)?$/.test(text.slice(colon + 1, line))) return undefined;
  const body = /^(?:[ \t]*(?:#.*)?\r?\n)*([ \t]+)\S/.exec(text.slice(line + 1))?.[1];
  if (body === undefined) return undefined;
  const parameters = bases.map((base, at) => `p${at}: ${base}`).join(', ');
  const uses = [...bases.map((_, at) => `p${at}`), 'super()'].flatMap((one) => [`${one}.${from}`, `${one}.${to}`]);
  const method = `${body}def vtcode_probe_(self, ${parameters}): ${uses.join('; ')}\n`;
  return { start: line + 1, end: line + 1, text: method };
}

/** The bases of a class statement, without keywords, and the offset of its colon. */
function header(text: string, name: number, isCode: (offset: number) => boolean): [string[], number] {
  const found: string[] = [];
  let [depth, from] = [0, -1];
  for (let at = name; at < text.length; at++) {
    if (!isCode(at)) continue;
    const sign = text[at]!;
    if (sign === '(' && depth === 0) from = at + 1;
    if (depth === 1 && /[,)]/.test(sign) && from >= 0) {
      found.push(text.slice(from, at).replace(/\s+/g, ' ').trim());
      from = at + 1;
    }
    if (/[([{]/.test(sign)) depth++;
    else if (/[)\]}]/.test(sign)) depth--;
    else if (sign === ':' && depth === 0)
      return [found.filter((base) => base !== '' && !/^\w+\s*=|^\*|#/.test(base)), at];
  }
  return [[], -1];
}
