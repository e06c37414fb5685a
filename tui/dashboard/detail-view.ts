import { age, fit, flat, type Line, line, type Style, span, wrap } from '../text/text.ts';
import type { Focus, PlannedTask } from './focus.ts';
import { stateStyle } from './tree-view.ts';

/** Everything that is known of the chosen row, as lines of a width. Pure; the caller shows as many as fit. */
export function detailLines(focus: Focus | null, size: { width: number; now: number; live: boolean }): Line[] {
  if (focus === null) return [line('Nothing is chosen, or it cannot be read.', 'quiet')];
  const { width, now, live } = size;
  return [
    [span(focus.key, 'bold')],
    ...approvalLines(focus, width),
    ...wrap(focus.goal, width, 'plain', 6),
    ...(focus.reason === '' ? [] : wrap(focus.reason, width, 'warn', 4)),
    ...nowLines(focus, { width, now, live }),
    ...section(
      'LIST',
      focus.todo.flatMap((item) => wrap(item, width, item.startsWith('[>]') ? 'accent' : 'plain', 2)),
    ),
    ...section('RESULTS', resultLines(focus, width, now)),
    ...section('PLAN', planLines(focus.plan, width, live)),
    ...section(
      'CHANGED',
      focus.files.slice(0, 40).map((file) => line(file)),
      'o opens the diff',
    ),
    ...section('LOG', logLines(focus, width)),
  ];
}

function section(head: string, lines: Line[], hint = ''): Line[] {
  if (lines.length === 0) return [];
  return [[], [span(head, 'quiet'), span(hint === '' ? '' : `  ${hint}`, 'quiet')], ...lines];
}

/** The calls that wait for an answer, with exactly what each would do. */
function approvalLines({ approvals, proposed }: Focus, width: number): Line[] {
  const lines: Line[] = [];
  if (proposed) lines.push([], line('The plan waits for you: y accepts it, d declines it.', 'warn'));
  for (const { approval, agent, exact, rule, risk, pattern, deadline } of approvals) {
    lines.push([], [span(`WAITS FOR YOU  ${approval}`, 'warn'), span('  y allows, d denies', 'quiet')]);
    lines.push(
      ...wrap(`${agent} asks to ${exact.command === undefined ? 'do' : 'run'}, in ${exact.directory}:`, width),
    );
    lines.push(...whole(exact.command ?? exact.summary, width, 'bold'));
    const written = [...exact.files.map((file) => `writes ${file}`), ...(exact.preview ?? [])];
    if (written.length > 0) lines.push(...whole(written.join('\n'), width, 'plain'));
    const held = risk === 'contained' ? 'the walls would hold it' : 'the walls would not make it harmless';
    lines.push(...wrap(`${rule}; ${held}`, width, 'quiet'));
    if (pattern !== undefined) lines.push(...wrap(`for longer than once: ${pattern}`, width, 'quiet'));
    lines.push(
      ...wrap(`denied unless it is answered by ${deadline.slice(0, 16).replace('T', ' ')} UTC`, width, 'quiet'),
    );
  }
  return lines;
}

/** The whole text of a call, or a warning that some is missing: a person must see what they allow. */
function whole(text: string, width: number, style: 'bold' | 'plain'): Line[] {
  const most = 1_000;
  const lines = wrap(text, width, style, most);
  if (lines.length < most) return lines;
  return [...lines, line('The rest of it is not shown here: look at vtcode approvals before you allow it.', 'warn')];
}

/** Of what is being said, the newest lines. */
const newestSaid = 12;

function nowLines(
  { calls, said, thought, streaming }: Focus,
  { width, now, live }: { width: number; now: number; live: boolean },
) {
  const lines: Line[] = [];
  for (const call of calls) {
    const since = call.startedAt === null || !live ? '' : `  ${age(now - Date.parse(call.startedAt))}`;
    lines.push([span(call.name, 'accent'), span(since, 'quiet')]);
    lines.push(...wrap(call.arguments, width, 'plain', 4));
  }
  if (streaming !== '') lines.push(...wrap(streaming, width, 'plain', 200).slice(-newestSaid));
  else if (said !== '') lines.push(...wrap(said, width, 'plain', 12));
  else if (thought !== '') lines.push(...wrap(thought, width, 'quiet', 6));
  return section(live ? 'NOW' : 'LAST', lines);
}

function resultLines({ results }: Focus, width: number, now: number): Line[] {
  return results
    .toReversed()
    .flatMap(({ name, at, text, isError }) => [
      [span(name, isError ? 'bad' : 'good'), span(`  ${age(now - Date.parse(at))} ago`, 'quiet')],
      ...wrap(text.trim(), width, 'plain', 3),
    ]);
}

const marks: Record<string, string> = { merged: '✓', parked: '✗', undone: '↶', waiting: '·' };

/** The plan as a graph: each task stands right of what it waits for, with an arrow from it. */
function planLines(plan: PlannedTask[], width: number, live: boolean): Line[] {
  return plan.map(({ id, title, state, depth, after }) => {
    const style: Style = stateStyle(state, live && state !== 'waiting');
    const indent = depth === 0 ? '' : `${'  '.repeat(Math.min(depth, 8) - 1)}└▸`;
    const mark = marks[state] ?? '●';
    const text = `${id}  ${title}${after.length > 1 ? `  after ${after.join(', ')}` : ''}`;
    const room = Math.max(8, width - indent.length - 2 - 16);
    return [span(`${indent}${mark} `, style), span(fit(flat(text), room)), span(` ${state}`, style)];
  });
}

function logLines({ log }: Focus, width: number): Line[] {
  return log.toReversed().flatMap(({ at, text }) => {
    const [first, ...more] = wrap(text, Math.max(8, width - 9), 'plain', 3);
    return [
      [span(`${at.slice(11, 19)} `, 'quiet'), ...(first ?? [])],
      ...more.map((one) => [span('         '), ...one]),
    ];
  });
}
