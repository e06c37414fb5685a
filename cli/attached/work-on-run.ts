import type { RunOptions } from '../../ipc/events.ts';
import type { Manifest } from '../../ipc/manifest.ts';
import { hasPlan, loneAgent } from '../../ipc/run-kind.ts';
import type { HostListeners } from '../../orchestrator/host/listeners.ts';
import type { Ending } from '../../orchestrator/host/loop.ts';
import { exitCodeOfFault, type OwnedRun, ownRun } from '../../orchestrator/host/run-host.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import { manifestOf } from '../../state/manifest.ts';
import type { RunState } from '../../state/run-state.ts';
import { planText } from '../../tui/text/plan-text.ts';
import type { CommandProcess, Outcome, Session } from '../session.ts';
import { approvalQuestions, askPlan } from './ask-terminal.ts';
import { loneView } from './lone-view.ts';
import { type Progress, progress } from './progress.ts';
import { summaryText } from './summary-text.ts';

type RunMode = RunOptions['mode'];

/**
 * Owns a run and works on it in this process, with progress on the screen, until it ends, waits or is interrupted.
 * `isNew`: this process made it a moment ago. Signals stop it gently; a second one at once: the reaper ends the family in any case.
 */
export async function workOnRun(
  session: Session,
  run: string,
  mode: RunMode = 'plan',
  isNew = false,
): Promise<Outcome> {
  const view = session.json || !hasPlan({ mode }) ? null : progress(session.process.stdout);
  const lone = session.json || hasPlan({ mode }) ? null : loneView(session.process.stdout, session.process.stderr);
  let seq = 0;
  const answered = new AbortController();
  const questions = approvalQuestions(
    session,
    () => owned,
    (on) => view?.hold(on),
  );
  const listeners: HostListeners = {
    onEvents(events, state) {
      for (const event of events) session.emit(event);
      questions.heard(events);
      seq = events.at(-1)?.seq ?? seq;
      if (state.phase.value !== 'proposed' && state.phase.context.plan) answered.abort();
      view?.events(events, state);
      lone?.events(events);
      if (!session.json) for (const event of events) if (event.type === 'plan.proposed') showPlan(session, view, state);
    },
    onDelta(agent, text, kind) {
      if (agent === loneAgent && kind === 'text') lone?.text(text);
    },
    ...(canAsk(session) && {
      onPlan: () => askPlan(owned, answered.signal, session.process),
      onApproval: (one) => questions.ask(one),
    }),
  };
  const owned: OwnedRun = await ownRun(session.place, run, listeners, { early: session.early, isNew });
  const release = obeySignals(owned, session.process);
  let exitCode: number;
  let fault: unknown = null;
  let finished: Manifest | null = null;
  try {
    if (session.json) for (const event of owned.log.read()) session.emit(event);
    if (owned.state().created.models) lone?.events([owned.state().created]);
    const ending = await owned.work();
    exitCode = exitCodeOf(ending, owned.state());
    if (ending.kind === 'failed') fault = ending.fault;
    if (ending.kind === 'finished')
      finished = manifestOf(owned.state(), { live: false, logHead: owned.log.newest().hash });
  } finally {
    release();
    questions.end();
    view?.end();
    await owned.close();
  }
  const manifest = finished ?? (await readRun(session.place, run)).manifest;
  if (lone) lone.end(manifest);
  else session.say(...summaryText(manifest));
  if (fault) throw Object.assign(fault as Error, { outcome: { exitCode, run, seq, manifest } });
  return { exitCode, run, seq: manifest.events, manifest };
}

/** The exit code of the command for this end of its host. */
export function exitCodeOf(ending: Ending, state: RunState): number {
  if (ending.kind === 'finished') return state.finished?.exitCode ?? 1;
  if (ending.kind === 'waiting') return 3;
  if (ending.kind === 'stopped') return ending.exitCode;
  return exitCodeOfFault(ending.fault);
}

function showPlan(session: Session, view: Progress | null, state: RunState): void {
  view?.clear();
  session.say(...planText(state));
}

function canAsk(session: Session): boolean {
  const { stdin, stdout } = session.process;
  return !session.json && stdin.isTTY === true && stdout.isTTY === true;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Stops the run gently at the first signal, and this process at the second. Answers how to heed no signal any more. */
export function obeySignals(owned: OwnedRun, process: CommandProcess): () => void {
  let heard = 0;
  const stop = (signal: string) => {
    heard += 1;
    if (heard > 1) process.exit(130);
    owned.loop.stop({ kind: 'stopped', reason: `interrupted (${signal})`, exitCode: 130 });
  };
  const brokenPipe = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') stop('the reader of the output is gone');
  };
  for (const signal of signals) process.on(signal, stop);
  process.stdout.on('error', brokenPipe);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}
