import * as z from 'zod/mini';
import { todoItem } from '../../ipc/todo.ts';
import type { Tool } from './tool.ts';

const todoArguments = z.object({ items: z.array(todoItem).check(z.maxLength(100)) });
export type TodoArguments = z.infer<typeof todoArguments>;

/** Answered by the host itself: the list is kept in the log and shown on screens. Never reaches the hands. */
export const todo: Tool<TodoArguments> = {
  name: 'todo',
  description: 'Your list for work of several steps, which the person sees: say the whole list each time it changes.',
  arguments: todoArguments,
  writes: false,
  effects: () => [],
};
