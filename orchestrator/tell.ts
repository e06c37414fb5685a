import type { HostContext } from './context.ts';

/** Says something to an agent: written down, and heard with its next model call; one that is not there hears it later. */
export async function tell(context: HostContext, agent: string, text: string, by: string): Promise<void> {
  const [event] = await context.record([{ type: 'agent.told', agent, text, by }], { durable: true });
  const session = context.sessions.get(agent);
  if (session && event?.type === 'agent.told' && event.seq > session.since)
    session.send({ type: 'say', text: event.text });
}
