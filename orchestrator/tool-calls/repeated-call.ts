import type { EventBody } from '../../ipc/events.ts';
import { person } from '../../ipc/run-kind.ts';
import { callKey, repetition } from '../../state/repetition.ts';
import type { AgentState, OpenCall } from '../../state/run-state.ts';
import { agents } from '../../tools/contracts/agents.ts';
import { command } from '../../tools/contracts/command.ts';
import { toolbox } from '../../tools/contracts/toolbox.ts';
import { inWords, repeatsAsked } from '../agent-runs/repeats.ts';
import type { ActOf } from '../schedule/due.ts';
import type { ToolCallAccess } from './access.ts';
import { denied, type Finished } from './answer.ts';
import { askPerson } from './ask.ts';

/** The end of a call that would begin one round too many, with the end of its agent where no person can be asked. */
type Stopped = { finished: Finished; end: EventBody[] };

/**
 * Stops a call that would repeat the same round once more: a person is asked, and without one the agent ends. Null: the
 * call may go on. `waits`: a person was asked.
 */
export async function stopRepeated(
  act: ActOf<'tool'>,
  open: OpenCall,
  context: ToolCallAccess,
): Promise<Stopped | 'waits' | null> {
  const known = context.state().agents.get(act.agent);
  // An agent that asks for news of other agents, or of its commands, repeats the same call for a reason.
  if (!known || act.agent === person || open.name === agents.name || open.name === command.name || open.started)
    return null;
  const why = repeatsOnceMore(known, open);
  if (why === null) return null;
  if (!context.asks) return { finished: denied(`Not run: ${why}.`, why), end: [endOf(act.agent, known, why)] };
  const verdict = { verdict: 'ask' as const, rule: why, risk: 'contained' as const };
  const parsed = toolbox.get(open.name)?.arguments.safeParse(open.arguments);
  const effects = parsed?.success ? (toolbox.get(open.name)?.effects(parsed.data) ?? []) : [];
  const judged = effects.map((effect) => ({ effect, verdict, reads: [], writes: [], destroys: [], registries: [] }));
  const decided = await askPerson(act, open, { judged, decision: verdict }, context);
  if (decided === 'waits') return 'waits';
  return 'permit' in decided ? null : { finished: denied(decided.refused, decided.rule), end: [] };
}

function endOf(agent: string, { phase }: AgentState, why: string): EventBody {
  const summary = `It repeated itself, also after it was told: ${why}. Say more exactly what is wanted, or choose another model.`;
  const handoff = { outcome: 'cannot' as const, summary, code: 'model_failed' };
  return { type: 'agent.finished', agent, life: phase.context.life, handoff };
}

function repeatsOnceMore({ done }: AgentState, open: OpenCall): string | null {
  const found = repetition(done);
  const key = callKey(open.name, open.arguments);
  return found.times >= repeatsAsked && found.round.some(({ call }) => call === key) ? inWords(found) : null;
}
