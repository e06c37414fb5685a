import { dollars, fitLine, type Line, line, type Span, short, span, textOf, wrapLine } from '../text/text.ts';
import { widthOf } from '../text/width.ts';
import type { DashboardData, Totals, TreeRow } from './data.ts';
import { detailLines } from './detail-view.ts';
import type { Focus } from './focus.ts';
import { chosenRow, type Prompt, type View, visibleRows } from './state.ts';
import { type Tree, treeOf } from './tree-view.ts';

export type Size = { width: number; height: number };
/** The dashboard as lines for each pane. `rows`: the rows of the tree in order; `view`: with the chosen row as it is. */
export type Parts = {
  title: Line;
  tree: Tree;
  rows: TreeRow[];
  details: Line[];
  totals: Line;
  alerts: Line;
  bottom: Line;
  chosen: TreeRow | undefined;
  view: View;
};

/** From this width on both sides are shown; below it one at a time, and Tab goes to the other. */
export const bothFrom = 110;
/** The tree's share of the width where both sides are shown, and the cells between the two. */
export const treeShare = 0.58;
export const between = 3;
export const smallest: Size = { width: 60, height: 15 };
/** Lines around the two sides: title, totals, alerts and keys. */
const around = 4;

/** Draws the data as `wanted` asks for it, for panes of these widths. Pure. */
export function partsOf(
  data: DashboardData,
  focus: Focus | null,
  wanted: View,
  { width, tree, detail }: { width: number; tree: number; detail: number },
): Parts {
  const rows = visibleRows(data, wanted);
  const chosen = chosenRow(rows, wanted);
  const view = { ...wanted, chosen: chosen?.key ?? null };
  return {
    ...{ rows, chosen, view },
    title: titleLine(data, view, width),
    tree: treeOf(chosen, view, { width: tree, now: data.now, hasChildren: parentsIn(data.rows) }),
    details: view.help
      ? helpLines.flatMap((one) => wrapLine(one, Math.max(1, detail)))
      : detailLines(focus, { width: detail, now: data.now, live: chosen?.row?.live === true }),
    totals: totalsLine(data.totals),
    alerts: alertsLine(data, view),
    bottom: bottomLine(view, width >= bothFrom),
  };
}

/** The line of the tree's pane with this number. Without any run it says how to begin. */
export function treeLine({ rows, tree }: Parts, index: number): Line | undefined {
  if (rows.length === 0) return welcome[index - 1];
  const row = rows[index];
  return row && tree.line(row);
}

/**
 * The dashboard from its beginning as one picture: `height` lines each exactly `width` cells wide. `rows` are the keys of
 * the tree's rows from line `rowsAt` on, left of column `divide`. Pure.
 */
export type Frame = { lines: Line[]; rowsAt: number; rows: string[]; divide: number };

export function frame(data: DashboardData, focus: Focus | null, view: View, { width, height }: Size): Frame {
  const body = Math.max(1, height - around);
  const isBoth = width >= bothFrom;
  const divide = isBoth ? Math.floor(width * treeShare) : view.pane === 'tree' ? width : 0;
  const detail = isBoth ? width - divide - between : width - 1;
  const parts = partsOf(data, focus, view, { width, tree: divide, detail });
  const { tree, details, rows, title, totals, alerts, bottom } = parts;
  const sides = Array.from({ length: body }, (_, at): Line => {
    const left = (at === 0 ? tree.head : treeLine(parts, at - 1)) ?? [];
    const right = details[at] ?? [];
    if (isBoth) return [...fitLine(left, divide), divider, ...fitLine(right, detail)];
    return view.pane === 'detail' || view.help ? right : left;
  });
  const lines = [title, ...sides, totals, alerts, bottom].map((one) => fitLine(one, width));
  const keys = rows.slice(0, body - 1).map(({ key }) => key);
  return { lines: lines.slice(0, height), rowsAt: 2, rows: divide === 0 ? [] : keys, divide };
}

export const divider: Span = { text: ' │ ', style: 'quiet' };

function parentsIn(rows: TreeRow[]): Set<string> {
  return new Set(rows.flatMap(({ parent }) => parent ?? []));
}

function titleLine({ totals, now }: DashboardData, { filter, sort }: View, width: number): Line {
  const left = ` vtcode  ${totals.runs} at work${filter === '' ? '' : `  /${filter}`}${sort === 'newest' ? '' : `  by ${sort}`}`;
  const right = `${new Date(now).toTimeString().slice(0, 8)} `;
  const text = span(left, 'bar').text;
  return [
    span(`${text}${' '.repeat(Math.max(1, width - widthOf(text) - right.length))}${right}`.slice(0, 4096), 'bar'),
  ];
}

