import { choices } from '../text/question.ts';
import { age, dollars, fit, type Line, line, short, span } from '../text/text.ts';
import { widthOf } from '../text/width.ts';
import { composerLines } from './composer.ts';
import { entryLines, folds } from './entry-view.ts';
import { type ChatView, isUnfolded } from './state.ts';
import { type Entry, openQuestions, type Transcript } from './transcript.ts';

/** The facts that the view shows beside the transcript. Times in milliseconds, money in US dollars. */
export type ChatFacts = {
  now: number;
  /** Since when it is at work; null: it waits for words. */
  busySince: number | null;
  model: string | null;
  /** Tokens that the last call took, of so many that the model takes. */
  contextTokens: number;
  contextMax: number | null;
  usd: number;
  branch: string | null;
  walls: string;
  permissions: string;
  folder: string;
  /** Runs in the background of the conversation, one line each. */
  aside: string[];
  /** The question about a plan that waits; null: none waits. */
  planQuestion: string | null;
};
/**
 * A conversation as lines for each pane, from top to bottom. `entries`: what a click on a line of the body means; `foldable`:
 * the entries in sight that fold, oldest first; `page`: lines that a page key scrolls; `view`: with the place that it has.
 */
export type ChatParts = {
  body: Line[];
  entries: (Entry | null)[];
  asides: Line[];
  menu: Menu | null;
  rule: Line;
  question: Line | null;
  composer: Line[];
  status: Line;
  hint: Line;
  foldable: Entry[];
  view: ChatView;
  page: number;
};
/** Something to choose from: `height` lines of it are in sight, `at` is chosen. */
type Menu = { title: Line | null; items: Line[]; at: number; height: number };

const composerMost = 8;
const asidesMost = 4;

/** Draws a conversation as `view` asks for it, in so many cells. */
export function chatParts(
  transcript: Transcript,
  facts: ChatFacts,
  view: ChatView,
  { width, height }: { width: number; height: number },
): ChatParts {
  const questions = openQuestions(transcript);
  const sign = questions[0] || facts.planQuestion ? '? ' : '› ';
  const most = Math.min(composerMost, Math.max(1, height - 6));
  const composer = composerLines(view.composer, { sign, width, most, hint: 'say what to do' });
  const asked = questions[0] ? choices(questions[0], 'it goes on waiting') : facts.planQuestion;
  const asides = facts.aside.slice(-asidesMost).map((text) => line(`  ⧗ ${text}`, 'accent'));
  const menu = menuOf(view, height);
  const menuHeight = menu ? menu.height + (menu.title ? 1 : 0) : 0;
  // Beside the body stand the rule, the status and the hint.
  const others = asides.length + menuHeight + (asked ? 1 : 0) + composer.length + 3;
  const room = Math.max(1, height - others);
  const body = view.help ? null : bodyOf(transcript, view, { width, height: room, now: facts.now });
  const shown = body?.lines ?? helpLines.slice(0, room);
  const missing = Array.from({ length: Math.max(0, room - shown.length) }, () => null);
  const lines = [...missing.map((): Line => []), ...shown];
  if (transcript.entries.length === 0 && !view.help)
    lines.splice(0, Math.min(room, welcome.length), ...welcome.slice(0, room));
  return {
    ...{ body: lines, entries: [...missing, ...(body?.heads ?? [])], asides, menu, composer },
    rule: line('─'.repeat(width), 'quiet'),
    question: asked ? line(asked, 'warn') : null,
    status: statusLine(facts, width),
    hint: hintLine({ ...view, back: body?.back ?? view.back }, facts),
    foldable: body?.foldable ?? [],
    view: body ? { ...view, back: body.back, anchor: body.anchor } : view,
    page: Math.max(1, room - 2),
  };
}

type Known = { version: number; width: number; unfolded: boolean; lines: readonly Line[] };
/** Laid-out entries: what has not changed is not laid out again. */
const known = new WeakMap<Entry, Known>();

function linesOf(entry: Entry, view: ChatView, width: number, now: number): readonly Line[] {
  const unfolded = isUnfolded(view, entry);
  const before = known.get(entry);
  const same = before && before.version === entry.version && before.width === width && before.unfolded === unfolded;
  // How long a call has been running changes without a word.
  if (same && !(entry.kind === 'call' && entry.state === 'running')) return before.lines;
  const lines = entryLines(entry, width, unfolded, now);
  known.set(entry, { version: entry.version, width, unfolded, lines });
  return lines;
}

/** The lines that are seen, laid out from the newest upwards until there are enough. */
function bodyOf(
  { entries }: Transcript,
  view: ChatView,
  { width, height, now }: { width: number; height: number; now: number },
) {
  const lines: Line[][] = [];
  const heads: (Entry | null)[][] = [];
  const foldable: Entry[] = [];
  let [count, back] = [0, view.back];
  let wanted = view.anchor ? Number.POSITIVE_INFINITY : height + back;
  for (let at = entries.length - 1; at >= 0 && count < wanted; at -= 1) {
    const entry = entries[at]!;
    const own = linesOf(entry, view, width, now);
    if (view.anchor?.entry === entry) {
      back = count + Math.max(0, own.length - 1 - view.anchor.line);
      wanted = height + back;
    }
    const head = folds(entry) ? own.findIndex((one) => one.length > 0) : -1;
    if (head !== -1) foldable.unshift(entry);
    lines.unshift(own.map((one, index) => (index === head && entry === view.chosen ? chosenLine(one) : one)));
    heads.unshift(own.map((_, index) => (index === head ? entry : null)));
    count += own.length;
  }
  back = Math.max(0, Math.min(back, count - height));
  const end = count - back;
  const start = Math.max(0, end - height);
  return {
    ...{ lines: lines.flat().slice(start, end), heads: heads.flat().slice(start, end), foldable, back },
    anchor: back > 0 ? anchorAt(entries, lines, end - 1) : null,
  };
}

