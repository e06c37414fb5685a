/** Where a text would match if spaces did not count: the usual reason why a copied text is not found. Pure. */

/** How many lines of the file are shown. */
const shownMax = 12;

/** The advice for a text that is not in the file: the nearest place, what differs, and the lines as they are. */
export function nearestLines(fileText: string, wanted: string): string {
  const lines = fileText.split(/\r?\n/);
  const sought = wanted.replace(/^(\r?\n)+|(\r?\n)+$/g, '').split(/\r?\n/);
  for (const { reads, differs } of readings) {
    const all = lines.map(reads);
    const block = sought.map(reads);
    if (block.every((line) => line === '')) break;
    const at = placeOf(all, block);
    if (at >= 0) return `${shown(lines, at, sought.length)} ${differs}`;
  }
  const first = sought.find((line) => line.trim() !== '')?.trim();
  const at = lines.findIndex((line) => line.trim() === first);
  if (first === undefined || at < 0) return 'Read the file again and copy the text exactly.';
  const next = sought.findIndex((line, index) => (lines[at + index] ?? '').trim() !== line.trim());
  return `Its first line is like line ${at + 1}, but line ${at + 1 + Math.max(0, next)} is otherwise. ${shown(lines, at, sought.length)}`;
}

const readings = [
  { reads: (line: string) => line.trimEnd(), differs: 'Only spaces at the ends of lines differ.' },
  { reads: (line: string) => line.trim(), differs: 'Only spaces at the beginnings or ends of lines differ.' },
  { reads: (line: string) => plain(line).replace(/\s+/g, ''), differs: 'Only spaces, quotes or dashes differ.' },
  {
    reads: (line: string) => plain(line).replace(/\s+/g, '').toLowerCase(),
    differs: 'Only capitals and spaces differ.',
  },
];

/** Quotes, dashes and spaces that look alike as the plain one. */
function plain(line: string): string {
  return line
    .replace(/[\u2018\u2019\u201a\u201b]/g, "'")
    .replace(/[\u201c\u201d\u201e\u201f]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u00a0\u2000-\u200b\u202f\u205f\u3000]/g, ' ');
}

function placeOf(lines: string[], block: string[]): number {
  for (let at = 0; at + block.length <= lines.length; at += 1)
    if (block.every((line, index) => lines[at + index] === line)) return at;
  return -1;
}

function shown(lines: string[], at: number, count: number): string {
  const some = lines.slice(at, at + Math.min(count, shownMax));
  const range = count === 1 ? `Line ${at + 1} is` : `Lines ${at + 1}–${Math.min(at + count, lines.length)} are`;
  return `${range} like it; copied exactly:\n${some.join('\n')}\n${count > shownMax ? '(and more)\n' : ''}`;
}
