import { initialTransition, transition } from 'xstate';
import type { Event, EventOf } from '../ipc/events.ts';
import type { Usage } from '../ipc/message.ts';
import { plannerAgent } from '../ipc/run-kind.ts';
import { agentMachine } from './agent-machine.ts';
import { doneCall, doneCallsKept, repetition } from './repetition.ts';
import type { AgentState, RunState } from './run-state.ts';

function newAgent(role: string): AgentState {
  const counts = { calls: 0, heard: 0, turns: 0, reminded: {}, done: [], warned: false, opening: null };
  const none = { told: false, compacts: false, tainted: '', unseen: false, delegated: null, reserved: null };
  const [phase] = initialTransition(agentMachine);
  const usage = { calls: 0, tokens: 0, usd: 0 };
  return {
    role,
    at: '',
    model: '',
    phase,
    ...counts,
    ...none,
    usage,
    open: new Map(),
    todo: [],
    otherNames: new Map(),
    delegates: new Map(),
    commands: new Map(),
  };
}

/** The events that the machine handles: a transition costs more than the rest of a fold. */
const phaseEvents: ReadonlySet<string> = new Set(agentMachine.events);

/** A new host took over: agents that were at work or queued are down. */
export function foldHostStart(state: RunState, event: EventOf<'host.started'>): void {
  for (const agent of state.agents.values()) {
    agent.phase = transition(agentMachine, agent.phase, event)[0];
    for (const one of agent.commands.values()) one.ended ??= 'ended with the host that ran it';
  }
}

/** Folds an event about agents, their model calls and their tools. Changes the given state, as `fold` does. */
export function foldAgent(state: RunState, event: Event): void {
  if (!('agent' in event)) return;
  if (event.type === 'network.used') {
    // A check uses the network too, but is no agent. Text from the network is untrusted.
    const user = state.agents.get(event.agent);
    if (user && event.verdict === 'allowed') user.tainted ||= event.host;
    return;
  }
  const agent = state.agents.get(event.agent) ?? newAgent('role' in event ? event.role : '');
  state.agents.set(event.agent, agent);
  agent.at = event.at;
  if (phaseEvents.has(event.type)) agent.phase = transition(agentMachine, agent.phase, event)[0];
  switch (event.type) {
    case 'agent.delegated':
      agent.delegated = event;
      state.agents.get(event.parent)?.delegates.set(event.call, event.agent);
      break;
    case 'agent.started':
      Object.assign(agent, { role: event.role, model: event.model });
      agent.opening ??= event.opening ?? null;
      break;
    case 'agent.told':
      if (!event.quiet) agent.told = true;
      if (event.repeats) agent.warned = true;
      break;
    case 'todo.set':
      agent.todo = event.items;
      break;
    case 'agent.tainted':
      agent.tainted ||= event.by;
      break;
    case 'agent.finished':
      Object.assign(agent, { turns: 0, reminded: {}, done: [], warned: false });
      // No process waits for an answer any more.
      for (const { approval } of agent.open.values()) if (approval !== null) state.waiting.delete(approval);
      agent.open.clear();
      break;
    case 'tool.requested':
      agent.open.set(event.call, { name: event.name, arguments: event.arguments, started: null, approval: null });
      break;
    case 'approval.requested': {
      state.approvals.set(event.approval, { asked: event, answer: null });
      state.waiting.add(event.approval);
      const call = agent.open.get(event.call);
      if (call) call.approval = event.approval;
      break;
    }
    case 'approval.answered': {
      const approval = state.approvals.get(event.approval);
      if (approval) approval.answer ??= event;
      state.waiting.delete(event.approval);
      break;
    }
    case 'tool.started': {
      const call = agent.open.get(event.call);
      if (call) call.started = event;
      break;
    }
    case 'tool.finished':
      foldToolResult(state, agent, event);
      break;
    case 'command.started':
    case 'command.ended':
      foldCommand(agent, event);
      break;
    default:
      foldModelCall(state, agent, event);
  }
}

