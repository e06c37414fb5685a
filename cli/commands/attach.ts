import type { Event } from '../../ipc/events.ts';
import { hasPlan, loneAgent } from '../../ipc/run-kind.ts';
import { readSpool, type Said } from '../../orchestrator/host/live-text.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { followRun } from '../../orchestrator/runs/follow-run.ts';
import { exitCodeNow } from '../../state/desired-host.ts';
import { manifestOf } from '../../state/manifest.ts';
import { runPaths } from '../../state/paths.ts';
import { loneView } from '../attached/lone-view.ts';
import { progress } from '../attached/progress.ts';
import { summaryText } from '../attached/summary-text.ts';
import type { Outcome, Session } from '../session.ts';

/**
 * `vtcode attach`: shows a run as if it were worked on here, until it has ended or needs a person; then it ends with the
 * run's exit code. Ctrl+C only stops looking.
 */
export default async function attach(
  session: Session,
  _options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  const said = readSpool(runPaths(session.place.state, run));
  let heard = '';
  /** The answer that is under way: what was printed of it, and what came of it since it was begun to be told. */
  const answer = { call: -1, printed: '', told: '' };
  let isFirst = true;
  let isLeft = false;
  session.process.on('SIGINT', () => {
    isLeft = true;
  });
  let view: ReturnType<typeof progress> | undefined;
  let lone: ReturnType<typeof loneView> | undefined;
  const hear = (pieces: Said[]) => {
    for (const { call, begins, text } of pieces) {
      if (call !== answer.call) Object.assign(answer, { call, printed: '', told: '' });
      if (begins) answer.told = '';
      answer.told += text;
      // Who looked away for a while is told the whole answer again; who asked the model again gets another.
      if (answer.printed.startsWith(answer.told)) continue;
      const more = answer.told.startsWith(answer.printed) ? answer.told.slice(answer.printed.length) : text;
      answer.printed = answer.told;
      heard += more;
      if (!session.json) lone?.text(more);
    }
  };
  try {
    for await (const { events, state, isOver } of followRun(session.place, run)) {
      if (!hasPlan(state.created.options)) lone ??= loneView(session.process.stdout, session.process.stderr);
      else view ??= progress(session.process.stdout);
      const pieces = said().filter(({ agent }) => agent === loneAgent);
      if (!isFirst) hear(pieces);
      for (const event of events) session.emit(event);
      if (!session.json && events.length > 0) {
        view?.events(events, state);
        const last = unheard(events, heard);
        if (last !== '') lone?.text(last);
        lone?.events(events);
      }
      // The events so far come first, then the answer that is being streamed.
      if (isFirst) hear(pieces.filter(({ call }) => call > (state.agents.get(loneAgent)?.heard ?? 0)));
      isFirst = false;
      if (isLeft) return left(session, run, state.seq, isOver);
      if (!isOver) continue;
      view?.end();
      view = undefined;
      const manifest = manifestOf(state, { live: false, logHead: '' });
      if (!lone) session.say(...summaryText(manifest));
      else if (!session.json) lone.end(manifest);
      return { exitCode: exitCodeNow(state), run, seq: state.seq, manifest };
    }
  } finally {
    view?.end();
  }
  return { exitCode: 0, run };
}

/** The answer, when it was not heard while it was said: to who came later. */
function unheard(events: Event[], heard: string): string {
  const answer = events.findLast((event) => event.type === 'agent.finished' && event.agent === loneAgent);
  if (answer?.type !== 'agent.finished' || answer.handoff.outcome !== 'done') return '';
  const { summary } = answer.handoff;
  return heard.includes(summary) ? '' : `${heard === '' ? '' : '\n'}${summary}\n`;
}

function left(session: Session, run: string, seq: number, isOver: boolean): Outcome {
  if (!isOver) session.warn('', `${run} goes on. Look again with: vtcode attach ${run}`);
  return { exitCode: 0, run, seq };
}
