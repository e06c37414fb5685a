import { diffLines } from '../text/diff-text.ts';
import { outputLines } from '../text/output-text.ts';
import { questionLines } from '../text/question.ts';
import { age, fitLine, type Line, line, type Span, type Style, span, wrap } from '../text/text.ts';
import type { CallEntry, Entry } from './transcript.ts';

/**
 * One entry of a conversation as lines of so many cells, at most. Folded, a call is a line and perhaps what it came to;
 * unfolded, all of it. Pure, but for the markdown, which keeps what it has laid out.
 */
export function entryLines(entry: Entry, width: number, isUnfolded: boolean, now: number): Line[] {
  switch (entry.kind) {
    case 'you':
      return [[], ...set(wrap(entry.text, width - 2, 'bold', linesMax), span('› ', 'accent'))];
    case 'said':
      return [[], ...entry.markdown.lines(width - 2).map((one) => [span('  '), ...one])];
    case 'thought':
      return thoughtLines(entry.text, width, isUnfolded);
    case 'call':
      return callLines(entry, width, isUnfolded, now);
    case 'note':
      return set(wrap(entry.text, width - 4, entry.isBad ? 'bad' : 'quiet', 6), span('  · ', 'quiet'));
    case 'question':
      return askedLines(entry, width, isUnfolded);
    case 'text':
      return [
        [],
        [span(`  ${entry.title}`, 'bold')],
        ...(entry.isDiff
          ? diffLines(entry.lines.join('\n'), width - 2).map((one) => [span('  '), ...one])
          : entry.lines.flatMap((text) => set(wrap(text, width - 2, 'plain', linesMax), span('  ')))),
      ];
  }
}

/** So many lines of one text are shown; the rest is cut and said to be. */
const linesMax = 2_000;
/** Of a call that is folded: the newest lines of a command that runs. */
const runningLines = 3;

/** Whether there is more of it to see, or less. */
export function folds({ kind }: Entry): boolean {
  return kind === 'call' || kind === 'thought' || kind === 'question';
}

/** Lines with something before the first, and as much room before the others. */
function set(lines: Line[], lead: Span): Line[] {
  return lines.map((one, at) => [at === 0 ? lead : span(' '.repeat(lead.text.length)), ...one]);
}

function thoughtLines(text: string, width: number, isUnfolded: boolean): Line[] {
  if (!isUnfolded) return [[span(`  ▸ thought: ${firstOf(text)}`, 'quiet')]];
  return [line('  ▾ thought', 'quiet'), ...set(wrap(text, width - 4, 'quiet', linesMax), span('    '))];
}

function callLines(entry: CallEntry, width: number, isUnfolded: boolean, now: number): Line[] {
  const { state, ms, output, agent } = entry;
  const [sign, style] = signs[state];
  const took = state === 'running' ? age(now - Date.parse(entry.startedAt)) : ms !== null && ms >= 1_000 ? age(ms) : '';
  const who = agent === 'agent' || agent === 'you' ? '' : `${agent}: `;
  const head: Line = [
    span(isUnfolded ? '  ▾ ' : '  ▸ ', 'quiet'),
    span(`${sign} `, style),
    span(`${who}${callWords(entry)}`, agent === 'you' ? 'bold' : 'plain'),
    span(`  ${took}`, 'quiet'),
  ];
  if (isUnfolded) return [head, ...callDetails(entry, width)];
  const isCommand = entry.name === 'run_command';
  if (state === 'running') {
    const newest = isCommand && output.trim() !== '' ? outputLines(output.trimEnd()).slice(-runningLines) : [];
    return [head, ...newest.map((one) => fitLine([span('      '), ...one], width))];
  }
  if (agent === 'you' && isCommand) return [head, ...shown(output, width, 20)];
  if (state === 'failed') return [head, indented(firstOf(output), width, 'bad')];
  // Its first line is for the model.
  if (entry.name === 'todo') return [head, ...shown(output.split('\n').slice(1).join('\n'), width, listMax)];
  return [head];
}

/** Of an agent's list that is folded: its last lines. */
const listMax = 30;

const signs: Record<CallEntry['state'], [string, Style]> = {
  running: ['…', 'accent'],
  done: ['✓', 'good'],
  failed: ['✗', 'bad'],
};

