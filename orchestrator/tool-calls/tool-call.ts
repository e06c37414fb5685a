import type { EventBody } from '../../ipc/events.ts';
import { person } from '../../ipc/run-kind.ts';
import { todoHead, todoLines } from '../../ipc/todo.ts';
import { agents } from '../../tools/contracts/agents.ts';
import { command } from '../../tools/contracts/command.ts';
import { delegate } from '../../tools/contracts/delegate.ts';
import { finish } from '../../tools/contracts/finish.ts';
import { proposePlan } from '../../tools/contracts/propose-plan.ts';
import { runCommand } from '../../tools/contracts/run-command.ts';
import { type TodoArguments, todo } from '../../tools/contracts/todo.ts';
import { delegated, delegateTo, lead, parkIfWaiting } from '../agent-runs/delegation.ts';
import { isSearcher } from '../agent-runs/searcher.ts';
import type { ActOf, Step } from '../schedule/due.ts';
import type { ToolCallAccess } from './access.ts';
import { answer, denied, type Finished, failed } from './answer.ts';
import { lookAfter } from './background.ts';
import { carryOut } from './carry-out.ts';
import { handIn, repairsUsedUp } from './hand-in.ts';
import { stopRepeated } from './repeated-call.ts';
import { taintWords } from './taint.ts';
import { understood } from './understand.ts';
import { searchedBefore } from './web-search.ts';

/** Carries out one tool call: judges it, records it before it has an effect, and answers it exactly once. */
export const tool: Step<'tool', ToolCallAccess> = async (act, context) => {
  const agent = context.state().agents.get(act.agent);
  const asked = agent?.open.get(act.call);
  if (!agent || !asked) return [];
  const stopped = await stopRepeated(act, asked, context);
  if (stopped === 'waits') {
    parkIfWaiting(act.agent, context);
    return [];
  }
  if (stopped) return answer(act, asked, stopped.finished, context, stopped.end);
  const call = understood(asked, agent, toolsOf(act.agent, context));
  const { calledHere } = call;
  const end: End = (finished, more) =>
    answer(act, asked, { ...finished, ...(calledHere && { calledHere }) }, context, more);
  if ('problem' in call)
    return call.isUnknown
      ? end(denied(call.problem, 'not among the tools of the role'))
      : end(failed(call.problem), repairsUsedUp(act, asked, call.problem, context));
  const { open, definition, parsed } = call;
  if (open.name === delegate.name) return startOrAnswer(act, parsed, context, end);
  if (open.name === agents.name) {
    const result = await lead(act, parsed, context);
    return end({ verdict: 'allowed', rule: 'answered by the host', result });
  }
  if (open.name === todo.name) {
    const { items } = parsed as TodoArguments;
    await context.record([{ type: 'todo.set', agent: act.agent, items }]);
    const text = [todoHead, ...(items.length > 0 ? todoLines(items) : ['(empty)'])].join('\n');
    return end({ verdict: 'allowed', rule: 'answered by the host', result: { text, isError: false } });
  }
  if (open.name === command.name && command.arguments.parse(parsed).action !== 'write') {
    const result = await lookAfter(act, parsed, context);
    return context.signal.aborted ? [] : end({ verdict: 'allowed', rule: 'answered by the host', result });
  }
  if (open.name === finish.name || open.name === proposePlan.name) {
    const answered = handIn(act, open, parsed, context);
    if (typeof answered === 'string') return end(failed(answered), repairsUsedUp(act, open, answered, context));
    return answered.map((fact) => (fact.type === 'tool.finished' ? { ...fact, name: asked.name } : fact));
  }
  const before = taintWords(context.state(), act.agent);
  const finished = (await searchedBefore(act, context)) ?? (await carryOut(act, open, definition, parsed, context));
  if (!finished) parkIfWaiting(act.agent, context);
  if (context.signal.aborted || !finished) return [];
  const taint = before === '' ? taintWords(context.state(), act.agent) : '';
  const { result } = finished;
  const told = taint === '' ? result : { ...result, text: `${result.text}\n(${taint})` };
  return end({ ...finished, result: told });
};

/** Answers the call; `more`: facts that come with the answer. */
type End = (finished: Finished, more?: EventBody[]) => Promise<EventBody[]>;

/** The tools that an agent may use, whether or not its model is shown them. */
function toolsOf(name: string, context: ToolCallAccess): string[] {
  if (name === person) return personTools;
  const state = context.state();
  if (isSearcher(name, state)) return [];
  const role = state.created.config.roles[state.agents.get(name)?.role ?? ''];
  return [...(role?.tools ?? []), finish.name];
}

/** The calls that a person makes in a conversation. */
const personTools = [runCommand.name, delegate.name];

/** A call that delegates comes here twice: to start the agent, and when that agent has ended. */
async function startOrAnswer(
  act: ActOf<'tool'>,
  parsed: unknown,
  context: ToolCallAccess,
  end: End,
): Promise<EventBody[]> {
  const result = delegated(act, context);
  if (result) return end({ verdict: 'allowed', rule: 'answered by the host', result });
  const started = delegateTo(act, parsed, context);
  if (typeof started === 'string') return end(failed(started));
  await context.record(started);
  parkIfWaiting(act.agent, context);
  return [];
}
