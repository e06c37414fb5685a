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

/** The parts that starting an agent needs. */
export type LaunchAccess = Pick<RunAccess, 'paths' | 'state'> & {
  /** The threads of the foreground agents of a plan. */
  pool(): Promise<Pool>;
  /** The mark of this host's processes. */
  family: string;
  redaction: Redactor;
};

/** Pauses before a crashed agent is started again; the log says how often that is done (limits.restarts). */
const backoff = { firstMs: 250, mostMs: 30_000 };

/** Waits before a crashed agent is started again, longer after each crash; ends early with the signal. */
export async function pauseAfterCrash(crashes: number, signal: AbortSignal): Promise<void> {
  await sleep(pauseMs(crashes, backoff, Math.random()), undefined, { signal }).catch(() => {});
}

/**
 * Starts an agent in its place: the agent of a background task in a process of its own, the other agents of a plan in
 * the thread pool, a lone agent and a planner in the host's own thread.
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
