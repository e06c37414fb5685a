import { type MechanicalReport, mechanicalReport } from '../../ipc/mechanical.ts';
import { callFor, codeOf, sentenceFor } from './calls.ts';
import { parseGoal } from './goal.ts';
import { unsupportedText } from './help.ts';
import type { DeclarationSite, Intent } from './intent.ts';
import type { Answer, Script, Step } from './script.ts';
import { filesPerTaskDefault, tasksFor } from './tasks.ts';

/**
 * Plans one goal: a dry run of the tool for it, then a plan, or the reason why not. The goal's text may end with the
 * host's settings, as `files_per_task=50`.
 */
export function* plan(text: string): Script {
  const { goal, filesPerTask } = readSettings(text);
  const parsed = parseGoal(goal);
  if (parsed.kind === 'unsupported') return yield cannot('goal_unsupported', unsupportedText(parsed.hint));

  let intent: Intent = parsed;
  let rehearsals = 1;
  let { report, failure } = readReport(yield callFor(intent, true));
  const meant = report?.status === 'ambiguous' ? candidateOfKind(intent, report) : undefined;
  if (meant && intent.kind === 'rename') {
    intent = { ...intent, at: meant };
    rehearsals = 2;
    ({ report, failure } = readReport(yield callFor(intent, true)));
  }
  if (!report) return yield cannot('tool_failed', failure);
  const code = codeOf(report.status);
  if (code) return yield cannot(code, explained(report));

  const tasks = tasksFor(intent, report, filesPerTask);
  if (tasks.every((one) => one.scope.length === 0)) {
    return yield cannot(report.unplaced.length > 0 ? 'sites_unplaced' : 'nothing_to_do', explained(report));
  }
  // A task that its agent would not understand is refused now, not when it is worked on.
  const unclear = tasks.find(({ prompt }) => !isUnderstood(prompt));
  if (unclear) return yield cannot('goal_unsupported', unsupportedText(`"${unclear.prompt}" can be read in two ways.`));
  const proposed = yield {
    tool: 'propose_plan',
    arguments: { summary: explained(report), tasks, sites_from: [`call_${rehearsals}`] },
    text: report.message,
  };
  if (proposed.isError) yield cannot('plan_invalid', `The host did not take the plan: ${proposed.text}`);
}

function isUnderstood(prompt: string): boolean {
  const read = parseGoal(prompt);
  return read.kind !== 'unsupported' && sentenceFor(read) === prompt;
}

function readSettings(text: string): { goal: string; filesPerTask: number } {
  const setting = /\b(files_per_task)\s*=\s*(\d+)/g;
  const named = Object.fromEntries([...text.matchAll(setting)].map(([, name, value]) => [name, Number(value)]));
  return { goal: text.replace(setting, ''), filesPerTask: named.files_per_task || filesPerTaskDefault };
}

/** The last step of a conversation that cannot reach its goal. */
export function cannot(code: string, summary: string): Step {
  return { tool: 'finish', arguments: { outcome: 'cannot', code, summary }, text: summary };
}

/** The report in a tool's answer, also in one that declines, or a sentence that says why there is none. */
export function readReport(answer: Answer): { report?: MechanicalReport; failure: string } {
  try {
    const parsed = mechanicalReport.safeParse(JSON.parse(answer.text));
    if (parsed.success) return { report: parsed.data, failure: '' };
  } catch {
    // Not JSON: told below like any other text that is no report.
  }
  const strange = `The tool answered something that is no report: ${answer.text.slice(0, 200)}`;
  return { failure: answer.isError ? reasonOf(answer.text) : strange };
}

/** A refusal without its second line, which tells a model what to do instead. */
function reasonOf(text: string): string {
  return text.startsWith('Refused (') ? (text.split('\n')[0] ?? '') : text;
}

/** The report's message and, below it, the places it names. */
export function explained(report: MechanicalReport): string {
  const list = (title: string, items: string[]) =>
    items.length > 0 ? [title, ...items.map((item) => `  ${item}`)] : [];
  const candidates = report.status === 'ok' ? [] : list('Candidates:', report.candidates);
  return [report.message, ...candidates, ...list('Undecided:', report.unplaced)].join('\n');
}

/** The one candidate of the kind that the person named ("the method x"), if it is the only one. */
function candidateOfKind(intent: Intent, report: MechanicalReport): DeclarationSite | undefined {
  if (intent.kind !== 'rename' || !intent.symbolKind) return undefined;
  const wanted = intent.symbolKind;
  const fitting = report.candidates.map(readCandidate).filter((one) => one?.kind === wanted);
  return fitting.length === 1 ? fitting[0]?.place : undefined;
}

/** `path:line:column kind name`, and what else is told of it in brackets */
function readCandidate(text: string): { place: DeclarationSite; kind: string } | undefined {
  const match = /^(.+):(\d+):(\d+) (.+?) [^\s(]+(?: \(.*\))?$/.exec(text);
  if (!match) return undefined;
  const [, path = '', line, column, kind = ''] = match;
  return { place: { path, line: Number(line), column: Number(column) }, kind };
}
