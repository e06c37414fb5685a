/**
 * The patch format that OpenAI's models are trained on (Codex, apply_patch_tool_instructions.md): an envelope of file
 * sections, each with hunks that name their place by context, not by line numbers. Pure.
 *
 *     *** Begin Patch
 *     *** Update File: src/a.js
 *     *** Move to: src/b.js
 *     @@ class Shop
 *      context
 *     -old
 *     +new
 *     *** End of File
 *     *** Add File: c.js
 *     +first line
 *     *** Delete File: d.js
 *     *** End Patch
 */
export type Patch = Section[];
export type Section =
  | { kind: 'add'; path: string; content: string }
  | { kind: 'delete'; path: string }
  | { kind: 'update'; path: string; to?: string; hunks: Hunk[] };

/** `places`: lines after which the hunk stands, each behind the one before. `line`: its line in the patch, from 1. */
export type Hunk = { line: number; places: string[]; lines: HunkLine[]; atEnd: boolean };
export type HunkLine = { sign: ' ' | '-' | '+'; text: string };

/** The sections of a patch, or why it cannot be read, in words for the model. */
export function parsePatch(input: string): Patch | string {
  const lines = unwrapped(input);
  const first = lines.findIndex((line) => line.trim() !== '');
  if (lines[first]?.trim() !== '*** Begin Patch') return 'The patch must begin with the line *** Begin Patch.';
  const last = lines.findLastIndex((line) => line.trim() !== '');
  if (lines[last]?.trim() !== '*** End Patch')
    return 'The patch has no line *** End Patch at its end: it may have been cut. Nothing was changed.';
  const patch: Patch = [];
  for (let at = first + 1; at < last; ) {
    const read = lines[at]?.trim() === '' ? at + 1 : readSection(lines, at, last, patch);
    if (typeof read === 'string') return read;
    at = read;
  }
  return patch.length > 0 ? patch : 'The patch has no section: *** Update File:, *** Add File: or *** Delete File:.';
}

const header = /^\*\*\* (Add File|Delete File|Update File|Move to): *(.*?)\s*$/;

/** The patch with every path changed. */
export function withPatchPaths(input: string, map: (path: string) => string): string {
  return input
    .split('\n')
    .map((line) => {
      const [, what, path = ''] = header.exec(line) ?? [];
      return what === undefined || path === '' ? line : `*** ${what}: ${map(path)}`;
    })
    .join('\n');
}

/** Lines of the patch without a here document, a command or a code fence around them. */
function unwrapped(input: string): string[] {
  const text = input.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const begin = text.indexOf('*** Begin Patch');
  const before = begin > 0 ? text.slice(0, begin).trim() : '';
  const isWrapped = /^(apply_patch\s*)?(<<-?\s*['"]?\w+['"]?|```\w*)$/.test(before) || before === 'apply_patch';
  if (!isWrapped) return text.split('\n');
  const end = text.lastIndexOf('*** End Patch');
  return text.slice(begin, end < 0 ? text.length : end + '*** End Patch'.length).split('\n');
}

/** Reads the section that begins at a line; returns the line behind it, or why it cannot be read. */
function readSection(lines: string[], start: number, end: number, patch: Patch): number | string {
  const [, what, path = ''] = header.exec(lines[start] ?? '') ?? [];
  if (what === undefined || what === 'Move to')
    return wrong(lines, start, 'is no *** Update File: <path>, *** Add File: <path> or *** Delete File: <path>');
  if (path === '') return wrong(lines, start, 'names no path');
  if (what === 'Delete File') {
    patch.push({ kind: 'delete', path });
    return start + 1;
  }
  return what === 'Add File' ? readAdd(lines, start, end, path, patch) : readUpdate(lines, start, end, path, patch);
}

function readAdd(lines: string[], start: number, end: number, path: string, patch: Patch): number | string {
  const content: string[] = [];
  let at = start + 1;
  for (; at < end && !header.test(lines[at]!); at += 1) {
    const line = lines[at]!;
    if (line.startsWith('+')) content.push(line.slice(1));
    else if (line.trim() !== '') return wrong(lines, at, 'of a new file must begin with +');
    // An empty line between sections is none of the file's.
    else if (at + 1 < end && !header.test(lines[at + 1]!)) content.push('');
  }
  patch.push({ kind: 'add', path, content: content.map((line) => `${line}\n`).join('') });
  return at;
}

function readUpdate(lines: string[], start: number, end: number, path: string, patch: Patch): number | string {
  const [, what, to] = header.exec(lines[start + 1] ?? '') ?? [];
  const isMoved = what === 'Move to' && to !== undefined && to !== '';
  const hunks: Hunk[] = [];
  let at = start + (isMoved ? 2 : 1);
  while (at < end && !header.test(lines[at]!)) {
    if (lines[at]!.trim() === '') {
      at += 1;
      continue;
    }
    const read = readHunk(lines, at, end, hunks);
    if (typeof read === 'string') return read;
    at = read;
  }
  if (hunks.length === 0 && !isMoved) return wrong(lines, start, 'has no hunk behind it: nothing would change');
  patch.push({ kind: 'update', path, ...(isMoved && { to }), hunks });
  return at;
}

function readHunk(lines: string[], start: number, end: number, hunks: Hunk[]): number | string {
  const hunk: Hunk = { line: start + 1, places: [], lines: [], atEnd: false };
  let at = start;
  for (; at < end && lines[at]!.startsWith('@@'); at += 1) {
    // Line numbers, as other formats have them, say nothing here.
    const place = lines[at]!.slice(2)
      .replace(/^ *-\d+(,\d+)? \+\d+(,\d+)? @@/, '')
      .replace(/^ /, '');
    if (place.trim() !== '') hunk.places.push(place);
  }
  for (; at < end && !header.test(lines[at]!) && !lines[at]!.startsWith('@@'); at += 1) {
    const line = lines[at]!;
    if (line.trim() === '*** End of File') {
      hunk.atEnd = true;
      at += 1;
      break;
    }
    const sign = line === '' ? ' ' : line[0];
    if (sign !== ' ' && sign !== '-' && sign !== '+')
      return wrong(lines, at, 'of a hunk must begin with a space (context), - (removed) or + (added)');
    hunk.lines.push({ sign, text: line.slice(1) });
  }
  // Empty lines at the end only set sections and hunks apart.
  while (!hunk.atEnd && lines[at - 1] === '' && hunk.lines.at(-1)?.text === '' && hunk.lines.length > 1) {
    hunk.lines.pop();
    at -= 1;
  }
  if (!hunk.lines.some(({ sign }) => sign !== ' ')) return wrong(lines, start, 'begins a hunk that changes nothing');
  hunks.push(hunk);
  while (at < end && lines[at] === '') at += 1;
  return at;
}

function wrong(lines: string[], at: number, words: string): string {
  return `Nothing was changed. Line ${at + 1} of the patch ${words}: ${JSON.stringify(lines[at])}.`;
}
