import { supervise as superviseRuns } from '../../orchestrator/runs/supervise.ts';
import type { Outcome, Session } from '../session.ts';

/** How long `supervise` stays with nothing to do, in milliseconds. */
const idleMs = 3 * 60_000;

/** `vtcode supervise` (internal): keeps the hosts of detached runs alive. Started by the command that detaches a run. */
export default async function supervise(session: Session): Promise<Outcome> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) session.process.on(signal, () => stopping.abort());
  const tell = (line: string) => session.warn(`${new Date().toISOString()} ${line}`);
  await superviseRuns(session.place, { signal: stopping.signal, idleMs, tell });
  return { exitCode: 0 };
}
