import { clearResults, compact, olderReminder, reminders } from '../ipc/context.ts';
import type { Event } from '../ipc/events.ts';
import type { Image, Message } from '../ipc/message.ts';

/**
 * The conversation of one agent as its model sees it, rebuilt from the log: so any agent can be killed and go on.
 * `opening` is the first user message, with its images. Events of other agents are skipped. `told`: messages to the
 * agent that are not part of the conversation yet.
 */
export function conversation(
  events: Iterable<Event>,
  agent: string,
  opening: { text: string; images?: Image[] | undefined },
): { messages: Message[]; told: string[] } {
  const { text, images } = opening;
  let told: string[] = [];
  /** The last granted call in this life, and the last answered call in any life. */
  let [call, heard] = [0, 0];
  let messages: Message[] = text === '' ? [] : [{ role: 'user', text, ...(images && { images }) }];
  /** The calls of its last turn that have no result. */
  const open = new Map<string, string>();
  /** The reminder before it goes on, unless it has ended. */
  let reminder: string | null = null;
  for (const event of events) {
    if ('agent' in event && event.agent === agent) {
      // A new life repeats the request that the life before got no answer to, and includes messages that came
      // meanwhile.
      if (event.type === 'agent.started') call = heard;
      if (event.type === 'model.finished' || event.type === 'context.compacted') heard = event.call;
      if (event.type === 'model.finished' && event.message.role === 'assistant') {
        messages.push(event.message);
        for (const { id, name } of event.message.calls) open.set(id, name);
        if (event.reminder) reminder = event.reminder.text;
        // Versions that kept no reminder in the log gave one to every such answer.
        else if (event.message.calls.length === 0 && told.length === 0)
          reminder = event.stop === 'length' ? reminders.cut : olderReminder;
      }
      if (event.type === 'model.failed' && event.said)
        messages.push({ role: 'assistant', text: event.said, calls: [] });
      if (event.type === 'agent.finished') {
        reminder = null;
        for (const [callId, name] of open)
          messages.push({ role: 'tool', callId, name, text: 'Interrupted before it answered.', isError: true });
        open.clear();
      }
      if (event.type === 'agent.told') told.push(event.text);
      // With the request for this call the agent included the messages to it.
      if (event.type === 'model.granted' && event.call > call) {
        if (reminder !== null) messages.push({ role: 'user', text: reminder });
        reminder = null;
        messages.push(...told.map((words) => ({ role: 'user' as const, text: words })));
        told = [];
        call = event.call;
      }
      if (event.type === 'context.cleared') messages = clearResults(messages, event.messages);
      if (event.type === 'context.compacted') messages = compact(messages, event.messages, event.text);
      if (event.type === 'tool.finished') {
        const { text, isError, images } = event.result;
        // An interrupted call has been answered already.
        if (!open.delete(event.call)) continue;
        messages.push({ role: 'tool', callId: event.call, name: event.name, text, isError, ...(images && { images }) });
      }
    }
    const sentBack = 'task' in event && event.task === agent ? sentBackMessage(event) : null;
    if (sentBack !== null) messages.push({ role: 'user', text: sentBack });
  }
  if (reminder !== null) messages.push({ role: 'user', text: reminder });
  return { messages, told };
}

/** The message to the agent when its work comes back, or null when the event sends nothing back. */
export function sentBackMessage(event: Event): string | null {
  if (event.type === 'task.collected' && event.outside.length > 0)
    return `Sent back: these files are outside the task's scope, restore them: ${event.outside.slice(0, 50).join(', ')}.`;
  if (event.type !== 'task.checked' || event.verdict === 'green') return null;
  if (event.verdict === 'conflict')
    return `Sent back: the work conflicts with other merged work in ${event.conflicts.join(', ')}. The work tree was reset to the newest state; do the task again on it.`;
  const red = event.results.filter((result) => result.outcome === 'failed');
  const parts = red.map((result) => {
    const end = result.timedOut ? 'ran out of time' : `exit ${result.exitCode ?? 'by a signal'}`;
    return `Check "${result.name}" failed (${result.command}: ${end}). Its last output:\n${result.tail}`;
  });
  return `Sent back: the checks failed.\n\n${parts.join('\n\n')}`;
}
