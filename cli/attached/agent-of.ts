import { Fault } from '../../ipc/fault.ts';
import { nearest } from '../../ipc/nearest.ts';
import { hasPlan, loneAgent } from '../../ipc/run-kind.ts';
import type { RunState } from '../../state/run-state.ts';

/** The agent of a run that a person means: one that is there, or a task that will have one. Throws usage. */
export function agentOf(state: RunState, wanted: string): string {
  const known = [...new Set([...state.agents.keys(), ...state.tasks.keys()])];
  if (!hasPlan(state.created.options) && !known.includes(loneAgent)) known.push(loneAgent);
  if (known.includes(wanted)) return wanted;
  const meant = nearest(wanted, known);
  const { run } = state.created;
  throw new Fault('usage', `There is no agent ${wanted} in ${run}.`, {
    advice: meant
      ? `Did you mean ${run}/${meant}?`
      : known.length > 0
        ? `Its agents: ${known.slice(0, 12).join(', ')}.`
        : 'It has none yet.',
  });
}
