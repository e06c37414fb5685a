import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentSpec, FromAgent, ToAgent } from '../ipc/agent-protocol.ts';
import { startInProcess } from '../supervisor/agent-process.ts';
import { type Occupant, startInThread } from '../supervisor/pool.ts';
import { programPath } from '../supervisor/program.ts';
import type { ActOf, HostContext } from './context.ts';

/** First and longest pause before an agent that crashed is started again, in milliseconds. */
const restartMs = 250;
const restartMsMax = 30_000;

/** The pause before an agent that crashed so often is started again, longer each time; it ends early with the signal. */
export async function pauseAfterCrash(crashes: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(restartMsMax, restartMs * 2 ** (crashes - 1));
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
}

/**
 * Starts an agent where it belongs: a background task's in a process of its own, a plan's other ones in the pool, a lone
 * one and a planner in the host's own thread.
 */
export async function launch(
  act: ActOf<'agent'>,
  spec: AgentSpec,
  context: HostContext,
): Promise<Occupant<ToAgent, FromAgent>> {
  if (act.background) return startInProcess<ToAgent, FromAgent>(processOrder(act, spec, context));
  if (act.task === null) return startInThread<ToAgent, FromAgent>(programPath('agents'), spec);
  return (await context.pool()).start<ToAgent, FromAgent>(spec);
}

function processOrder(act: ActOf<'agent'>, spec: AgentSpec, context: HostContext) {
  return {
    program: programPath('agents'),
    start: spec,
    environment: { VTCODE_FAMILY: context.family },
    outputFile: context.paths.agentOut(act.agent),
    memoryMb: context.state().created.config.limits.agent_memory_mb,
  };
}
