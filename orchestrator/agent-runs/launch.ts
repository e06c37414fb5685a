import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentSpec, FromAgent, ToAgent } from '../../ipc/agent-protocol.ts';
import { pauseMs } from '../../ipc/back-off.ts';
import type { Redactor } from '../../ipc/redaction.ts';
import { startInProcess } from '../../supervisor/agent-process.ts';
import { agentVariable } from '../../supervisor/memory.ts';
import { type Occupant, type Pool, startInThread } from '../../supervisor/pool.ts';
import { programPath } from '../../supervisor/program.ts';
import type { RunAccess } from '../runs/run-access.ts';
import type { ActOf } from '../schedule/due.ts';

/** What starting an agent needs. */
export type LaunchAccess = Pick<RunAccess, 'paths' | 'state'> & {
  /** The threads of the foreground agents of a plan. */
  pool(): Promise<Pool>;
  /** The mark of this host's processes. */
  family: string;
  redaction: Redactor;
};

/** The pauses before an agent that crashed is started again; how often it is follows from the log (limits.restarts). */
const backoff = { firstMs: 250, mostMs: 30_000 };

/** Waits before an agent that crashed so often is started again, longer each time; ends early with the signal. */
export async function pauseAfterCrash(crashes: number, signal: AbortSignal): Promise<void> {
  await sleep(pauseMs(crashes, backoff, Math.random()), undefined, { signal }).catch(() => {});
}

/**
 * Starts an agent where it belongs: a background task's in a process of its own, a plan's other ones in the pool, a lone
 * one and a planner in the host's own thread.
 */
export async function launch(
  act: ActOf<'agent'>,
  spec: AgentSpec,
  context: LaunchAccess,
): Promise<Occupant<ToAgent, FromAgent>> {
  if (act.background) return startInProcess<ToAgent, FromAgent>(processOrder(act, spec, context));
  if (act.task === null) return startInThread<ToAgent, FromAgent>(programPath('agents'), spec);
  return (await context.pool()).start<ToAgent, FromAgent>(spec);
}

function processOrder(act: ActOf<'agent'>, spec: AgentSpec, context: LaunchAccess) {
  return {
    program: programPath('agents'),
    start: spec,
    environment: { VTCODE_FAMILY: context.family, [agentVariable]: act.agent },
    outputFile: context.paths.agentOut(act.agent),
    redact: (line: string) => context.redaction.text(line),
    memoryMb: context.state().created.config.limits.agent_memory_mb,
  };
}