function callDetails(entry: CallEntry, width: number): Line[] {
  const { given, name, output } = entry;
  const { old_text: before, new_text: after, content, input, edits } = given as Record<string, string | undefined>;
  const details: Line[] = [];
  if (name === 'edit_file' && typeof before === 'string' && typeof after === 'string')
    details.push(...changed(before, width, '-'), ...changed(after, width, '+'));
  else if (name === 'edit_file' && Array.isArray(edits))
    for (const one of edits as Record<string, unknown>[])
      details.push(...changed(String(one.old_text), width, '-'), ...changed(String(one.new_text), width, '+'));
  else if (name === 'apply_patch' && typeof input === 'string') details.push(...patchLines(input, width));
  else if (name === 'write_file' && typeof content === 'string') details.push(...changed(content, width, '+'));
  else if (name !== 'run_command')
    details.push(...set(wrap(JSON.stringify(given, null, 1), width - 6, 'quiet', 40), span('      ')));
  return [...details, ...shown(output, width, linesMax)];
}

function patchLines(patch: string, width: number): Line[] {
  const styleOf = (text: string): Style =>
    text.startsWith('+') ? 'added' : text.startsWith('-') ? 'removed' : 'quiet';
  const lines = patch.trimEnd().split('\n').slice(0, linesMax);
  return lines.map((text) => indented(text, width, styleOf(text)));
}

function changed(text: string, width: number, sign: '+' | '-'): Line[] {
  const style = sign === '+' ? 'added' : 'removed';
  return text
    .replace(/\n$/, '')
    .split('\n')
    .slice(0, linesMax)
    .map((one) => indented(`${sign} ${one}`, width, style));
}

function shown(output: string, width: number, most: number): Line[] {
  const all = output.trimEnd().split('\n');
  const cut = all.length > most ? [indented(`… ${all.length - most} lines before`, width, 'quiet')] : [];
  return [...cut, ...all.slice(-most).map((text) => indented(text, width, 'quiet'))];
}

/** One line: what does not fit is cut. */
function indented(text: string, width: number, style: Style): Line {
  return [span('      '), span(text.slice(0, width * 2).replaceAll('\t', '    '), style)];
}

function firstOf(text: string): string {
  return text.split('\n').find((one) => one.trim() !== '') ?? '';
}

/** A tool call in plain words. */
function callWords({ name, given }: CallEntry): string {
  const { command, path, role, prompt, input } = given as Record<string, unknown>;
  if (name === 'run_command') return `$ ${String(command ?? '').replaceAll('\n', ' ⏎ ')}`;
  if (name === 'delegate') return `${String(role)}: ${String(prompt).split('\n')[0]}`;
  if (name === 'todo') return 'list';
  if (name === 'apply_patch' && typeof input === 'string')
    return `patch ${[...input.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+)$/gm)].map(([, file]) => file).join(', ')}`;
  const verb = verbs[name];
  if (verb !== undefined && typeof path === 'string') return `${verb} ${path}`;
  const values = Object.values(given).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return `${name} ${values.join(' ')}`.replace(/\s+/g, ' ').slice(0, 400);
}

const verbs: Record<string, string> = { read_file: 'read', edit_file: 'edit', write_file: 'write', list_files: 'list' };

function askedLines(
  { asked, answer }: Extract<Entry, { kind: 'question' }>,
  width: number,
  isUnfolded: boolean,
): Line[] {
  const lines = questionLines(asked, null).flatMap((text) => wrap(text, width - 2, 'warn', linesMax));
  if (!answer) return [[], ...set(lines, span('  '))];
  const verdict = answer.answer === 'allow' ? `allowed (${answer.scope})` : 'denied';
  const words = `${verdict} by ${answer.by}${answer.reason ? `: ${answer.reason}` : ''}: ${asked.exact.summary.split('\n')[0]}`;
  const head: Line = [
    span(isUnfolded ? '  ▾ ' : '  ▸ ', 'quiet'),
    span(words, answer.answer === 'allow' ? 'quiet' : 'bad'),
  ];
  return isUnfolded ? [head, ...set(lines, span('    '))] : [head];
}
