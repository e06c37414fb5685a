import type { EventBody, EventOf } from '../../ipc/events.ts';
import { fenced } from '../../ipc/fence.ts';
import type { ToolResult } from '../../ipc/message.ts';
import { loneAgent, person, plannerAgent } from '../../ipc/run-kind.ts';
import type { OpenCall } from '../../state/run-state.ts';
import { parkIfWaiting } from '../agent-runs/delegation.ts';
import { hear } from '../agent-runs/messages.ts';
import { fenceOf } from '../agent-runs/spec.ts';
import type { ActOf } from '../schedule/due.ts';
import type { ToolCallAccess } from './access.ts';
import { isTainted } from './taint.ts';

/** How a call ended. `rule`: the rule that decided. */
export type Finished = Pick<EventOf<'tool.finished'>, 'verdict' | 'rule' | 'ran' | 'calledHere'> & {
  result: ToolResult;
};

/** The facts that end a call; a live agent gets the result too. Only a planner's data is kept. */
export async function answer(
  act: ActOf<'tool'>,
  open: OpenCall,
  finished: Finished,
  context: ToolCallAccess,
  more: EventBody[] = [],
): Promise<EventBody[]> {
  const { data, ...rest } = finished.result;
  // A plan names its dry runs by their call ids, which a model does not see otherwise.
  const named = rest.text.startsWith('{') ? { ...rest, text: `{"call":"${act.call}",${rest.text.slice(1)}` } : rest;
  const result = act.agent === plannerAgent && data !== undefined ? { ...named, data } : rest;
  const { verdict, rule, ran, calledHere } = finished;
  const head = { type: 'tool.finished' as const, agent: act.agent, call: act.call, name: open.name };
  const told = act.agent === person ? toldBy(open, result.text, context) : [];
  const [event, ...others] = await context.record([
    { ...head, ...(calledHere && { calledHere }), verdict, rule, result, ...(ran && { ran }) },
    ...told,
    ...more,
  ]);
  for (const one of others) hear(one, context);
  if (more.length > 0) context.sessions.get(act.agent)?.end([]);
  // The agent gets the same text as the log, without secrets.
  const heard: ToolResult = event?.type === 'tool.finished' ? event.result : { text: '', isError: true };
  const { text, isError, images } = heard;
  // An agent that was started meanwhile, from a log with this result in it, must not get it twice.
  const session = context.sessions.get(act.agent);
  if (session && (event?.seq ?? 0) > session.since)
    session.send({ type: 'result', callId: act.call, name: open.name, text, isError, ...(images && { images }) });
  parkIfWaiting(act.agent, context);
  return [];
}

/** A person's own result goes to the agent with their next message; if it holds untrusted text, it taints the agent. */
function toldBy(open: OpenCall, text: string, context: ToolCallAccess): EventBody[] {
  const { command, role, prompt } = open.arguments as { command?: string; role?: string; prompt?: string };
  const did = command === undefined ? `I asked another agent (${role}): ${prompt}` : `I ran this myself: ${command}`;
  const said = `${did}\n${fenced(text, fenceOf(context.run, loneAgent))}`;
  const told = { type: 'agent.told' as const, agent: loneAgent, text: said, by: person, quiet: true };
  const state = context.state();
  const taints = isTainted(state, person) && !isTainted(state, loneAgent);
  return taints ? [told, { type: 'agent.tainted', agent: loneAgent, by: did }] : [told];
}

/** A call that was not carried out, with the reason for the agent. */
export function denied(text: string, rule: string): Finished {
  return { verdict: 'denied', rule, result: { text, isError: true } };
}

/** A call that was allowed and failed, with the reason for the agent. */
export function failed(text: string): Finished {
  return { verdict: 'allowed', rule: '', result: { text, isError: true } };
}
