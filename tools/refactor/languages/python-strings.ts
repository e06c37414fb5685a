import type { CodePosition } from '../../code/code-questions.ts';
import { type TextFile, textFileOf } from '../../files/text-file.ts';
import { moduleAt, type PythonModules } from './python-modules.ts';
import type { ServerSession } from './server-session.ts';
import type { Span } from './text-kinds.ts';

/** Calls whose second argument is the name of a member of the first, however they are reached (`mock.patch.object`). */
const ofFirst =
  /(?:\b(?:getattr|setattr|hasattr|delattr)|\.object|\b(?:monkeypatch|mp)\.(?:setattr|delattr)|\.spy)\s*\(\s*([^,()]+(?:\([^()]*\))?)\s*,\s*$/;
/** Calls whose argument is the name of a member of a value that is not there yet. */
const ofSomething = /\b(?:attrgetter|methodcaller)\s*\([^()]*$/;

/**
 * Where a string that may name something leads: `getattr(x, 'name')`, and dotted paths such as `patch('a.b.name')`. It is
 * asked by a text in which the name is used. undefined: a mere word; []: it may name something, and it is not known what.
 */
export async function namedByString(
  session: ServerSession,
  modules: PythonModules,
  file: TextFile,
  span: Span,
  { offset, name }: { offset: number; name: string },
): Promise<CodePosition[] | undefined> {
  const { value, valueStart } = span;
  if (value === undefined || valueStart === undefined) return undefined;
  const before = file.text.slice(Math.max(0, span.start - 300), span.start);
  if (value === name) {
    const [, first] = ofFirst.exec(before) ?? [];
    if (first !== undefined) return asked(session, file, [span.start, span.end], `(${first}).${name}`);
    return ofSomething.test(before) ? [] : undefined;
  }
  if (!/^[\p{L}_][\p{L}\p{N}_]*(?:[.:][\p{L}_][\p{L}\p{N}_]*)+$/u.test(value)) return undefined;
  const upTo = value.slice(0, offset - valueStart + name.length).replace(':', '.');
  const found = moduleAt(modules, file.path, upTo);
  if (found === undefined) return undefined;
  const chain = upTo.slice(found.name.length);
  // The word is a part of the module's own name.
  if (chain === '') return undefined;
  const use = `\nimport ${found.name} as vtcode_probe_\nvtcode_probe_${chain}`;
  return asked(session, file, [file.text.length, file.text.length], use);
}

/** The definitions of the last word of `text` if it stood in the file in place of a range. */
async function asked(
  session: ServerSession,
  file: TextFile,
  [start, end]: [number, number],
  text: string,
): Promise<CodePosition[]> {
  const shown = textFileOf(file.path, file.text.slice(0, start) + text + file.text.slice(end));
  const last = start + text.lastIndexOf('.') + 1;
  try {
    session.show(file.path, shown.text);
    const found = await session.about(new Map([[file.path, shown]])).definitions({ path: file.path, offset: last });
    // A place behind the change in the same file would have shifted.
    const by = text.length - (end - start);
    return found.map((one) =>
      one.path === file.path && one.offset >= start ? { ...one, offset: one.offset - by } : one,
    );
  } finally {
    session.show(file.path, undefined);
  }
}
