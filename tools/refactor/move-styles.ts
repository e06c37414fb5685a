import { posix } from 'node:path';
import type { TextEdit, TextFile } from '../files/text-file.ts';
import { type Move, relativePath } from './move-plan.ts';

/** The file endings of style sheets, whose imports and `url(…)` are rewritten. */
export const isStyle = (path: string): boolean => /\.(?:css|scss|sass|less|styl|pcss)$/.test(path);

const reference =
  /(?:@(?:import|use|forward|plugin|reference|config|source)\s+(?:\([^)]*\)\s*)?(?:url\(\s*)?|\burl\(\s*|\bcomposes:[^;]*?\bfrom\s+|@value[^;]*?\bfrom\s+)(["']?)([^"')\s;]+)\1/g;
const endings = ['', '.css', '.scss', '.sass', '.less', '.styl', '.pcss'];

/** The changes of a style sheet's references, and the spans of those that lead to a file of the workspace. */
export function styleEdits(
  file: TextFile,
  all: ReadonlySet<string>,
  move: Move,
): { edits: TextEdit[]; spans: TextEdit[] } {
  const found: { edits: TextEdit[]; spans: TextEdit[] } = { edits: [], spans: [] };
  for (const match of file.text.matchAll(reference)) {
    const [query = ''] = /[?#].*$/.exec(match[2]!) ?? [];
    const written = match[2]!.slice(0, match[2]!.length - query.length);
    if (/^(?:[a-z]+:|\/|~|@|#|$)/.test(written)) continue;
    const start = match.index + match[0].length - match[1]!.length - match[2]!.length;
    const target = posix.join(posix.dirname(file.path), written);
    const path = candidates(target).find((one) => all.has(one));
    if (path === undefined) continue;
    const text = newReference(file, written, path, move);
    const edit = { start, end: start + written.length, text: text ?? written };
    found.spans.push(edit);
    if (text !== undefined && text !== written) found.edits.push(edit);
  }
  return found;
}

/** A style sheet may be named without its ending, and without the `_` that keeps it from being compiled alone. */
function candidates(target: string): string[] {
  const partial = posix.join(posix.dirname(target), `_${posix.basename(target)}`);
  const inFolder = [posix.join(target, '_index'), posix.join(target, 'index')];
  return [target, partial, ...inFolder].flatMap((one) => endings.map((ending) => one + ending));
}

function newReference(file: TextFile, written: string, path: string, move: Move): string | undefined {
  const [from, to] = [posix.dirname(file.path), posix.dirname(move.placeOf(file.path))];
  const place = move.placeOf(path);
  if (posix.relative(from, path) === posix.relative(to, place)) return undefined;
  const named = posix.basename(path);
  const last = posix.basename(written);
  const isFolder = /^_?index\./.test(named) && !/^_?index/.test(last);
  let target = isFolder && /^_?index\./.test(posix.basename(place)) ? posix.dirname(place) : place;
  if (!isFolder && posix.extname(last) !== posix.extname(named)) target = target.replace(/\.\w+$/, '');
  if (!isFolder && named.startsWith('_') && !last.startsWith('_')) {
    target = posix.join(posix.dirname(target), posix.basename(target).replace(/^_/, ''));
  }
  const relative = relativePath(to, target);
  return written.startsWith('.') ? relative : relative.replace(/^\.\//, '');
}
