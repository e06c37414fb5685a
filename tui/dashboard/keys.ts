import { flat } from '../text/text.ts';
import type { TreeRow } from './data.ts';
import { needsPerson } from './data.ts';
import type { Focus } from './focus.ts';
import { firstView, type Prompt, sorts, type View } from './state.ts';

/** A command of vtcode, as its own words and options; it is carried out by the same function. */
export type Order = { command: string; words: string[]; options: Record<string, unknown> };
/** An effect of a key beside a new view. */
export type Effect =
  | { kind: 'order'; order: Order }
  | { kind: 'diff'; run: string; agent: string | null }
  | { kind: 'copy'; text: string }
  /** Scrolls the detail by so many lines. */
  | { kind: 'scroll'; lines: number }
  | { kind: 'quit' };
export type Pressed = { view: View; effect: Effect | null };
/** The screen at the time of a key: rows in order, the chosen one and its details, lines of a page. */
export type Seen = { rows: TreeRow[]; chosen: TreeRow | undefined; focus: Focus | null; page: number };

/** Words for an agent, or a reason, may be so long. */
const textMax = 4_000;

/** The view and the effect after a key. Pure. */
export function press(before: View, name: string, text: string, seen: Seen): Pressed {
  const view = { ...before, message: '' };
  if (view.help) return moves.has(name) ? scroll(view, name, seen) : { view: { ...view, help: false }, effect: null };
  if (view.prompt) return answer(view, view.prompt, name, text, seen);
  if (moves.has(name))
    return view.pane === 'detail' ? scroll(view, name, seen) : { view: move(view, name, seen), effect: null };
  const looked = look(view, name, seen);
  return looked ? { view: looked, effect: null } : act(view, name, seen);
}

const moves = new Set(['up', 'down', 'k', 'j', 'pageup', 'pagedown', 'g', 'G', 'home', 'end']);

function stepOf(name: string, { page, rows }: Seen): number {
  const steps: Record<string, number> = { up: -1, k: -1, down: 1, j: 1, pageup: -page, pagedown: page };
  return steps[name] ?? (name === 'g' || name === 'home' ? -Infinity : Infinity) * Math.max(1, rows.length);
}

function move(view: View, name: string, seen: Seen): View {
  const at = seen.chosen ? seen.rows.indexOf(seen.chosen) : 0;
  const to = Math.max(0, Math.min(seen.rows.length - 1, at + stepOf(name, seen)));
  return choose(view, seen.rows[to]?.key);
}

function choose(view: View, key: string | undefined): View {
  return key === undefined ? view : { ...view, chosen: key };
}

/** More lines than any detail has. */
const linesMax = 1_000_000;

/** The pane itself stops at its ends. */
function scroll(view: View, name: string, seen: Seen): Pressed {
  const lines = Math.max(-linesMax, Math.min(linesMax, stepOf(name, seen)));
  return { view, effect: { kind: 'scroll', lines } };
}

/** Keys that only change what is looked at; null: it is another. */
function look(view: View, name: string, { rows, chosen }: Seen): View | null {
  switch (name) {
    case '?':
    case 'h':
      return { ...view, help: true };
    case 'tab':
    case 'S-tab':
      return { ...view, pane: view.pane === 'tree' ? 'detail' : 'tree' };
    case '/':
      return { ...view, prompt: { kind: 'filter', text: view.filter } };
    case 'escape':
      return { ...view, filter: '', pane: 'tree' };
    case 's': {
      const sort = sorts[(sorts.indexOf(view.sort) + 1) % sorts.length] ?? firstView.sort;
      return { ...view, sort, message: `sorted by: ${sort}` };
    }
    case 'return':
    case ' ':
    case 'space':
      return chosen ? fold(view, chosen.key, !view.folded.has(chosen.key)) : view;
    case 'left':
      return chosen && (view.folded.has(chosen.key) || !rows.some(({ parent }) => parent === chosen.key))
        ? choose(view, chosen.parent ?? undefined)
        : chosen
          ? fold(view, chosen.key, true)
          : view;
    case 'right':
      return chosen ? fold(view, chosen.key, false) : view;
    case 'w': {
      const waiting = rows.filter(needsPerson);
      const next = waiting[(waiting.findIndex(({ key }) => key === chosen?.key) + 1) % waiting.length];
      return next ? choose(view, next.key) : { ...view, message: 'Nothing waits for you.' };
    }
    default:
      return null;
  }
}

