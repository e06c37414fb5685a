import type { EventBody } from '../../ipc/events.ts';
import { person } from '../../ipc/run-kind.ts';
import type { OpenCall } from '../../state/run-state.ts';
import { agents } from '../../tools/contracts/agents.ts';
import { delegate } from '../../tools/contracts/delegate.ts';
import { finish } from '../../tools/contracts/finish.ts';
import { proposePlan } from '../../tools/contracts/propose-plan.ts';
import { runCommand } from '../../tools/contracts/run-command.ts';
import { toolbox } from '../../tools/contracts/toolbox.ts';
import { delegated, delegateTo, lead, parkIfWaiting } from '../agent-runs/delegation.ts';
import type { ActOf, Step } from '../schedule/due.ts';
import type { ToolCallAccess } from './access.ts';
import { answer, denied, failed } from './answer.ts';
import { brokenArguments } from './broken-arguments.ts';
import { carryOut } from './carry-out.ts';
import { handIn, repairsUsedUp } from './hand-in.ts';
import { stopRepeated } from './repeated-call.ts';
import { taintWords } from './taint.ts';

/** Carries out one tool call: judges it, records it before it has an effect, and answers it exactly once. */
export const tool: Step<'tool', ToolCallAccess> = async (act, context) => {
  const open = context.state().agents.get(act.agent)?.open.get(act.call);
  if (!open) return [];
  const stopped = await stopRepeated(act, open, context);
  if (stopped === 'waits') {
    parkIfWaiting(act.agent, context);
    return [];
  }
  if (stopped) return answer(act, open, stopped.finished, context, stopped.end);
  const definition = toolbox.get(open.name);
  const role = context.state().created.config.roles[context.state().agents.get(act.agent)?.role ?? ''];
  const tools = act.agent === person ? personTools : [finish.name, ...(role?.tools ?? [])];
  if (!definition || !tools.includes(open.name))
    return answer(
      act,
      open,
      denied(`There is no tool ${open.name} for you.`, 'not among the tools of the role'),
      context,
    );
  const broken = brokenArguments(open.arguments);
  if (broken !== null) return refuse(act, open, broken, context);
  const parsed = definition.arguments.safeParse(open.arguments);
  if (!parsed.success) {
    const what = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`);
    return refuse(act, open, `The arguments do not fit: ${what.join('; ')}`, context);
  }
  if (open.name === delegate.name) return startOrAnswer(act, open, parsed.data, context);
  if (open.name === agents.name) {
    const result = await lead(act, parsed.data, context);
    return answer(act, open, { verdict: 'allowed', rule: 'answered by the host', result }, context);
  }
  if (open.name === finish.name || open.name === proposePlan.name) {
    const answered = handIn(act, open, parsed.data, context);
    return typeof answered === 'string' ? refuse(act, open, answered, context) : answered;
  }
  const before = taintWords(context.state(), act.agent);
  const finished = await carryOut(act, open, definition, parsed.data, context);
  if (!finished) parkIfWaiting(act.agent, context);
  if (context.signal.aborted || !finished) return [];
  const taint = before === '' ? taintWords(context.state(), act.agent) : '';
  const { result } = finished;
  const told = taint === '' ? result : { ...result, text: `${result.text}\n(${taint})` };
  return answer(act, open, { ...finished, result: told }, context);
};

/** The calls that a person makes in a conversation. */
const personTools = [runCommand.name, delegate.name];

/** Answers an invalid call. A planner that keeps handing in invalid plans is ended. */
function refuse(act: ActOf<'tool'>, open: OpenCall, words: string, context: ToolCallAccess): Promise<EventBody[]> {
  return answer(act, open, failed(words), context, repairsUsedUp(act, open, words, context));
}

/** A call that delegates comes here twice: to start the agent, and when that agent has ended. */
async function startOrAnswer(
  act: ActOf<'tool'>,
  open: OpenCall,
  parsed: unknown,
  context: ToolCallAccess,
): Promise<EventBody[]> {
  const result = delegated(act, context);
  if (result) return answer(act, open, { verdict: 'allowed', rule: 'answered by the host', result }, context);
  const started = delegateTo(act, parsed, context);
  if (typeof started === 'string') return answer(act, open, failed(started), context);
  await context.record(started);
  parkIfWaiting(act.agent, context);
  return [];
}
