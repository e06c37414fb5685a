import { dollars, fitLine, type Line, line, type Span, short, span, textOf, wrapLine } from '../text/text.ts';
import { widthOf } from '../text/width.ts';
import type { DashboardData, Totals, TreeRow } from './data.ts';
import { detailLines } from './detail-view.ts';
import type { Focus } from './focus.ts';
import { chosenRow, type Prompt, type View, visibleRows } from './state.ts';
import { treeLines } from './tree-view.ts';

/**
 * Frame: what a terminal shows, `height` lines each exactly `width` cells wide, and what a click on it means: `rows` are
 * the keys of the tree's rows from line `rowsAt` on, left of column `divide`.
 */
export type Frame = { lines: Line[]; rowsAt: number; rows: string[]; divide: number; view: View };
export type Size = { width: number; height: number };

/** Below this width one side is shown at a time; Tab goes to the other. */
const bothFrom = 110;
export const smallest: Size = { width: 60, height: 15 };
/** Lines around the two sides: title, totals, alerts and keys. */
const around = 4;

/** Draws the data as `view` wants to see it. `frame.view` is the view with what does not fit put right. Pure. */
export function frame(data: DashboardData, focus: Focus | null, wanted: View, { width, height }: Size): Frame {
  const body = Math.max(1, height - around);
  const rows = visibleRows(data, wanted);
  const isBoth = width >= bothFrom;
  const divide = isBoth ? Math.floor(width * 0.58) : wanted.pane === 'tree' ? width : 0;
  const detailWidth = isBoth ? width - divide - 3 : width - 1;
  const chosen = chosenRow(rows, wanted);
  const details = wanted.help
    ? helpLines.flatMap((one) => wrapLine(one, Math.max(1, isBoth ? detailWidth : width - 1)))
    : detailLines(focus, { width: detailWidth, now: data.now, live: chosen?.row?.live === true });
  const view = settle(wanted, { rows, chosen, body, details: details.length });
  const tree = treeLines(rows, view, { width: divide, height: body, now: data.now, hasChildren: parentsIn(data.rows) });
  const sides: Line[] = [];
  for (let at = 0; at < body; at += 1) {
    const detail = details[at + view.detailTop] ?? [];
    if (isBoth) sides.push([...fitLine(tree[at] ?? [], divide), span(' │ ', 'quiet'), ...fitLine(detail, detailWidth)]);
    else if (wanted.pane === 'detail' || wanted.help) sides.push(detail);
    else sides.push(tree[at] ?? []);
  }
  if (data.rows.length === 0) sides.splice(2, welcome.length, ...welcome);
  const lines = [
    titleLine(data, view, width),
    ...sides,
    totalsLine(data.totals),
    alertsLine(data, view),
    bottomLine(view, isBoth),
  ].map((one) => fitLine(one, width));
  const keys = rows.slice(view.top, view.top + body - 1).map(({ key }) => key);
  return { lines: lines.slice(0, height), rowsAt: 2, rows: divide === 0 ? [] : keys, divide, view };
}

function parentsIn(rows: TreeRow[]): Set<string> {
  return new Set(rows.flatMap(({ parent }) => parent ?? []));
}

/** The view with the chosen row in sight, and nothing scrolled beyond its end. */
function settle(
  view: View,
  seen: { rows: TreeRow[]; chosen: TreeRow | undefined; body: number; details: number },
): View {
  const { rows, chosen, body, details } = seen;
  const shown = Math.max(1, body - 1);
  const at = chosen ? rows.indexOf(chosen) : 0;
  let top = Math.max(0, Math.min(view.top, rows.length - shown));
  if (at < top) top = at;
  if (at >= top + shown) top = at - shown + 1;
  const detailTop = Math.max(0, Math.min(view.detailTop, details - body));
  return { ...view, chosen: chosen?.key ?? null, top, detailTop };
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
    'waiting for you   somebody has to allow or accept something',
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
