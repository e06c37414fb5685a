import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const delegateArguments = z.object({
  role: z.string(),
  /** Stands alone: the new agent has read nothing of this conversation. */
  prompt: z.string().check(z.minLength(1)),
});

/** Answered by the host itself: starts another agent in the same work tree. Never reaches the hands. */
export const delegate: Tool<z.infer<typeof delegateArguments>> = {
  name: 'delegate',
  description:
    'Give a bounded piece of work to another agent (role: explorer, reviewer, general) in the same work tree; its hand-off comes back. Several calls in one turn run at the same time. The prompt must stand alone.',
  arguments: delegateArguments,
  writes: false,
  effects: () => [],
};