function anchorAt(entries: Entry[], lines: Line[][], index: number): ChatView['anchor'] {
  let before = 0;
  for (const [at, own] of lines.entries()) {
    const entry = entries[entries.length - lines.length + at];
    if (entry && index < before + own.length) return { entry, line: index - before };
    before += own.length;
  }
  return null;
}

function chosenLine(spans: Line): Line {
  return spans.map(({ text }) => ({ text, style: 'chosen' }));
}

function menuOf({ completion, list }: ChatView, height: number): Menu | null {
  if (list) {
    const { title, items, at } = list;
    return {
      title: line(`  ${title}   (↑ ↓ Enter, Escape: leave it)`, 'bold'),
      items: items.map(({ text }, index) => line(`  ${text}`, index === at ? 'chosen' : 'plain')),
      ...{ at, height: Math.min(items.length, Math.max(3, Math.min(12, height - 8))) },
    };
  }
  if (!completion) return null;
  const { items, at } = completion;
  const wide = Math.max(...items.map(({ text }) => widthOf(text)));
  const lines = items.map(({ text, about }, index): Line => {
    const gap = ' '.repeat(wide - widthOf(text) + 2);
    return [span(`  ${text}`, index === at ? 'chosen' : 'plain'), span(`${gap}${about}`, 'quiet')];
  });
  return { title: null, items: lines, at, height: Math.min(items.length, Math.max(1, height - 8)) };
}

function statusLine(facts: ChatFacts, width: number): Line {
  const { now, busySince, model, contextTokens, contextMax, usd, branch, walls, permissions } = facts;
  const parts = [
    busySince === null ? 'ready' : `working ${age(now - busySince)}`,
    ...(model === null ? [] : [model]),
    ...(contextTokens > 0 ? [`context ${contextWords(contextTokens, contextMax)}`] : []),
    dollars(usd),
    ...(branch === null ? [] : [`⎇ ${branch}`]),
    permissions,
    ...(walls === '' ? [] : [walls]),
  ];
  const text = span(` ${parts.join(' · ')}`, 'bar').text;
  return [{ text: text + ' '.repeat(Math.max(0, width - widthOf(text))), style: 'bar' }];
}

function contextWords(tokens: number, most: number | null): string {
  return most === null ? short(tokens) : `${Math.min(100, Math.round((tokens / most) * 100))}% of ${short(most)}`;
}

function hintLine({ message, back, composer }: ChatView, { busySince }: ChatFacts): Line {
  if (message !== '') return line(` ${message}`, 'warn');
  if (back > 0) return line(` ${back} lines below · PgDn, Ctrl+End: to the newest`, 'quiet');
  const keys = busySince === null ? [] : ['Esc interrupts', 'Enter: heard with its next step'];
  if (composer.text !== '') keys.push('Alt+Enter new line', 'Ctrl+B in the background');
  else keys.push('/ commands', '@ file or agent', '! command', 'Ctrl+O unfolds', 'F1 keys');
  return line(` ${keys.join(' · ')}`, 'quiet');
}

const welcome: Line[] = [
  [],
  line('  vtcode', 'bold'),
  [],
  line(
    '  Say what to do, and press Enter. It works in this folder, inside its walls, and asks before what no rule allows.',
  ),
  line('  F1 shows the keys, / the commands.', 'quiet'),
];

const keyWords: [string, string][] = [
  ['Enter', 'send; while it works: heard with its next step'],
  ['Alt+Enter, Ctrl+J, \\ Enter', 'a new line'],
  ['Esc, Ctrl+C', 'interrupt what it is doing'],
  ['↑ ↓', 'what you said before'],
  ['@', 'a file, or at the beginning an agent: @explorer where is …'],
  ['!', 'a command of your own: !npm test'],
  ['/', 'commands: /plan /diff /undo /rewind /model …'],
  ['Ctrl+B', 'send what is written to the background'],
  ['Ctrl+O', 'unfold everything, fold it again'],
  ['Alt+↑ Alt+↓, click', 'choose a call; Enter unfolds it'],
  ['PgUp PgDn, wheel', 'look back; Ctrl+End: to the newest'],
  ['Ctrl+D, twice Ctrl+C', 'leave; vtcode chat --continue goes on'],
  ['y t r a n', 'answer what it asks: once, for this task, this run, always, no and why'],
];
const helpLines: Line[] = [
  [],
  line('  Keys', 'bold'),
  ...keyWords.map(([key, does]): Line => [span(`  ${fit(key, 28)}`, 'accent'), span(does)]),
  [],
  line('  Any key goes back.', 'quiet'),
];