function totalsLine({ agents, tokensPerMinute, usdToday, usdLimit, refusals, unreadable }: Totals): Line {
  const of = usdLimit > 0 ? ` of ${dollars(usdLimit)}` : '';
  const parts = [
    `${agents} agent${agents === 1 ? '' : 's'}`,
    `${short(tokensPerMinute)} tokens/min`,
    `${dollars(usdToday)} today${of}`,
    `${refusals} × 429`,
  ];
  if (unreadable > 0) parts.push(`${unreadable} cannot be read`);
  return line(` ${parts.join('   ')}`, 'quiet');
}

function alertsLine({ alerts }: DashboardData, { message }: View): Line {
  if (message !== '') return line(` ${message}`, 'bold');
  return alerts.flatMap(({ kind, keys }): Span[] => {
    const [first = ''] = keys;
    const more = keys.length > 1 ? ` and ${keys.length - 1} more` : '';
    return [span(` ${kind}: `, kind === 'gave up' ? 'bad' : 'warn'), span(`${first}${more}  `)];
  });
}

const keyHints = 'y allow  d deny  m say  p pause  r resume  S stop  o diff  / filter  s sort  q quit';

function bottomLine({ prompt, help }: View, isBoth: boolean): Line {
  if (prompt) return promptLine(prompt);
  if (help) return line(' any key: back', 'bar');
  return line(` ? keys  ↑↓ choose  ${isBoth ? '' : 'tab details  '}${keyHints}`, 'bar');
}

function promptLine(prompt: Prompt): Line {
  const cursor: Span = { text: ' ', style: 'chosen' };
  switch (prompt.kind) {
    case 'filter':
      return [span(' Show only what contains: ', 'bold'), span(tail(prompt.text)), cursor];
    case 'say':
      return [span(` Say to ${prompt.key}: `, 'bold'), span(tail(prompt.text)), cursor];
    case 'sure':
      return [span(` ${prompt.question} `, 'bold'), span('y yes, any other key no', 'quiet')];
    case 'deny':
      return [span(` Deny ${prompt.approval}. Why (may be empty): `, 'bold'), span(tail(prompt.text)), cursor];
    case 'allow':
      return [
        span(` Allow ${prompt.approval}: `, 'bold'),
        span(
          `o once, t for this task, r for this run${prompt.hasPattern ? ', a always' : ''}; ↑ ↓ scroll, any other key: not now`,
        ),
      ];
  }
}

/** The end of what is typed, so that the cursor is in sight. */
function tail(text: string): string {
  return text.length > 200 ? `…${text.slice(-40)}` : text.length > 40 ? `…${text.slice(-39)}` : text;
}

const welcome: Line[] = [
  line('  No agent is at work on this machine.', 'bold'),
  line('  Start one in another terminal, and it appears here:'),
  line('    vtcode run "add a test for the parser" --detach'),
  line('    vtcode run --plan "rename fetchUser to loadUser" --detach'),
  line('  What finished longer than a day ago: vtcode dashboard -a', 'quiet'),
];

const helpLines: Line[] = [
  line('KEYS', 'bold'),
  ...[
    '↑ ↓ j k       choose a row; PgUp PgDn a page, g first, G last',
    'enter space   fold or unfold         tab  to the other side and back',
    '/             show only what contains some words     s  sort in another way',
    'y d           answer what waits for you: allow or deny (the exact call is shown first)',
    'm             say something to the chosen agent',
    'p r           pause, resume          R  restart its host',
    'S K           stop; stop at once, cutting off what is under way',
    'u             undo a merged task and what depends on it     t  try a parked one again',
    'o             open the diff in $PAGER        c  copy the id',
    'q Ctrl+C      quit: nothing stops because of it',
  ].map((text) => line(text)),
  [],
  line('WORDS', 'bold'),
  ...[
    'waiting for you   a call or a plan needs your answer',
    'thinking          its model was asked and has not answered',
    'queued, parked    it waits for room, for other agents, for a limit, or for you',
    'interrupted       no host works on it; resume goes on where it was',
    'gave up           its hosts died too often; resume forgives',
    'AGE               since something was written about it last',
    'RST               restarts after crashes      429  refusals of the last ten minutes',
  ].map((text) => line(text)),
];

/** A frame as text, without spaces at the ends of lines. */
export function frameText({ lines }: Frame): string {
  return lines.map((one) => textOf(one).trimEnd()).join('\n');
}
