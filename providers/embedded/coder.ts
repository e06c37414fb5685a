import { callFor, codeOf } from './calls.ts';
import { parseGoal } from './goal.ts';
import { unsupportedText } from './help.ts';
import { cannot, explained, readReport } from './planner.ts';
import type { Script, Step } from './script.ts';

/** How often the work is done again when the host sends it back, e.g. onto a newer tip. */
const roundsMax = 10;

/**
 * Performs one task and hands it over. Sent back, it does the same again: on a newer tree there may be new places. When
 * there is nothing left to change, the reason for sending it back is beyond it.
 */
export function* perform(prompt: string): Script {
  const intent = parseGoal(prompt);
  if (intent.kind === 'unsupported') return yield cannot('goal_unsupported', unsupportedText(intent.hint));

  let complaint = '';
  for (let round = 0; round < roundsMax; round++) {
    let answer = yield callFor(intent, false);
    // The host died during the edit: the tool finds out by itself what is left to do.
    if (answer.isError && /outcome (?:is )?unknown/i.test(answer.text)) answer = yield callFor(intent, false);
    const { report, failure } = readReport(answer);
    if (!report) return yield cannot('tool_failed', failure);
    const done = report.status === 'ok' || report.status === 'unplaced' || (report.status === 'nothing' && !complaint);
    if (!done) {
      const code = complaint ? 'tool_failed' : (codeOf(report.status) ?? 'tool_failed');
      return yield cannot(code, complaint ? `Beyond a mechanical change to repair: ${complaint}` : explained(report));
    }
    const handed = yield finished(
      report.message,
      report.files.map(([path]) => path),
      report.unplaced,
    );
    complaint = handed.said.join('\n') || (handed.isError ? handed.text : '');
    if (!complaint) return;
  }
  yield cannot('limit_reached', `Sent back ${roundsMax} times; the last reason: ${complaint}`);
}

function finished(summary: string, files: string[], unplaced: string[]): Step {
  const open_questions = unplaced.map((place) => `Left as it was: ${place}`);
  return { tool: 'finish', arguments: { outcome: 'done', summary, files, open_questions }, text: summary };
}
