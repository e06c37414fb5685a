import { Fault } from '../../ipc/fault.ts';
import { hasPlan, loneAgent } from '../../ipc/run-kind.ts';
import { requireAgent } from '../../orchestrator/runs/find-run.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import { agentOf } from '../attached/agent-of.ts';
import { summaryText } from '../attached/summary-text.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode result`: what came of a run that has ended: the answer of one agent, or the account of a plan. */
export default async function result(
  session: Session,
  _options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const { run, agent } = requireAgent(session.place, words[0] ?? '');
  const { state, manifest } = await readRun(session.place, run);
  const isLone = !hasPlan(state.created.options);
  const named = agent === null ? (isLone ? loneAgent : null) : agentOf(state, agent);
  const handoff = named === null ? null : (state.agents.get(named)?.phase.context.handoff ?? null);
  if (!state.finished && handoff === null)
    throw new Fault('usage', `${words[0]} has no result yet: ${run} is ${manifest.word}.`, {
      advice: `vtcode wait ${run} waits for its end.`,
    });
  // An agent's word that its task is done counts for nothing until the work is merged.
  const task = manifest.tasks.find(({ id }) => id === named);
  const isDone = handoff?.outcome === 'done' && (task === undefined || task.state === 'merged');
  const exitCode = agent === null ? (state.finished?.exitCode ?? 0) : isDone ? 0 : 1;
  session.emit({ run, agent: named, exitCode, handoff, manifest });
  if (task && task.state !== 'merged')
    session.say(
      `${task.state}${task.reason ? `: ${task.reason}` : ''}; nothing of it is in the result. Its agent said:`,
    );
  if (handoff) session.say(handoff.summary);
  else session.say(...summaryText(manifest));
  return { exitCode, run, manifest };
}
