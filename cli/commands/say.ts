import { writeTold } from '../../ipc/commands.ts';
import { Fault } from '../../ipc/fault.ts';
import { hasPlan, loneAgent } from '../../ipc/run-kind.ts';
import { requireAgent } from '../../orchestrator/runs/find-run.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import { tellRun } from '../../orchestrator/runs/tell-run.ts';
import type { RunState } from '../../state/run-state.ts';
import { agentOf } from '../attached/agent-of.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode say`: words for an agent. One that works hears them with its next model call, any other when it goes on. */
export default async function say(
  session: Session,
  _options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const { run, agent: wanted } = requireAgent(session.place, words[0] ?? '');
  const text = words.slice(1).join(' ').trim();
  if (text === '')
    throw new Fault('usage', 'There is nothing to say.', { advice: `Say: vtcode say ${run} "use tabs"` });
  const { state, manifest } = await readRun(session.place, run);
  if (state.finished)
    throw new Fault('usage', `${run} has ended (${state.finished.outcome}): no agent would hear it.`, {
      advice: `vtcode result ${run} shows what came of it.`,
    });
  const agent = wanted === null ? theOne(state) : agentOf(state, wanted);
  if (hasEnded(state, agent))
    throw new Fault('usage', `${agent} of ${run} has ended: it would not hear it.`, {
      advice: `vtcode result ${run}/${agent} shows what came of it.`,
    });
  const by = 'vtcode say';
  const heard = await tellRun(session.place, run, {
    command: 'say',
    argument: writeTold({ agent, text }),
    by,
    facts: () => [{ type: 'agent.told', agent, text, by }],
    isTaken: (event) => event.type === 'agent.told' && event.agent === agent && event.text === text,
  });
  session.emit({ run, agent, heard: heard === 'host' });
  session.say(heard === 'host' ? `Told ${agent} of ${run}.` : `${agent} of ${run} hears it when the run goes on.`);
  return { exitCode: 0, run, manifest };
}

/** The agent that is meant where none is named: the only one of the run, or the only one at work. */
function theOne(state: RunState): string {
  if (!hasPlan(state.created.options)) return loneAgent;
  const names = [...new Set([...state.agents.keys(), ...state.active])].filter((name) => !hasEnded(state, name));
  if (names.length === 1 && names[0]) return names[0];
  const { run } = state.created;
  throw new Fault('usage', `${run} has ${names.length === 0 ? 'no agent' : `${names.length} agents`} at work.`, {
    advice: names.length === 0 ? 'Wait for one.' : `Say which: ${names.map((name) => `${run}/${name}`).join(', ')}.`,
  });
}

function hasEnded(state: RunState, agent: string): boolean {
  const task = state.tasks.get(agent)?.value;
  if (task !== undefined) return task === 'merged' || task === 'parked' || task === 'undone';
  return (state.agents.get(agent)?.phase.context.handoff ?? null) !== null;
}
