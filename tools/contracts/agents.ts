import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const agentsArguments = z.object({
  action: z.enum(['start', 'wait', 'tell', 'stop', 'list']),
  /** start: the role that does the work, and the prompt, which stands alone. */
  role: z.optional(z.string()),
  prompt: z.optional(z.string()),
  /** tell and stop: one; wait: these, or all when left out. */
  ids: z.optional(z.array(z.string())),
  /** wait: until all have ended (default), or any. */
  until: z.optional(z.enum(['all', 'any'])),
  text: z.optional(z.string()),
});
export type AgentsArguments = z.infer<typeof agentsArguments>;

/** Answered by the host itself: agents in the background, each a process of its own. Never reaches the hands. */
export const agents: Tool<AgentsArguments> = {
  name: 'agents',
  description:
    'Background agents in the same work tree, for long work beside yours. start (role, prompt) answers an id at once; wait (ids, until all|any) answers their hand-offs; tell (ids, text); stop (ids); list. Wait for or stop all before you end.',
  arguments: agentsArguments,
  writes: false,
  effects: () => [],
};
