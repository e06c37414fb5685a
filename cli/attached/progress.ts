import type { Event } from '../../ipc/events.ts';
import { manifestOf } from '../../state/manifest.ts';
import type { RunState } from '../../state/run-state.ts';
import { liveText } from '../../tui/text/event-text.ts';
import { count, seconds } from '../../tui/text/plan-text.ts';
import { safe } from '../../tui/text/safe-text.ts';
import { cut, flat } from '../../tui/text/text.ts';
import { taskMark } from './summary-text.ts';

/** Where live progress goes. On a terminal the last lines are redrawn; elsewhere each event is one plain line. */
export type Progress = {
  events(events: Event[], state: RunState): void;
  /** Takes the live lines away, so that other text can follow. */
  clear(): void;
  /** While a question is on the screen nothing is drawn; `false` goes on. */
  hold(on: boolean): void;
  end(): void;
};

/** How often the live lines are drawn anew while nothing happens, so that the clock runs, in milliseconds. */
const redrawMs = 500;
/** Live lines for tasks; more would push the history off a small terminal. */
const taskLinesMax = 8;

export function progress(output: NodeJS.WriteStream): Progress {
  return output.isTTY ? liveProgress(output) : plainProgress(output);
}

function plainProgress(output: NodeJS.WriteStream): Progress {
  return {
    events(events) {
      for (const event of events) {
        const line = liveText(event);
        if (line !== null) output.write(`${event.at.slice(11, 19)} ${safe(line)}\n`);
      }
    },
    clear() {},
    hold() {},
    end() {},
  };
}

function liveProgress(output: NodeJS.WriteStream): Progress {
  let drawn = 0;
  let last: RunState | undefined;
  let held = false;
  const clear = () => {
    if (drawn > 0) output.write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  const draw = () => {
    if (!last || last.finished || held) return;
    const lines = liveLines(last, Date.now()).map((line) => cut(flat(line), Math.max(20, output.columns - 1)));
    clear();
    output.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, redrawMs);
  timer.unref();
  return {
    events(events, state) {
      clear();
      for (const event of events) {
        const line = liveText(event);
        if (line !== null && notable.has(event.type) && !held) output.write(`${safe(line)}\n`);
      }
      last = state;
      if (state.phase.value !== 'proposed') draw();
    },
    clear() {
      clear();
      last = undefined;
    },
    hold(on) {
      if (on) clear();
      held = on;
      if (!on) draw();
    },
    end() {
      clearInterval(timer);
      clear();
    },
  };
}

/** Events that stay on the screen as history; the others only move the live lines. */
const notable = new Set([
  'run.created',
  'walls.reported',
  'base.checked',
  'merge.finished',
  'task.parked',
  'agent.crashed',
  'agent.queued',
  'model.failed',
  'model.switched',
  'model.delayed',
  'agent.parked',
  'approval.requested',
  'approval.answered',
  'host.stopped',
]);

/** The lines that are redrawn: what is under way, sites and tasks done and left, elapsed time and what is to come. */
export function liveLines(state: RunState, nowMs: number): string[] {
  const manifest = manifestOf(state, { live: true, logHead: '' });
  const elapsedMs = nowMs - Date.parse(manifest.startedAt);
  const done = manifest.tasks.filter((task) => task.state === 'merged' || task.state === 'parked').length;
  const busy = manifest.tasks.filter((task) => !['waiting', 'merged', 'parked', 'undone'].includes(task.state));
  const lines = busy
    .slice(0, taskLinesMax)
    .map((task) => `  ${taskMark[task.state]} ${task.id}  ${task.title}  ${task.state}`);
  if (state.check) {
    const where = state.check.subject === 'base' ? 'on the base' : `for ${state.check.subject}`;
    lines.push(`  ? check ${state.check.name} ${where}  ${seconds(nowMs - Date.parse(state.check.at))}`);
  }
  const parts = [manifest.word, seconds(elapsedMs)];
  if (manifest.tasks.length > 0) parts.push(`${done} of ${count(manifest.tasks.length, 'task')}`);
  if (manifest.sites.total > 0) parts.push(`${manifest.sites.done} of ${count(manifest.sites.total, 'site')}`);
  if (done > 0 && done < manifest.tasks.length) {
    const worked = nowMs - Date.parse(state.workingSince ?? manifest.startedAt);
    parts.push(`about ${seconds((worked / done) * (manifest.tasks.length - done))} left`);
  } else if (manifest.estimate && manifest.tasks.length > 0)
    parts.push(`estimated ${seconds(manifest.estimate.seconds * 1000)}`);
  return [...lines, parts.join('  ')];
}
