import { newCallId } from '../../ipc/ids.ts';
import { loneAgent, person } from '../../ipc/run-kind.ts';
import type { RunState } from '../../state/run-state.ts';
import { delegate } from '../../tools/contracts/delegate.ts';
import { runCommand } from '../../tools/contracts/run-command.ts';
import { end } from '../agent-runs/delegation.ts';
import { tell } from '../agent-runs/messages.ts';
import type { AgentsAccess } from '../agent-runs/sessions.ts';

/**
 * A person's own actions in a conversation, besides messages: commands and delegations. The log records them as calls
 * of `you`. They pass the same gate and survive a crash like any call; the agent reads about them with the person's
 * next message.
 */

/** Whether a conversation has open work: a turn, or an action of the person. */
export function isBusy(state: RunState): boolean {
  return state.phase.value === 'alone' || (state.agents.get(person)?.open.size ?? 0) > 0;
}

/**
 * Whether input may be something other than a message; a conversation that begins with such input has no goal. Pure.
 */
export function isOwn(said: string): boolean {
  return /^[!@/]/.test(said);
}

/** Carries out a person's input: a command, a delegation, or a message to the agent. The results are events. */
export async function sayAsPerson(context: AgentsAccess, said: string): Promise<void> {
  const meant = wordsMeant(said, context.state().created.config.roles);
  if (meant.kind === 'command') await call(context, runCommand.name, { command: meant.command });
  else if (meant.kind === 'delegation') await call(context, delegate.name, { role: meant.role, prompt: meant.prompt });
  else if (said !== '') await tell(context, loneAgent, said, person);
}

type Meant =
  | { kind: 'words' }
  | { kind: 'command'; command: string }
  | { kind: 'delegation'; role: string; prompt: string };

/** The meaning of a person's input: `!command`, `@role something to do`, or a message to the agent. Pure. */
function wordsMeant(said: string, roles: Record<string, unknown>): Meant {
  if (/^!\s*\S/.test(said)) return { kind: 'command', command: said.slice(1).trim() };
  const [, role = '', prompt = ''] = /^@(\w+)\s+([\s\S]+)$/.exec(said) ?? [];
  return Object.hasOwn(roles, role) ? { kind: 'delegation', role, prompt } : { kind: 'words' };
}

async function call(context: AgentsAccess, name: string, given: Record<string, unknown>): Promise<void> {
  const request = { type: 'tool.requested' as const, agent: person, call: newCallId(), name, arguments: given };
  await context.record([request], { durable: true });
}

/** Ends the open work: the agent's turn, or else the person's own calls. Returns whether there was any. */
export function interrupt(context: AgentsAccess): boolean {
  const state = context.state();
  if (state.phase.value === 'alone') {
    void end(loneAgent, 'interrupted', context).catch(() => {}); // a stopping host writes the reason itself
    return true;
  }
  const open = state.agents.get(person)?.open.size ?? 0;
  context.commands.cancel(person);
  for (const [name, { delegated, phase }] of state.agents)
    if (delegated?.parent === person && phase.value !== 'ended') void end(name, 'interrupted', context).catch(() => {});
  return open > 0;
}
