import { userInfo } from 'node:os';
import type { MessagePort } from 'node:worker_threads';
import type { AgentSpec, FromAgent, Grant, ToAgent } from '../ipc/agent-protocol.ts';
import { type Channel, channelEnd } from '../ipc/channel.ts';
import type { Provider } from '../ipc/model.ts';
import { portChannel } from '../ipc/port-channel.ts';
import { embedded } from '../providers/embedded/provider.ts';
import { loadFormats, openProvider } from '../providers/formats/open.ts';
import { confineThread } from './confine.ts';
import { runAgent } from './loop.ts';

/** Started as a process of its own it says hello, hears what it is to do, and dies with its host. */
if (process.argv[2] === 'process') void asProcess();

async function asProcess(): Promise<void> {
  const { armDeathSignal } = await import('../supervisor/death-signal.ts');
  const { parentChannel } = await import('../supervisor/parent.ts');
  const { packageFolders } = await import('../supervisor/program.ts');
  const { confineAgent, holesOfAgent } = await import('../sandbox/agent-sandbox.ts');
  const { runtimeFolders } = await import('../sandbox/paths.ts');
  armDeathSignal(Number(process.env.VTCODE_PARENT));
  // Walls first: threads that the engine starts later are inside them.
  const holes = confineAgent([...packageFolders(), ...runtimeFolders(process.execPath, userInfo().homedir)])
    ? await holesOfAgent()
    : [];
  if (holes.length > 0) {
    process.stderr.write(`The walls of this agent do not hold: ${holes.join(', ')}.\n`);
    process.exit(1);
  }
  const line = parentChannel<FromAgent | { type: 'hello' }>();
  if (!line) return;
  const end = channelEnd<FromAgent, ToAgent>({ post: (message) => void line.send(message), close: () => line.close() });
  line.onClose((reason) => end.closed(reason));
  line.onMessage((message) => {
    const words = message as { type: 'start'; start: AgentSpec } | ToAgent;
    if (words.type === 'start') void converse(words.start, end.channel).then(() => process.exit(0));
    else end.deliver(words);
  });
  line.send({ type: 'hello' });
}

/** The agent program as a worker of a pool: one conversation, until the host ends it or closes the line. */
export default async function agent({ port, start }: { port: MessagePort; start: AgentSpec }): Promise<void> {
  await converse(start, portChannel<FromAgent, ToAgent>(port));
}

async function converse(start: AgentSpec, channel: Channel<FromAgent, ToAgent>): Promise<void> {
  // The code that speaks to models needs the network, so it is loaded before the thread loses the network.
  await loadFormats(start.formats);
  confineThread();
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
