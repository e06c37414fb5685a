import type { Event } from '../../ipc/events.ts';
import type { AgentsAccess } from './sessions.ts';

/**
 * Says something to an agent: written down, and heard with its next model call; one that is not there hears it later.
 * `quiet`: it is nothing to answer, and wakes nobody. `about`: a run that belongs to this conversation.
 */
export async function tell(
  context: Pick<AgentsAccess, 'record' | 'sessions'>,
  agent: string,
  text: string,
  by: string,
  { quiet = false, about }: { quiet?: boolean; about?: string } = {},
): Promise<void> {
  const more = { ...(quiet && { quiet }), ...(about !== undefined && { about }) };
  const said = { type: 'agent.told' as const, agent, text, by, ...more };
  for (const event of await context.record([said], { durable: true })) hear(event, context);
}

/** Lets an agent at work hear what was written down for it. */
export function hear(event: Event, { sessions }: Pick<AgentsAccess, 'sessions'>): void {
  if (event.type !== 'agent.told') return;
  const session = sessions.get(event.agent);
  if (session && event.seq > session.since) session.send({ type: 'say', text: event.text });
}
