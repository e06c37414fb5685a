import { age, cut, dollars, fit, flat, type Line, line, type Span, type Style, short, span } from '../text/text.ts';
import type { TreeRow } from './data.ts';
import type { View } from './state.ts';

/** The left side: one line for each row, and a head. Pure. */

type Column = { head: string; width: number; side: 'start' | 'end'; cell(row: TreeRow, now: number): Span };

const states: Column = {
  head: 'STATE',
  width: 15,
  side: 'start',
  cell: ({ row }) => span(row?.state ?? '', row ? stateStyle(row.state, row.live) : 'plain'),
};
const ages: Column = {
  head: 'AGE',
  width: 4,
  side: 'end',
  cell: ({ row }, now) => span(row ? age(now - Date.parse(row.progressAt)) : ''),
};

/** Those that matter most first: where the room is short the last are left out. */
const columns: Column[] = [
  states,
  ages,
  { head: 'COST', width: 8, side: 'end', cell: ({ row }) => span(row && row.usd > 0 ? dollars(row.usd) : '') },
  { head: 'TOKENS', width: 6, side: 'end', cell: ({ row }) => span(row && row.tokens > 0 ? short(row.tokens) : '') },
  { head: 'ACTIVITY', width: 8, side: 'start', cell: ({ activity }) => span(sparkline(activity), 'accent') },
  { head: 'MODEL', width: 16, side: 'start', cell: ({ row }) => span(row?.models.join(',') ?? '') },
  { head: 'ROLE', width: 9, side: 'start', cell: ({ row }) => span(row?.role ?? '', 'quiet') },
  { head: 'MEM', width: 5, side: 'end', cell: ({ row }) => span(memory(row?.memoryBytes ?? null)) },
  {
    head: 'RST',
    width: 3,
    side: 'end',
    cell: ({ row }) => span(row && row.restarts > 0 ? String(row.restarts) : '', 'warn'),
  },
];

/** Names want so much room before a column of less weight gets any. */
const nameMin = 26;

const bars = ' ▁▂▃▄▅▆▇█';

/** Each number as a bar; the highest of them is a whole one, but a few events never look like many. */
function sparkline(numbers: number[]): string {
  const most = Math.max(8, ...numbers);
  return numbers.map((number) => bars[Math.ceil((number / most) * 8)] ?? ' ').join('');
}

function memory(bytes: number | null): string {
  if (bytes === null) return '';
  const mb = bytes / 2 ** 20;
  return mb < 10_000 ? `${Math.round(mb)}M` : `${Math.round(mb / 1024)}G`;
}

/** The colour of a state; what it says is said by the word alone as well. */
export function stateStyle(state: string, live: boolean): Style {
  if (/^(waiting for you|at a limit|paused|interrupted|stopped|incomplete|limit)$/.test(state)) return 'warn';
  if (/^(gave up|failed|parked|cannot|restarting)$/.test(state)) return 'bad';
  if (/^(done|merged)$/.test(state)) return 'good';
  return live ? 'accent' : 'quiet';
}

export function treeColumns(width: number): Column[] {
  const taken: Column[] = [];
  let left = width - nameMin;
  for (const column of columns) {
    left -= column.width + 1;
    if (left < 0) break;
    taken.push(column);
  }
  return taken.length === 0 ? [states] : taken;
}

/** The tree as a head and one line for each row, made when it is asked for; each is as wide as wanted. */
export type Tree = { head: Line; line(row: TreeRow): Line };

export function treeOf(
  chosen: TreeRow | undefined,
  { folded }: View,
  { width, now, hasChildren }: { width: number; now: number; hasChildren: ReadonlySet<string> },
): Tree {
  const shown = treeColumns(width);
  const nameWidth = Math.max(8, width - shown.reduce((total, column) => total + column.width + 1, 0));
  const head = [fit('NAME', nameWidth), ...shown.map(({ head, width, side }) => ` ${fit(head, width, side)}`)].join('');
  const lineOf = (row: TreeRow): Line => {
    const mark = !hasChildren.has(row.key) ? ' ' : folded.has(row.key) ? '▸' : '▾';
    const name = flat(`${'  '.repeat(row.depth)}${mark} ${nameOf(row)}`);
    if (row.kind === 'workspace' || row.kind === 'unreadable')
      return [{ text: fit(name, width), style: row.kind === 'workspace' ? 'bold' : 'bad' }];
    const cells = shown.flatMap((column): Span[] => {
      const { text, style } = column.cell(row, now);
      return [
        { text: ' ', style: 'plain' },
        { text: fit(text, column.width, column.side), style },
      ];
    });
    return [{ text: fit(name, nameWidth), style: 'plain' }, ...cells];
  };
  return { head: line(head, 'quiet'), line: (row) => choose(lineOf(row), row.key === chosen?.key) };
}

function nameOf({ label, row, kind }: TreeRow): string {
  if (row === null || kind === 'agent') return label;
  return `${cut(flat(label), 18)}  ${row.task}`;
}

function choose(spans: Line, isChosen: boolean): Line {
  return isChosen ? spans.map(({ text }) => ({ text, style: 'chosen' as const })) : spans;
}
