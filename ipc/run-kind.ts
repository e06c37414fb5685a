import type { RunOptions } from './events.ts';

/** The kinds of runs, and the agents with fixed names: every other agent is named after its task or its parent. */

/** The agent that makes a run's plan; its role has the same name. */
export const plannerAgent = 'planner';
/** The only agent of a run without a plan. */
export const loneAgent = 'agent';
/** The agent name for the person's own calls in the log: they pass the same gate, but no model makes them. */
export const person = 'you';

/**
 * The root of an agent: the agent of a task, the planner or the lone agent. Agents that it started have names below it.
 */
export function rootOf(agent: string): string {
  return agent.split('/')[0] ?? agent;
}

type Kind = Pick<RunOptions, 'mode'>;

/** Whether the run plans tasks and works on them in work trees; every other run is one agent in the folder itself. */
export function hasPlan({ mode }: Kind): boolean {
  return mode === 'plan';
}

/** Whether the run is a conversation: it waits for the next message after its agent's answer. */
export function isConversation({ mode }: Kind): boolean {
  return mode === 'chat';
}

/** Whether the run only answers a question and may change nothing. */
export function isQuestion({ mode }: Kind): boolean {
  return mode === 'ask';
}

/** The role of the agent of a run without a plan. */
export function loneRole({ role, options }: { role?: string | undefined; options: Kind }): string {
  return role ?? (isQuestion(options) ? 'explorer' : 'general');
}