function fold(view: View, key: string, isFolded: boolean): View {
  const folded = new Set(view.folded);
  if (isFolded) folded.add(key);
  else folded.delete(key);
  return { ...view, folded };
}

/** Keys that do something to the chosen run, task or agent. */
function act(view: View, name: string, { chosen, focus }: Seen): Pressed {
  const same = (message = ''): Pressed => ({ view: { ...view, message }, effect: null });
  const ask = (prompt: Prompt): Pressed => ({ view: { ...view, prompt }, effect: null });
  if (name === 'q' || name === 'C-c') return { view, effect: { kind: 'quit' } };
  if (!/^[ydmprSKRutoc]$/.test(name)) return same();
  const row = chosen?.row;
  if (!chosen || !row) return same('Choose a run or an agent first.');
  const { run, agent } = row;
  const order = (command: string, options = {}): Pressed => ({
    view,
    effect: { kind: 'order', order: { command, words: [run], options } },
  });
  const sure = (question: string, command: string, words = [run], options = {}) =>
    ask({ kind: 'sure', question, order: { command, words, options } });
  switch (name) {
    case 'y':
    case 'd':
      return answering(view, name, focus);
    case 'm':
      return ask({ kind: 'say', key: chosen.key, text: '' });
    case 'p':
      return order('pause');
    case 'r':
      return order('resume');
    case 'S':
      return sure(`Stop ${run}? What is under way may finish.`, 'stop');
    case 'K':
      return sure(`Stop ${run} at once? What is under way is cut off.`, 'stop', [run], { now: true });
    case 'R':
      return sure(`Restart the host of ${run}?`, 'restart');
    case 'u':
      if (chosen.kind !== 'task' || agent === null) return same('Choose a merged task first.');
      return sure(`Take ${agent} and what depends on it out of the branch of ${run}?`, 'undo', [run, agent]);
    case 't':
      if (chosen.kind !== 'task' || agent === null) return same('Choose a parked task first.');
      return sure(`Try ${agent} again, in a run on top of ${run}?`, 'retry', [run, agent], { detach: true });
    case 'o':
      return { view, effect: { kind: 'diff', run, agent } };
    default:
      return { view: { ...view, message: `Copied: ${chosen.key}` }, effect: { kind: 'copy', text: chosen.key } };
  }
}

/** A question about what waits. What it is about is on the screen, from its beginning, before it can be answered. */
function answering(view: View, name: 'y' | 'd', focus: Focus | null): Pressed {
  const shown: View = { ...view, pane: 'detail' };
  const ask = (prompt: Prompt): Pressed => ({ view: { ...shown, prompt }, effect: null });
  const asked = focus?.approvals[0];
  if (focus && asked) {
    const { approval, pattern } = asked;
    return ask(
      name === 'd'
        ? { kind: 'deny', approval, text: '' }
        : { kind: 'allow', approval, hasPattern: pattern !== undefined },
    );
  }
  if (!focus?.proposed) return { view: { ...view, message: 'Nothing waits here. w goes to what does.' }, effect: null };
  const [question, command] = name === 'y' ? ['Accept', 'approve'] : ['Decline', 'deny'];
  return ask({
    kind: 'sure',
    question: `${question} the plan of ${focus.run}?`,
    order: { command: command ?? '', words: [focus.run], options: {} },
  });
}

