import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const proposedTask = z.object({
  id: z.string().check(z.regex(/^[a-z0-9][a-z0-9_-]{0,40}$/, 'lower case letters, digits, - and _')),
  title: z.string(),
  prompt: z.string(),
  role: z._default(z.string(), 'coder'),
  after: z._default(z.array(z.string()), []),
  scope: z.array(z.string()).check(z.minLength(1)),
});

const proposePlanArguments = z.object({
  summary: z.string(),
  tasks: z.array(proposedTask).check(z.minLength(1)),
  /** Ids of earlier dry-run calls whose sites become the plan's list of sites. */
  sites_from: z._default(z.array(z.string()), []),
});
export type ProposePlanArguments = z.infer<typeof proposePlanArguments>;

/** Answered by the host itself: ends a planner's work with a plan. Never reaches the hands. */
export const proposePlan: Tool<ProposePlanArguments> = {
  name: 'propose_plan',
  description:
    'End planning: hand over the plan. Tasks form a DAG by `after`; `scope` lists globs a task may write. ' +
    '`sites_from` names the call ids of dry runs whose sites the plan covers.',
  arguments: proposePlanArguments,
  writes: false,
  effects: () => [],
};
