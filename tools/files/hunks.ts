import type { Hunk } from '../contracts/patch.ts';
import { nearestLines } from './nearest-lines.ts';
import type { TextEdit } from './text-file.ts';

/**
 * The replacements that hunks make in a text, in order; a string: which hunk has no certain place, and what is nearest.
 * Context and removed lines must be there exactly (line ends aside). Pure.
 */
export function editsOfHunks(text: string, hunks: readonly Hunk[], lineEnd: string): TextEdit[] | string {
  const lines = linesOf(text);
  const edits: TextEdit[] = [];
  let from = 0;
  for (const [at, hunk] of hunks.entries()) {
    const head = hunks.length === 1 ? '' : `Hunk ${at + 1} of ${hunks.length} (line ${hunk.line} of the patch): `;
    const behind = behindPlaces(lines, hunk.places, from);
    if (typeof behind === 'string') return `${head}${behind}`;
    const place = placeOf(lines, hunk, behind, text);
    if (typeof place === 'string') return `${head}${place}`;
    edits.push(...editsAt(lines, hunk, place, lineEnd));
    from = place + hunk.lines.filter(({ sign }) => sign !== '+').length;
  }
  return edits;
}

type Line = { text: string; start: number; end: number };

/** `end` counts the line's own end. The empty rest behind a last line end is no line. */
function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed + 1;
    lines.push({ text: text.slice(start, end).replace(/\r?\n$/, ''), start, end });
    start = end;
  }
  return lines;
}

/** The line behind the last of these lines, which stand behind one another. */
function behindPlaces(lines: Line[], places: string[], from: number): number | string {
  let behind = from;
  for (const place of places) {
    const exact = lines.findIndex((line, at) => at >= behind && line.text === place);
    const found = exact >= 0 ? exact : lines.findIndex((line, at) => at >= behind && line.text.trim() === place.trim());
    if (found < 0) return `no line behind line ${behind} reads ${JSON.stringify(place)} (the line behind @@).`;
    behind = found + 1;
  }
  return behind;
}

/** The line where the old lines of a hunk stand. */
function placeOf(lines: Line[], hunk: Hunk, from: number, text: string): number | string {
  const old = hunk.lines.flatMap((line) => (line.sign === '+' ? [] : [line.text]));
  // Only added lines: behind the line that @@ names, else at the end of the file.
  if (old.length === 0) return hunk.places.length > 0 && !hunk.atEnd ? from : lines.length;
  const isAt = (at: number) => old.every((line, index) => lines[at + index]?.text === line);
  if (hunk.atEnd && isAt(lines.length - old.length)) return lines.length - old.length;
  const found = lines.flatMap((_, at) => (at >= from && isAt(at) ? [at] : []));
  if (found.length === 0) {
    const earlier = from > 0 && lines.some((_, at) => isAt(at));
    const order = earlier ? 'They stand before the place of the hunk before: hunks follow the order of the file. ' : '';
    return `its old lines are not in the file. ${order}${nearestLines(text, old.join('\n'))}`;
  }
  if (found.length > 1 && hunk.places.length === 0) {
    const places = found.slice(0, 10).map((at) => at + 1);
    return `its old lines are in the file ${found.length} times (from lines ${places.join(', ')}). Add context, or name a line before them behind @@.`;
  }
  return found[0]!;
}

/** The replacements of one hunk whose old lines begin at a line: only of what it changes. */
function editsAt(lines: Line[], hunk: Hunk, place: number, lineEnd: string): TextEdit[] {
  const edits: TextEdit[] = [];
  let at = place;
  let open: { first: number; added: string[] } | null = null;
  const close = () => {
    if (open) edits.push(replacement(lines, open.first, at, open.added, lineEnd));
    open = null;
  };
  for (const { sign, text } of hunk.lines) {
    if (sign === ' ') {
      close();
      at += 1;
      continue;
    }
    open ??= { first: at, added: [] };
    if (sign === '+') (open as { added: string[] }).added.push(text);
    else at += 1;
  }
  close();
  return edits;
}

/** Puts lines in place of those from `first` to before `behind`. A file without a last line end stays without. */
function replacement(lines: Line[], first: number, behind: number, added: string[], lineEnd: string): TextEdit {
  const end = behind > 0 ? (lines[behind - 1]?.end ?? 0) : 0;
  const start = first < lines.length ? lines[first]!.start : end;
  const last = lines.at(-1);
  const isOpen = behind >= lines.length && last !== undefined && last.end - last.start === last.text.length;
  const whole = added.map((line) => line + lineEnd).join('');
  if (!isOpen) return { start, end: Math.max(start, end), text: whole };
  const text = whole.slice(0, whole.length - lineEnd.length);
  // Behind an open last line its end comes first; with nothing in its place the line end before it goes too.
  if (first >= lines.length) return { start, end, text: `${lineEnd}${text}` };
  return { start, end, text };
}