function foldCommand({ commands }: AgentState, event: EventOf<'command.started' | 'command.ended'>): void {
  if (event.type === 'command.started') commands.set(event.id, { command: event.command, ended: null });
  const one = commands.get(event.id);
  if (one && event.type === 'command.ended') one.ended = event.how;
}

/** Accounts for model calls: reserves when a call is granted, settles when it ends in any way. */
function foldModelCall(state: RunState, agent: AgentState, event: Event): void {
  switch (event.type) {
    case 'model.granted':
      agent.calls = event.call;
      agent.model = event.model;
      agent.told = false;
      agent.usage.calls += 1;
      state.usage.calls += 1;
      agent.reserved = event.reserved ?? null;
      break;
    case 'model.finished':
      agent.turns += 1;
      agent.unseen = false;
      agent.reminded = remindedAfter(agent.reminded, event);
      agent.heard = event.call;
      settle(state, agent, event.usage);
      if (event.message.role === 'assistant' && event.message.from !== undefined)
        state.models.set(event.message.from, (state.models.get(event.message.from) ?? 0) + 1);
      break;
    case 'context.compacted':
      agent.compacts = false;
      agent.heard = event.call;
      settle(state, agent, event.usage);
      break;
    case 'model.failed':
    case 'model.abandoned':
      settle(state, agent, event.usage);
      break;
    case 'context.wanted':
      agent.compacts = true;
      break;
    case 'model.switched':
      state.switches.push(event);
      break;
  }
}

function remindedAfter(before: AgentState['reminded'], event: EventOf<'model.finished'>): AgentState['reminded'] {
  if (event.message.role === 'assistant' && event.message.calls.length > 0) return {};
  if (!event.reminder) return before;
  const { why } = event.reminder;
  return { ...before, [why]: (before[why] ?? 0) + 1 };
}

function settle(state: RunState, agent: AgentState, usage: Usage | undefined): void {
  agent.reserved = null;
  if (!usage) return;
  agent.usage.tokens += usage.inputTokens + usage.outputTokens;
  agent.usage.usd += usage.usd;
  state.usage.inputTokens += usage.inputTokens;
  state.usage.outputTokens += usage.outputTokens;
  state.usage.usd += usage.usd;
  const { cachedTokens = 0, reasoningTokens = 0, cacheWriteTokens = 0 } = usage;
  if (cachedTokens > 0) state.usage.cachedTokens = (state.usage.cachedTokens ?? 0) + cachedTokens;
  if (cacheWriteTokens > 0) state.usage.cacheWriteTokens = (state.usage.cacheWriteTokens ?? 0) + cacheWriteTokens;
  if (reasoningTokens > 0) state.usage.reasoningTokens = (state.usage.reasoningTokens ?? 0) + reasoningTokens;
}

function foldToolResult(state: RunState, agent: AgentState, event: EventOf<'tool.finished'>): void {
  const call = agent.open.get(event.call);
  agent.open.delete(event.call);
  if (call) {
    agent.done.push(doneCall(call.name, call.arguments, event.result, call.started !== null));
    if (agent.done.length > doneCallsKept) agent.done.shift();
    // A call that breaks the circle begins anew: a later one is told again.
    if (agent.warned && repetition(agent.done).times === 1) agent.warned = false;
  }
  const name = event.calledHere ?? event.name;
  if (event.calledHere !== undefined && !agent.otherNames.has(event.name))
    agent.otherNames.set(event.name, agent.heard);
  if (name === 'delegate' || (event.result.isError && !['finish', 'propose_plan'].includes(name))) agent.unseen = true;
  if (event.agent !== plannerAgent) return;
  if (event.result.data !== undefined) state.dryRuns.set(event.call, event.result.data);
  if (event.name === 'propose_plan' && !event.result.isError) state.draft = call?.arguments ?? null;
}
