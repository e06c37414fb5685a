import { reminders } from '../../ipc/context.ts';
import type { EventOf, Reminder } from '../../ipc/events.ts';
import type { FaultCode } from '../../ipc/fault.ts';
import type { AssistantMessage } from '../../ipc/message.ts';
import { plannerAgent } from '../../ipc/run-kind.ts';
import type { AgentState } from '../../state/run-state.ts';
import { callAsText } from './call-as-text.ts';

/**
 * The step after an answer without a tool call. It is the agent's hand-in, as the last words of every coding agent
 * are, unless something is still open; then the agent is reminded, and after some reminders in a row it has failed.
 */
export type Next =
  | { kind: 'handed_in'; handoff: EventOf<'agent.finished'>['handoff'] }
  | { kind: 'reminded'; reminder: Reminder }
  /** A message came meanwhile: the agent answers that first. */
  | { kind: 'goes_on' };

/** The facts beside the answer. `atWork`: the agents that it started and that have not ended, in words; null: none. */
type Facts = { agent: string; tools: string[]; isTold: boolean; atWork: string | null } & Pick<AgentState, 'reminded'>;

type Answer = { message: AssistantMessage; stop: EventOf<'model.finished'>['stop'] };

/** Reminders in a row for each reason; with the next such answer the agent has failed. */
const remindersMax: Record<Reminder['why'], number> = { cut: 4, text_call: 1, empty: 2, no_plan: 2, agents_at_work: 4 };

/** Decides about an answer without a tool call. Pure. */
export function afterLastWords(answer: Answer, facts: Facts): Next {
  if (facts.isTold) return { kind: 'goes_on' };
  const open = openReason(answer, facts);
  if (open === null) return { kind: 'handed_in', handoff: { outcome: 'done', summary: answer.message.text } };
  const { why, text, failure } = open;
  if ((facts.reminded[why] ?? 0) < remindersMax[why]) return { kind: 'reminded', reminder: { why, text } };
  const code: FaultCode = 'model_failed';
  return { kind: 'handed_in', handoff: { outcome: 'cannot', summary: failure, code } };
}

/** Why the answer is no hand-in, with the reminder and the words for a failure; null: it is one. */
function openReason(
  { message, stop }: Answer,
  { agent, tools, atWork }: Facts,
): (Reminder & { failure: string }) | null {
  const often = (why: Reminder['why']) => remindersMax[why] + 1;
  if (stop === 'length')
    return {
      ...{ why: 'cut', text: reminders.cut },
      failure: `${often('cut')} of its answers in a row were cut at the output limit without a tool call. Raise output_max of its role, or choose another model.`,
    };
  const written = callAsText(message.text, tools);
  if (written)
    return {
      ...{ why: 'text_call', text: reminders.text_call },
      failure: `The model writes its tool calls as text (${written.dialect}: ${written.name}), also after it was told: nothing of that was run. Choose another model, or start its server with a parser for tool calls (vLLM: --enable-auto-tool-choice --tool-call-parser, llama.cpp: --jinja).`,
    };
  if (message.text.trim() === '')
    return {
      ...{ why: 'empty', text: reminders.empty },
      failure: `The model answered nothing, ${often('empty')} times in a row. Choose another model.`,
    };
  if (agent === plannerAgent)
    return {
      ...{ why: 'no_plan', text: reminders.no_plan },
      failure: `The planner proposed no plan, also after it was told ${remindersMax.no_plan} times. It said: ${firstWords(message.text)}`,
    };
  if (atWork === null) return null;
  return { why: 'agents_at_work', text: atWork, failure: `It ended ${often('agents_at_work')} times. ${atWork}` };
}

/** How much of a text a reason quotes, in characters. */
const quotedMax = 300;

function firstWords(text: string): string {
  const words = text.trim().replace(/\s+/g, ' ');
  return words.length <= quotedMax ? words : `${words.slice(0, quotedMax)} …`;
}
