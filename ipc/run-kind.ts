import type { RunOptions } from './events.ts';

/** The kinds of runs, and the agents whose names are fixed: every other agent is named after its task or its parent. */

/** The agent that makes a run's plan, and the name of its role. */
export const plannerAgent = 'planner';
/** The one agent of a run without a plan. */
export const loneAgent = 'agent';
/** The name of the person's own calls in the log: they pass the same gate, and no model is behind them. */
export const person = 'you';

/** The agent of a task, the planner or the lone agent that an agent works for: agents that it started are named below it. */
export function rootOf(agent: string): string {
  return agent.split('/')[0] ?? agent;
}

type Kind = Pick<RunOptions, 'mode'>;

/** Whether the run plans tasks and works them in work trees; every other run is one agent in the folder itself. */
export function hasPlan({ mode }: Kind): boolean {
  return mode === 'plan';
}

/** Whether the run is a conversation: it waits for the next words when its agent has answered. */
export function isConversation({ mode }: Kind): boolean {
  return mode === 'chat';
}

/** Whether the run answers a question and may change nothing. */
export function isQuestion({ mode }: Kind): boolean {
  return mode === 'ask';
}

/** The role of the agent of a run without a plan. */
export function loneRole({ role, options }: { role?: string | undefined; options: Kind }): string {
  return role ?? (isQuestion(options) ? 'explorer' : 'general');
}
