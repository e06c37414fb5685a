import { type DashboardData, needsPerson, type TreeRow } from './data.ts';

/** View: what is chosen, folded, filtered and asked on the screen. It holds no facts; every change makes a new one. Pure. */
export type View = {
  /** Key of the chosen row; null: the first. */
  chosen: string | null;
  folded: ReadonlySet<string>;
  filter: string;
  sort: Sort;
  pane: 'tree' | 'detail';
  help: boolean;
  prompt: Prompt | null;
  /** The result of the last order; shown until the next key. */
  message: string;
};
/** A question at the bottom: `text` is what was typed so far. */
export type Prompt =
  | { kind: 'filter'; text: string }
  | { kind: 'say'; key: string; text: string }
  | { kind: 'deny'; approval: string; text: string }
  | { kind: 'sure'; question: string; order: { command: string; words: string[]; options: Record<string, unknown> } }
  | { kind: 'allow'; approval: string; hasPattern: boolean };

export const sorts = ['newest', 'attention', 'progress', 'cost', 'tokens', 'name'] as const;
export type Sort = (typeof sorts)[number];

export const firstView: View = {
  chosen: null,
  folded: new Set(),
  filter: '',
  sort: 'newest',
  pane: 'tree',
  help: false,
  prompt: null,
  message: '',
};

/** The rows that are to be seen, in order: what is not folded away, fits the filter, or stands above what does. */
export function visibleRows({ rows }: DashboardData, { folded, filter, sort }: View): TreeRow[] {
  const sorted = sort === 'newest' ? rows : sortRows(rows, sort);
  const wanted = filter === '' ? null : fitting(sorted, filter.toLowerCase());
  const hidden = new Set<string>();
  return sorted.filter(({ key, parent }) => {
    if (parent !== null && (hidden.has(parent) || folded.has(parent))) {
      hidden.add(key);
      return false;
    }
    return wanted === null || wanted.has(key);
  });
}

/** The rows that contain the words, with all rows above and below them. */
function fitting(rows: TreeRow[], filter: string): Set<string> {
  const parents = new Map(rows.map(({ key, parent }) => [key, parent]));
  const found = new Set<string>();
  const above = new Set<string>();
  for (const { key, parent, label, row } of rows) {
    const text = [label, key, row?.state, row?.role, row?.task, row?.models.join(' ')].join(' ').toLowerCase();
    if (!text.includes(filter) && !found.has(parent ?? '')) continue;
    found.add(key);
    for (let at = parent; at !== null; at = parents.get(at) ?? null) above.add(at);
  }
  return new Set([...found, ...above]);
}

/** Rows of one parent in the order that is wanted, each with what is below it. Workspaces stay where they are. */
function sortRows(rows: TreeRow[], sort: Sort): TreeRow[] {
  const children = new Map<string | null, TreeRow[]>();
  for (const row of rows) {
    const siblings = children.get(row.parent);
    if (siblings) siblings.push(row);
    else children.set(row.parent, [row]);
  }
  const visit = (parent: string | null): TreeRow[] => {
    const siblings = children.get(parent) ?? [];
    const sorted = parent === null ? siblings : siblings.toSorted((a, b) => order(a, b, sort));
    return sorted.flatMap((row) => [row, ...visit(row.key)]);
  };
  return visit(null);
}

function order(a: TreeRow, b: TreeRow, sort: Sort): number {
  switch (sort) {
    case 'attention':
      return Number(needsPerson(b)) - Number(needsPerson(a)) || Number(b.row?.live) - Number(a.row?.live);
    case 'progress':
      return (b.row?.progressAt ?? '').localeCompare(a.row?.progressAt ?? '');
    case 'cost':
      return (b.row?.usd ?? 0) - (a.row?.usd ?? 0);
    case 'tokens':
      return (b.row?.tokens ?? 0) - (a.row?.tokens ?? 0);
    default:
      return a.label.localeCompare(b.label);
  }
}

/** The row that is chosen: the first run where none is, or where it is gone. */
export function chosenRow(rows: TreeRow[], { chosen }: View): TreeRow | undefined {
  return rows.find(({ key }) => key === chosen) ?? rows.find(({ kind }) => kind !== 'workspace') ?? rows[0];
}
