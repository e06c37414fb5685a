import { placeText, positionAt, type TextFile } from '../files/text-file.ts';
import type { CodePosition } from './code-questions.ts';
import type { CodeSession } from './code-session.ts';

/** A line of code longer than this says no more about a place. */
const lineCharactersMax = 160;

/** `path:line:column the line's text`, or only the path for a place outside the workspace. */
export function shown(session: CodeSession, place: CodePosition): string {
  const file = place.offset < 0 ? undefined : session.files.read(place.path);
  if (file === undefined) return `${place.path} (outside the workspace)`;
  return `${placeText(file, place.offset)} ${lineAt(file, place.offset)}`;
}

function lineAt(file: TextFile, offset: number): string {
  const { line } = positionAt(file, offset);
  const text = file.text.slice(file.lines[line], file.lines[line + 1]).trim();
  return text.length > lineCharactersMax ? `${text.slice(0, lineCharactersMax)}…` : text;
}

/** The first lines, and when some were left out how many and what to do. */
export function cutLines(lines: readonly string[], linesMax: number, advice: string): string {
  if (lines.length <= linesMax) return lines.join('\n');
  return `${lines.slice(0, linesMax).join('\n')}\n[${linesMax} of ${lines.length}: ${advice}]`;
}
