import type { MessagePort } from 'node:worker_threads';
import type { AgentSpec, FromAgent, Grant, ToAgent } from '../ipc/agent-protocol.ts';
import type { Provider } from '../ipc/model.ts';
import { portChannel } from '../ipc/port-channel.ts';
import { embedded } from '../providers/embedded/provider.ts';
import { loadFormats, openProvider } from '../providers/open.ts';
import { confineThread } from './confine.ts';
import { runAgent } from './loop.ts';

/** The agent program as a worker of a pool: one conversation, until the host ends it or closes the line. */
export default async function agent({ port, start }: { port: MessagePort; start: AgentSpec }): Promise<void> {
  // What speaks to models needs the network, so it is loaded before the thread loses it for all else.
  await loadFormats(start.formats);
  confineThread();
  const channel = portChannel<FromAgent, ToAgent>(port);
  const known = new Map<string, Promise<Provider>>();
  const providerOf = ({ endpoint, deadlines }: Grant): Promise<Provider> => {
    if (endpoint === null) return Promise.resolve(embedded());
    const key = JSON.stringify([endpoint, deadlines]);
    const found = known.get(key) ?? openProvider(endpoint, deadlines);
    known.set(key, found);
    return found;
  };
  try {
    await runAgent(start, channel, providerOf);
  } finally {
    channel.close();
  }
}
