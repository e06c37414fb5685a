import { fenced } from '../../ipc/fence.ts';
import { loneAgent, person } from '../../ipc/run-kind.ts';
import { tell } from '../../orchestrator/agent-runs/messages.ts';
import { fenceOf } from '../../orchestrator/agent-runs/spec.ts';
import { followRun } from '../../orchestrator/runs/follow-run.ts';
import { manifestOf } from '../../state/manifest.ts';
import type { RunState } from '../../state/run-state.ts';
import { notifyPerson } from '../terminal/notify.ts';
import { planText } from '../text/plan-text.ts';
import { type ChatApp, faultWords, type SideRun, type Talk } from './app.ts';
import { remark, show } from './transcript.ts';

/**
 * Runs that a conversation has started in the background: plans, and agents of their own. They belong to no screen:
 * they go on when it is left, and their results are told to the conversation when it looks again.
 */

/** Notes in the log that the run belongs to this conversation, and follows it. */
export async function beginAside(app: ChatApp, talk: Talk, run: string, goal: string): Promise<void> {
  await tell(talk.owned.context, loneAgent, `I started ${run} in the background: ${goal}`, person, {
    quiet: true,
    about: run,
  });
  remark(app.transcript, `${run} works in the background: ${goal.split('\n')[0]}`);
  followAside(app, talk, run, goal);
}

/** Follows again what was begun and has not been told to have ended. */
export function resumeAsides(app: ChatApp, talk: Talk): void {
  const open = new Map<string, string>();
  for (const event of talk.owned.log.read())
    if (event.type === 'agent.told' && event.about !== undefined) {
      if (open.has(event.about)) open.delete(event.about);
      else open.set(event.about, event.text.replace(/^I started \S+ in the background: /, ''));
    }
  for (const [run, goal] of open) followAside(app, talk, run, goal);
}

function followAside(app: ChatApp, talk: Talk, run: string, goal: string): void {
  const stopping = new AbortController();
  const aside: SideRun = { run, goal, text: `${run}: begins`, asksPlan: false, stop: () => stopping.abort() };
  app.asides.set(run, aside);
  app.redraw();
  void follow(app, talk, aside, stopping.signal)
    .catch((error: unknown) => remark(app.transcript, `${run} cannot be followed: ${faultWords(error)}`, true))
    .finally(() => {
      app.asides.delete(run);
      app.redraw();
    });
}

async function follow(app: ChatApp, talk: Talk, aside: SideRun, signal: AbortSignal): Promise<void> {
  for await (const { events, state, isOver } of followRun(app.options.place, aside.run)) {
    if (signal.aborted) return;
    const asksPlan = state.phase.value === 'proposed' && !state.created.options.dryRun;
    if (asksPlan && !aside.asksPlan) {
      show(app.transcript, `The plan of ${aside.run}`, planText(state).slice(1));
      const { options, screen } = app;
      notifyPerson({ ...options, environment: options.place.environment, screen }, `The plan of ${aside.run} waits.`);
    }
    aside.asksPlan = asksPlan;
    if (events.length > 0) {
      aside.text = `${aside.run}: ${progressOf(state)}  ${aside.goal.split('\n')[0]}`;
      app.redraw();
    }
    if (!state.finished && !(isOver && !asksPlan && state.phase.value !== 'proposed')) continue;
    return handOver(app, talk, aside, state);
  }
}

/** Writes the result of a side run into the log; from there it is shown, and the agent gets it with its next message. */
async function handOver(app: ChatApp, talk: Talk, { run }: SideRun, state: RunState): Promise<void> {
  const manifest = manifestOf(state, { live: false, logHead: '' });
  const lines = [...app.options.summary(manifest), ...answerOf(state)].filter((line, at) => at > 0 || line !== '');
  // The result is told when the conversation continues, also if this screen shows another one by now.
  if (talk.isOver) return show(app.transcript, `${run} has ended`, lines);
  const text = `What became of ${run}:\n${fenced(lines.join('\n'), fenceOf(talk.run, loneAgent))}`;
  await tell(talk.owned.context, loneAgent, text, run, { quiet: true, about: run });
}

/** The words of an agent that worked alone. */
function answerOf(state: RunState): string[] {
  const handoff = state.agents.get(loneAgent)?.phase.context.handoff;
  return handoff ? ['', ...handoff.summary.split('\n')] : [];
}

function progressOf(state: RunState): string {
  const { value } = state.phase;
  if (value === 'proposed') return 'its plan waits for you';
  if (state.tasks.size === 0) return value === 'alone' ? 'at work' : String(value);
  const merged = [...state.tasks.values()].filter((task) => task.value === 'merged').length;
  return `${merged} of ${state.tasks.size} tasks merged`;
}
