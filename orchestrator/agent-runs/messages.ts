import type { Event } from '../../ipc/events.ts';
import type { AgentsAccess } from './sessions.ts';

/**
 * Sends a message to an agent: the log records it, and the agent reads it with its next model call, or later if it does
 * not run. `quiet`: the message needs no answer and wakes no agent. `about`: a run that belongs to this conversation. `repeats`: it repeats itself.
 */
export async function tell(
  context: Pick<AgentsAccess, 'record' | 'sessions'>,
  agent: string,
  text: string,
  by: string,
  { quiet = false, about, repeats = false }: { quiet?: boolean; about?: string; repeats?: boolean } = {},
): Promise<void> {
  const more = { ...(quiet && { quiet }), ...(about !== undefined && { about }), ...(repeats && { repeats }) };
  const said = { type: 'agent.told' as const, agent, text, by, ...more };
  for (const event of await context.record([said], { durable: true })) hear(event, context);
}

/** Tells a working agent that the log holds new messages for it. */
export function hear(event: Event, { sessions }: Pick<AgentsAccess, 'sessions'>): void {
  if (event.type !== 'agent.told') return;
  const session = sessions.get(event.agent);
  if (session && event.seq > session.since) session.send({ type: 'say', text: event.text });
}
