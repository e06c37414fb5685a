import type { CodeSession } from '../code/code-session.ts';
import { isInComment, wordOffsets } from '../code/syntax.ts';
import type { ToolContext } from '../contracts/tool.ts';
import { filesContaining, isCode, isMarkup } from '../files/source-files.ts';
import type { TextEdit, TextFile } from '../files/text-file.ts';
import type { Occurrence } from './rename-targets.ts';

/**
 * Occurrences of a name that are text and no code: what a rename leaves alone unless it is asked to take texts too. Each
 * gets a reason that says which kind of text it is, so that a person can look through them.
 */
const documents = ['*.{md,markdown,txt,rst,adoc,asciidoc}', '!**/node_modules/**', '!**/.yarn/**'];
/** A person looks through no more files, and a name in so many is a word of everyday use. */
const toldMax = 200;

/** The name as a word of its own in documents: in all of them when they change, else in as many as a person is told. */
export async function inDocuments(
  context: ToolContext,
  session: CodeSession,
  name: string,
  change: boolean,
): Promise<Occurrence[]> {
  const paths = await filesContaining(context, name, documents);
  return (change ? paths : paths.slice(0, toldMax)).flatMap((path) => {
    const { text = '' } = session.files.read(path) ?? {};
    return wordOffsets(text, name).map((offset): Occurrence => {
      return { path, offset, placement: 'text', reason: 'in a document' };
    });
  });
}

/** The edits that put the new name at each place, by path. */
export function editsOf(places: readonly Occurrence[], name: string, to: string): Map<string, TextEdit[]> {
  const byPath = Map.groupBy(places, ({ path }) => path);
  return new Map(
    [...byPath].map(([path, list]) => [
      path,
      list.map(({ offset }) => ({ start: offset, end: offset + name.length, text: to })),
    ]),
  );
}

/** The occurrence with the kind of its text, when it is one. */
export function withKind(session: CodeSession, name: string, occurrence: Occurrence): Occurrence {
  const file = occurrence.placement === 'text' ? session.files.read(occurrence.path) : undefined;
  if (file === undefined || occurrence.reason !== undefined) return occurrence;
  return { ...occurrence, reason: kindOfText(file, occurrence.offset, name) };
}

function kindOfText(file: TextFile, offset: number, name: string): string {
  const [before, behind] = [file.text[offset - 1] ?? '', file.text[offset + name.length]];
  if (isCode(file.path) && isInComment(file, offset)) return 'in a comment';
  if (/['"`]/.test(before) && before === behind) return 'a string that is the name';
  return isMarkup(file.path) ? 'in the text of the page' : 'in a string';
}
