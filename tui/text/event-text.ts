import type { Event } from '../../ipc/events.ts';
import { plannerAgent } from '../../ipc/run-kind.ts';
import { todoProgress } from '../../ipc/todo.ts';
import { count, seconds } from './plan-text.ts';

/**
 * The text of events that are worth a line during a run: how it ends is left to the summary that follows, and so is what a planner
 * says when it cannot plan. Pure.
 */
export function liveText(event: Event): string | null {
  if (event.type === 'run.finished') return null;
  if (event.type === 'agent.finished' && event.agent === plannerAgent) return null;
  return eventText(event);
}

/** One event as one line for a person, or null when it says nothing that they would miss. Pure. */
export function eventText(event: Event): string | null {
  switch (event.type) {
    case 'run.created':
      return `run ${event.run}: ${event.goal}`;
    case 'run.intended':
      return `${event.by}: ${{ run: 'goes on', paused: 'is to pause', stopped: 'is to stop' }[event.intent]}`;
    case 'run.gave_up':
      return `given up: ${event.reason}`;
    case 'agent.told':
      return `${event.agent}: told by ${event.by}: ${event.text.split('\n')[0]}`;
    case 'host.stopped':
      return `stopped: ${event.reason}`;
    case 'agent.tainted':
      return `${event.agent}: read ${event.by}, which is not trusted: from here on it is asked before what --auto would allow`;
    case 'walls.reported':
      return `walls: ${event.summary}`;
    case 'network.used':
      return `${event.agent}: ${event.verdict === 'allowed' ? 'reached' : 'was refused'} ${event.host}:${event.port}${event.reason === '' ? '' : ` (${event.reason})`}`;
    case 'repository.ready':
      return `base ${event.base.slice(0, 10)}`;
    case 'check.started':
      return `check ${event.name} runs ${event.subject === 'base' ? 'on the base' : `for ${event.subject}`}`;
    case 'base.checked':
      return event.results.length === 0
        ? 'no checks'
        : `checks on the base: ${event.results.map((result) => `${result.name} ${result.outcome} (${seconds(result.durationMs)})`).join(', ')}`;
    case 'agent.queued':
      return `${event.agent}: waits for room: ${event.reason}`;
    case 'agent.started':
      return `${event.agent}: ${event.role} starts${event.life > 1 ? ` again (${event.life})` : ''}, model ${event.model}`;
    case 'agent.crashed':
      return `${event.agent}: the agent crashed: ${event.reason}`;
    case 'agent.finished':
      return `${event.agent}: ${event.handoff.outcome === 'done' ? 'handed in' : 'cannot'}: ${event.handoff.summary.split('\n')[0]}`;
    case 'model.failed':
      return `${event.agent}: model call ${event.call} failed: ${event.reason}`;
    case 'model.switched':
      return `${event.agent}: goes on with ${event.to} instead of ${event.from}: ${event.reason}`;
    case 'model.delayed':
      return `${event.agent}: waits ${seconds(event.ms)} before it asks again: ${event.reason}`;
    case 'model.abandoned':
      return `${event.agent}: model call ${event.call} was cut off; it counts as spent`;
    case 'context.cleared':
      return `${event.agent}: old tool results were cleared to save room`;
    case 'context.compacted':
      return `${event.agent}: the conversation was compacted into a hand-off`;
    case 'approval.requested':
      return `${event.agent}: waits for you: ${event.exact.summary.split('\n')[0]}   (vtcode approve ${event.approval}, or deny)`;
    case 'approval.answered':
      return `${event.agent}: ${event.answer === 'allow' ? `allowed (${event.scope})` : 'denied'} by ${event.by}${event.reason ? `: ${event.reason}` : ''}`;
    case 'command.started':
      return `${event.agent}: runs ${event.id} beside it: ${event.command.split('\n')[0]}`;
    case 'agent.parked':
      return `${event.agent}: parked: ${event.reason}`;
    case 'agent.delegated':
      return `${event.parent}: ${event.searches ? 'searches the web' : `delegates to ${event.agent} (${event.role})`}: ${event.prompt.split('\n')[0]}`;
    case 'tool.finished':
      return `${event.agent}: ${event.name}${event.verdict === 'allowed' ? '' : ` ${event.verdict}`}${event.result.isError ? ' (error)' : ''}`;
    case 'todo.set':
      return `${event.agent}: its list: ${todoProgress(event.items)}`;
    case 'plan.proposed':
      return `plan: ${count(event.plan.tasks.length, 'task')}`;
    case 'plan.accepted':
      return `plan accepted by ${event.by}`;
    case 'plan.declined':
      return `plan declined by ${event.by}`;
    default:
      return taskText(event);
  }
}

function taskText(event: Event): string | null {
  switch (event.type) {
    case 'task.collected':
      return [
        `${event.task}: ${count(event.files.length, 'file')} changed${event.outside.length > 0 ? `, ${event.outside.length} outside the scope` : ''}`,
        ...(event.warnings ?? []).map((words) => `${event.task}: note: ${words}`),
      ].join('\n');
    case 'task.checked':
      return `${event.task}: ${checkedWord(event)}`;
    case 'merge.finished':
      return `${event.task}: merged as ${event.commit.slice(0, 10)}`;
    case 'task.parked':
      return `${event.task}: parked: ${event.reason.split('\n')[0]}`;
    case 'undo.finished':
      return `undone: ${event.tasks.join(', ')}`;
    case 'apply.finished':
      return `applied to ${event.branch} as ${event.commit.slice(0, 10)}`;
    case 'run.finished':
      return `${event.outcome}: ${event.reason.split('\n')[0]}`;
    default:
      return null;
  }
}

function checkedWord(event: Extract<Event, { type: 'task.checked' }>): string {
  if (event.verdict === 'conflict') return `conflicts in ${event.conflicts.join(', ')}`;
  const results = event.results.map(
    (result) => `${result.name} ${result.outcome.replace('_', ' ')} (${seconds(result.durationMs)})`,
  );
  return results.length > 0 ? results.join(', ') : 'no checks';
}
