import { newCallId } from '../../ipc/ids.ts';
import { loneAgent, person } from '../../ipc/run-kind.ts';
import type { RunState } from '../../state/run-state.ts';
import { delegate } from '../../tools/contracts/delegate.ts';
import { runCommand } from '../../tools/contracts/run-command.ts';
import { end } from '../agent-runs/delegation.ts';
import { tell } from '../agent-runs/messages.ts';
import type { AgentsAccess } from '../agent-runs/sessions.ts';

/**
 * What a person does in a conversation beside speaking: commands and delegations of their own. They stand in the log as
 * calls of `you`, pass the same gate, survive a crash like any call, and the agent hears of them with what is said next.
 */

/** Whether something is under way in a conversation: a turn, or what the person does themselves. */
export function isBusy(state: RunState): boolean {
  return state.phase.value === 'alone' || (state.agents.get(person)?.open.size ?? 0) > 0;
}

/** Whether words may mean something else than words for the agent; a conversation that begins so has no goal. Pure. */
export function isOwn(said: string): boolean {
  return /^[!@/]/.test(said);
}

/** Does what a person's words mean: a command, a delegation, or words for the agent. What comes of it are events. */
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

/** What a person's words mean: `!command`, `@role something to do`, or words for the agent. Pure. */
function wordsMeant(said: string, roles: Record<string, unknown>): Meant {
  if (/^!\s*\S/.test(said)) return { kind: 'command', command: said.slice(1).trim() };
  const [, role = '', prompt = ''] = /^@(\w+)\s+([\s\S]+)$/.exec(said) ?? [];
  return Object.hasOwn(roles, role) ? { kind: 'delegation', role, prompt } : { kind: 'words' };
}

async function call(context: AgentsAccess, name: string, given: Record<string, unknown>): Promise<void> {
  const request = { type: 'tool.requested' as const, agent: person, call: newCallId(), name, arguments: given };
  await context.record([request], { durable: true });
}

/** Ends what is under way: the agent's turn, or else the person's own calls. Answers whether there was anything. */
export function interrupt(context: AgentsAccess): boolean {
  const state = context.state();
  if (state.phase.value === 'alone') {
    void end(loneAgent, 'interrupted', context).catch(() => {}); // a host that stops writes why itself
    return true;
  }
  const open = state.agents.get(person)?.open.size ?? 0;
  context.commands.cancel(person);
  for (const [name, { delegated, phase }] of state.agents)
    if (delegated?.parent === person && phase.value !== 'ended') void end(name, 'interrupted', context).catch(() => {});
  return open > 0;
}
