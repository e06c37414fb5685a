import type { Event } from '../ipc/events.ts';
import { jsonLines } from '../test/support/vtcode.ts';

/** Where the time of a run went, in milliseconds, by the times of its events. Phases of several tasks are added up. */
export type Phases = {
  /** From the beginning to the proposed plan, with the checks on the base. */
  planning: number;
  /** Work trees made ready, and agents at work in them. */
  trees: number;
  editing: number;
  /** Content of work trees taken into git. */
  collecting: number;
  checking: number;
  merging: number;
  /** From the last merge to the end: work trees are removed. */
  ending: number;
};

/** The events of a `--json` output, without the last line, which is the cli's. */
export function eventsOf(output: string): Event[] {
  return jsonLines(output).slice(0, -1) as unknown as Event[];
}

export function phasesOf(events: Event[]): Phases {
  const from = new Map<string, number>();
  const sum: Phases = { planning: 0, trees: 0, editing: 0, collecting: 0, checking: 0, merging: 0, ending: 0 };
  const began = (key: string, at: number) => from.set(key, at);
  const ended = (phase: keyof Phases, key: string, at: number) => {
    const start = from.get(key);
    if (start !== undefined) sum[phase] += at - start;
  };
  for (const event of events) {
    const at = Date.parse(event.at);
    if (event.type === 'run.created') began('planning', at);
    if (event.type === 'plan.proposed') ended('planning', 'planning', at);
    if (event.type === 'plan.accepted') began('trees', at);
    if (event.type === 'workspace.assigned') {
      ended('trees', from.has(`free ${event.tree}`) ? `free ${event.tree}` : 'trees', at);
      began(event.task, at);
    }
    if (event.type === 'agent.finished') {
      ended('editing', event.agent, at);
      began(event.agent, at);
    }
    if (event.type === 'task.collected') {
      ended('collecting', event.task, at);
      began(event.task, at);
    }
    if (event.type === 'task.checked') {
      ended('checking', event.task, at);
      began(event.task, at);
    }
    if (event.type === 'merge.finished') {
      ended('merging', event.task, at);
      began('ending', at);
      began(`free ${treeOf(events, event.task)}`, at);
    }
    if (event.type === 'run.finished') ended('ending', 'ending', at);
  }
  return sum;
}

function treeOf(events: Event[], task: string): string {
  const assigned = events.findLast((event) => event.type === 'workspace.assigned' && event.task === task);
  return assigned?.type === 'workspace.assigned' ? assigned.tree : '';
}
