import { Fault } from '../../ipc/fault.ts';
import { runInSandbox } from '../../orchestrator/operations/sandbox-command.ts';
import type { Outcome, Session } from '../session.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `vtcode sandbox -- <command…>`: runs anything behind the walls of an agent's command, and ends as it ends. */
export default async function sandbox(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  if (words.length === 0)
    throw new Fault('usage', 'The command is missing.', { advice: 'Say: vtcode sandbox -- npm test' });
  let end: ((signal: (typeof signals)[number]) => void) | undefined;
  let early: (typeof signals)[number] | undefined;
  for (const signal of signals)
    session.process.on(signal, () => {
      early ??= signal;
      end?.(signal);
    });
  // The command is no job of the terminal's: stopping us would leave it reading there.
  session.process.on('SIGTSTP', () => {});
  const { exitCode, walls, hosts, notes } = await runInSandbox(session.place, {
    directory: String(options.C),
    mode: options.readOnly ? 'read' : 'write',
    words,
    network: (options.network ?? []) as string[],
    onStarted(stop) {
      end = stop;
      if (early) stop(early);
    },
  });
  if (options.network && walls.network !== 'private_loopback')
    notes.push('Nothing of the network was granted: this machine gives no private network (vtcode doctor).');
  for (const { host, port, reason } of hosts.filter(({ verdict }) => verdict === 'refused'))
    notes.push(`vtcode refused ${host}:${port}: ${reason}`);
  if (notes.length > 0) session.warn(...notes);
  return { exitCode };
}
