import type { CodePosition, NamedPlace } from '../../code/code-questions.ts';
import { wordOffsets } from '../../code/syntax.ts';
import { offsetAt } from '../../files/text-file.ts';
import { keyOf } from '../rename-targets.ts';
import { atName } from './python-overrides.ts';
import type { ServerSession } from './server-session.ts';
import { spanAt } from './text-kinds.ts';

/** A name's declarations that are one symbol, with the names around them and where these can be seen. */
export type Declared = { places: CodePosition[]; kind: string; owners: string[]; level: 'top' | 'member' | 'local' };

const kinds: Record<number, string> = {
  ...{ 2: 'module', 3: 'namespace', 5: 'class', 6: 'method', 7: 'property', 8: 'field', 9: 'constructor', 10: 'enum' },
  ...{ 11: 'interface', 12: 'function', 13: 'variable', 14: 'constant', 22: 'member', 23: 'struct', 26: 'type' },
};
const callable = new Set([6, 9, 12]);
const holding = new Set([5, 10, 11, 19, 23]);

/** The symbols of that name in the open files; `container` is the class or type that a member belongs to. */
export async function declaredNames(
  session: ServerSession,
  name: string,
  { container, path }: { container?: string | undefined; path?: string | undefined },
): Promise<Declared[]> {
  const found: (Declared & { id: string })[] = [];
  for (const file of session.files.values()) {
    if ((path !== undefined && file.path !== path) || wordOffsets(file.text, name).length === 0) continue;
    // A server without this request, or with another answer to it, declares nothing here.
    const symbols = await session.symbols(file.path).catch(() => [] as NamedPlace[]);
    for (const one of symbols) {
      const { bare, owners } = named(one);
      if (bare !== name || (container !== undefined && owners.at(-1) !== container)) continue;
      const place = { path: file.path, offset: atName(file, one.offset, name) };
      // A stub stands for its module, and what is declared anew at the same place is the same.
      const id = [file.path.replace(/\.pyi$/, '.py'), ...owners].join('\0');
      const known = found.find((other) => other.id === id);
      if (known !== undefined) known.places.push(place);
      else found.push({ id, places: [place], kind: kinds[one.kind] ?? 'symbol', owners, level: levelOf(one, owners) });
    }
  }
  return uppermost(await joined(session, found, name));
}

/** gopls writes `(Square).Area`, clangd `Square::area`. */
function named({ name, above }: NamedPlace): { bare: string; owners: string[] } {
  const parts = name.replace(/[()*&]/g, '').split(/::|\./);
  const upper = above === undefined ? [] : [...named(above).owners, named(above).bare];
  return { bare: parts.at(-1) ?? '', owners: [...upper, ...parts.slice(0, -1)] };
}

function levelOf({ above, name }: NamedPlace, owners: readonly string[]): Declared['level'] {
  for (let one = above; one !== undefined; one = one.above) if (callable.has(one.kind)) return 'local';
  const isMember = owners.length > 0 && (above === undefined ? /[.:]/.test(name) : holding.has(above.kind));
  return isMember ? 'member' : 'top';
}

/** A declaration and the definition that it leads to are one symbol (C's headers). */
async function joined(session: ServerSession, found: readonly Declared[], name: string): Promise<Declared[]> {
  const result: Declared[] = [];
  for (const one of found) {
    const places = new Map(one.places.map((place) => [keyOf(place), place]));
    for (const place of one.places) {
      const led = await session.definitions(place);
      for (const other of led.length > 0 ? led : await ledFromUses(session, place, name)) {
        const file = other.offset < 0 ? undefined : session.read(other.path);
        const named = file && { ...other, offset: atName(file, other.offset, name) };
        if (named !== undefined) places.set(keyOf(named), named);
      }
    }
    const same = result.find((other) => other.places.some((place) => places.has(keyOf(place))));
    if (same === undefined) result.push({ ...one, places: [...places.values()] });
    else
      same.places = [...new Map([...same.places, ...places.values()].map((place) => [keyOf(place), place])).values()];
  }
  return result;
}

/** A declaration in a string (`__slots__`) leads nowhere by itself; the uses that lead there lead to the others, too. */
async function ledFromUses(session: ServerSession, place: CodePosition, name: string): Promise<CodePosition[]> {
  const file = session.files.get(place.path);
  const spans = file === undefined ? [] : session.spans(file);
  if (file === undefined || spanAt(spans, place.offset) === undefined) return [];
  for (const offset of wordOffsets(file.text, name)) {
    if (spanAt(spans, offset) !== undefined) continue;
    const led = await session.definitions({ path: place.path, offset });
    if (led.some((one) => one.path === place.path && atName(file, one.offset, name) === place.offset)) return led;
  }
  return [];
}

/** Of a file's top first, then members, then what is local. */
function uppermost(found: readonly Declared[]): Declared[] {
  for (const level of ['top', 'member', 'local'] as const) {
    const some = found.filter((one) => one.level === level);
    if (some.length > 0) return some;
  }
  return [];
}

/** The name at `path:line` or `path:line:column`, counted from 1. */
export async function declaredAt(
  session: ServerSession,
  name: string,
  path: string,
  { line, column = 1 }: { line: number; column?: number | undefined },
): Promise<Declared[]> {
  const file = session.files.get(path);
  if (file === undefined || line > file.lines.length) return [];
  const start = offsetAt(file, { line: line - 1, character: column - 1 });
  const end = file.lines[line] ?? file.text.length;
  const offset = wordOffsets(file.text, name).find((one) => one + name.length > start && one < end);
  if (offset === undefined) return [];
  const led = (await session.definitions({ path, offset })).filter((place) => place.offset >= 0);
  const places = [{ path, offset }, ...led].map((place) => {
    const read = session.read(place.path);
    return read === undefined ? place : { ...place, offset: atName(read, place.offset, name) };
  });
  const keys = new Set(places.map(keyOf));
  for (const one of [...session.files.keys()]) {
    if (!places.some((place) => place.path === one)) continue;
    for (const level of await levelsIn(session, name, one)) {
      if (keys.has(keyOf(level.places[0]!))) return [{ ...level, places }];
    }
  }
  return [{ places, kind: 'symbol', owners: [], level: 'top' }];
}

async function levelsIn(session: ServerSession, name: string, path: string): Promise<Declared[]> {
  const file = session.files.get(path)!;
  const symbols = await session.symbols(path).catch(() => [] as NamedPlace[]);
  return symbols.flatMap((one): Declared[] => {
    const { bare, owners } = named(one);
    if (bare !== name) return [];
    const places = [{ path, offset: atName(file, one.offset, name) }];
    return [{ places, kind: kinds[one.kind] ?? 'symbol', owners, level: levelOf(one, owners) }];
  });
}
