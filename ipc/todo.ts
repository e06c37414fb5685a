import * as z from 'zod/mini';

/** An agent's own list of what it has to do. It says the whole list each time. */
export const todoStatus = z.enum(['pending', 'in_progress', 'done', 'cancelled']);
export const todoItem = z.strictObject({
  text: z.string().check(z.minLength(1)),
  status: z._default(todoStatus, 'pending'),
});
export type TodoItem = z.infer<typeof todoItem>;

const marks: Record<TodoItem['status'], string> = { pending: '[ ]', in_progress: '[>]', done: '[x]', cancelled: '[-]' };

/** The items, one a line, for a model or a screen. */
export function todoLines(items: readonly TodoItem[]): string[] {
  return items.map(({ text, status }) => `${marks[status]} ${text.replace(/\s+/g, ' ')}`);
}

/** The first line of the answer to an agent that says its list; a compaction finds the list by it. */
export const todoHead = 'Your list now:';

/** How far a list has come, e.g. `2 of 5 done`. */
export function todoProgress(items: readonly TodoItem[]): string {
  return `${items.filter(({ status }) => status === 'done').length} of ${items.length} done`;
}
