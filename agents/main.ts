import type { MessagePort } from 'node:worker_threads';
import type { AgentSpec, FromAgent, ToAgent } from '../ipc/agent-protocol.ts';
import { portChannel } from '../ipc/port-channel.ts';
import { embedded } from '../providers/embedded/provider.ts';
import { confineThread } from './confine.ts';
import { runAgent } from './loop.ts';

confineThread();

/** The agent program as a worker of a pool: one conversation, until the host ends it or closes the line. */
export default async function agent({ port, start }: { port: MessagePort; start: AgentSpec }): Promise<void> {
  const channel = portChannel<FromAgent, ToAgent>(port);
  try {
    await runAgent(start, channel, embedded());
  } finally {
    channel.close();
  }
}
