import { newCallId } from '../ipc/ids.ts';
import { loneAgent, person } from '../state/run-machine.ts';
import { delegate } from '../tools/delegate.ts';
import { runCommand } from '../tools/run-command.ts';
import { end } from './acts/team.ts';
import type { HostContext } from './context.ts';
import { cutOff } from './cut-off.ts';

/**
 * What a person does in a conversation beside speaking: commands and delegations of their own. They stand in the log as
 * calls of `you`, pass the same gate, survive a crash like any call, and the agent hears of them with what is said next.
 */

/** Runs a command line in the folder. What comes of it is an event. */
export async function runAsPerson(context: HostContext, command: string): Promise<void> {
  await call(context, runCommand.name, { command });
}

/** Gives work to an agent of a role, which the conversation does not wait for. */
export async function delegateAsPerson(context: HostContext, role: string, prompt: string): Promise<void> {
  await call(context, delegate.name, { role, prompt });
}

export type Meant =
  | { kind: 'words' }
  | { kind: 'command'; command: string }
  | { kind: 'delegation'; role: string; prompt: string };

/** What a person's words mean: `!command`, `@role something to do`, or words for the agent. Pure. */
export function wordsMeant(said: string, roles: Record<string, unknown>): Meant {
  if (/^!\s*\S/.test(said)) return { kind: 'command', command: said.slice(1).trim() };
  const [, role = '', prompt = ''] = /^@(\w+)\s+([\s\S]+)$/.exec(said) ?? [];
  return Object.hasOwn(roles, role) ? { kind: 'delegation', role, prompt } : { kind: 'words' };
}

async function call(context: HostContext, name: string, given: Record<string, unknown>): Promise<void> {
  const request = { type: 'tool.requested' as const, agent: person, call: newCallId(), name, arguments: given };
  await context.record([request], { durable: true });
}

/** Ends what is under way: the agent's turn, or else the person's own calls. Answers whether there was anything. */
export function interrupt(context: HostContext): boolean {
  const state = context.state();
  if (state.phase.value === 'alone') {
    void end(loneAgent, 'interrupted', context).catch(() => {}); // a host that stops writes why itself
    return true;
  }
  const open = state.agents.get(person)?.open.size ?? 0;
  cutOff(person, context);
  for (const [name, { delegated, handoff }] of state.agents)
    if (delegated?.parent === person && !handoff) void end(name, 'interrupted', context).catch(() => {});
  return open > 0;
}
