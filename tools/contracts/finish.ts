import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

export const finishArguments = z.object({
  outcome: z.enum(['done', 'cannot']),
  summary: z.string(),
  /** Why it cannot be done, from the table of faults, e.g. `symbol_not_found`. */
  code: z.optional(z.string()),
  facts: z.optional(z.array(z.string())),
  files: z.optional(z.array(z.string())),
  /** The commands that were run to test the work, and their results. */
  verification: z.optional(z.string()),
  open_questions: z.optional(z.array(z.string())),
});
export type FinishArguments = z.infer<typeof finishArguments>;

/** Answered by the host itself: the typed hand-over at the end of an agent's task. Never reaches the hands. */
export const finish: Tool<FinishArguments> = {
  name: 'finish',
  description: 'End the task with a hand-over: done, or cannot with the reason. The host checks the work itself.',
  arguments: finishArguments,
  writes: false,
  effects: () => [],
};