const scopes: Record<string, string> = { o: 'once', t: 'task', r: 'run', a: 'always' };
const scrolling = new Set(['up', 'down', 'pageup', 'pagedown']);

function answer(view: View, prompt: Prompt, name: string, text: string, seen: Seen): Pressed {
  // The right side was chosen to show what is asked about.
  const isAnswer = prompt.kind === 'allow' || prompt.kind === 'deny';
  const closed: View = { ...view, prompt: null, ...(isAnswer && { pane: 'tree' }) };
  const order = (command: string, words: string[], options = {}): Pressed => ({
    view: closed,
    effect: { kind: 'order', order: { command, words, options } },
  });
  if (name === 'C-c' || name === 'escape')
    return { view: { ...closed, filter: prompt.kind === 'filter' ? '' : view.filter }, effect: null };
  if (prompt.kind !== 'filter' && prompt.kind !== 'say' && scrolling.has(name)) return scroll(view, name, seen);
  if (prompt.kind === 'sure') {
    if (name !== 'y') return { view: { ...closed, message: 'Nothing was done.' }, effect: null };
    return { view: closed, effect: { kind: 'order', order: prompt.order } };
  }
  if (prompt.kind === 'allow') {
    const scope = scopes[name];
    // Of words that are typed in the belief that something else was asked no letter may allow anything.
    if (scope === undefined || (scope === 'always' && !prompt.hasPattern))
      return { view: { ...closed, message: 'Nothing was answered.' }, effect: null };
    return order('approve', [prompt.approval], { for: scope });
  }
  if (name === 'return') {
    const said = prompt.text.trim();
    if (prompt.kind === 'filter') return { view: closed, effect: null };
    if (prompt.kind === 'deny') return order('deny', said === '' ? [prompt.approval] : [prompt.approval, said]);
    return said === '' ? { view: closed, effect: null } : order('say', [prompt.key, said]);
  }
  return { view: typed(view, prompt, name, text), effect: null };
}

function typed(view: View, prompt: Extract<Prompt, { text: string }>, name: string, text: string): View {
  let wanted = prompt.text;
  if (name === 'backspace') wanted = [...wanted].slice(0, -1).join('');
  else if (name === 'C-u') wanted = '';
  else if (!/^[\x00-\x1f\x7f]/.test(text) && !name.startsWith('M-')) wanted = (wanted + flat(text)).slice(0, textMax);
  return { ...view, prompt: { ...prompt, text: wanted }, ...(prompt.kind === 'filter' && { filter: wanted }) };
}

/** Pasted text goes into a question that takes text; it never counts as keys. Pure. */
export function paste(view: View, text: string): View {
  const { prompt } = view;
  if (prompt && 'text' in prompt)
    return typed(view, prompt, '', flat(text.trim().slice(0, textMax).replace(/\s+/g, ' ')));
  return { ...view, message: 'Pasted text is ignored here.' };
}

/** A click on a row chooses it, a second one folds it. Pure. */
export function clickRow(view: View, row: TreeRow | undefined, seen: Seen): View {
  if (row === undefined || isAsking(view)) return view;
  const { key } = row;
  return key === seen.chosen?.key ? fold(view, key, !view.folded.has(key)) : { ...choose(view, key), pane: 'tree' };
}

/** The wheel above the tree chooses the row so many lines further. Pure. */
export function turnRows(view: View, lines: number, { rows }: Seen): View {
  if (isAsking(view)) return view;
  const at = rows.findIndex(({ key }) => key === view.chosen);
  return choose(view, rows[Math.max(0, Math.min(rows.length - 1, at + lines))]?.key);
}

/** A click on the detail gives it the keys. Pure. */
export function clickDetail(view: View): View {
  return isAsking(view) ? view : { ...view, pane: 'detail' };
}

function isAsking({ prompt, help }: View): boolean {
  return prompt !== null || help;
}
