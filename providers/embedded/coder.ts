import { callFor, codeOf } from './calls.ts';
import { parseGoal } from './goal.ts';
import { unsupportedText } from './help.ts';
import { isAmong } from './paths.ts';
import { cannot, explained, readReport } from './planner.ts';
import type { Script, Step } from './script.ts';

/** How often the work is done again on a newer tree. The host's own limit is lower. */
const roundsMax = 10;
/** The reason for sending work back holds a check's output; a summary repeats this much of it, in characters. */
const complaintMax = 2_000;

/**
 * Performs one task and hands it over. Sent back onto a newer tree, it does the same again. It cannot fix a check that
 * fails after a complete mechanical change.
 */
export function* perform(prompt: string): Script {
  const intent = parseGoal(prompt);
  if (intent.kind === 'unsupported') return yield cannot('goal_unsupported', unsupportedText(intent.hint));

  for (let round = 0; round < roundsMax; round++) {
    let answer = yield callFor(intent, false);
    // The host died during the edit: the tool finds out by itself what is left to do.
    if (answer.isError && /outcome (?:is )?unknown/i.test(answer.text)) answer = yield callFor(intent, false);
    const { report, failure } = readReport(answer);
    if (!report) return yield cannot('tool_failed', failure);
    const code = report.status === 'nothing' ? undefined : codeOf(report.status);
    if (code) return yield cannot(code, explained(report));

    const paths = 'paths' in intent ? intent.paths : [];
    const files = report.files.map(([path]) => path).filter((path) => isAmong(path, paths));
    const handed = yield finished(report.message, files, report.unplaced);
    const complaint = handed.said.join('\n') || (handed.isError ? handed.text : '');
    if (!complaint) return;
    if (!/\bconflict|\bnewest\b/.test(complaint)) {
      const reason = complaint.slice(0, complaintMax);
      return yield cannot('tool_failed', `The change is complete, and repairing more is not mechanical. ${reason}`);
    }
  }
  yield cannot('limit_reached', `Sent back ${roundsMax} times because of conflicts.`);
}

function finished(summary: string, files: string[], unplaced: string[]): Step {
  const open_questions = unplaced.map((place) => `Left as it was: ${place}`);
  return { tool: 'finish', arguments: { outcome: 'done', summary, files, open_questions }, text: summary };
}
