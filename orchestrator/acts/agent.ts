import type { AgentSpec, FromAgent, ToAgent } from '../../ipc/agent-protocol.ts';
import type { Channel } from '../../ipc/channel.ts';
import { cutNudge, nudge } from '../../ipc/context.ts';
import type { EventBody } from '../../ipc/events.ts';
import { conversation } from '../../state/conversation.ts';
import { type Occupant, startInThread } from '../../supervisor/pool.ts';
import { programPath } from '../../supervisor/program.ts';
import type { ActOf, HostContext, Perform } from '../context.ts';
import { packageFile } from '../package.ts';
import { toolSpecs } from '../toolbox.ts';
import { handsFor, plannerTree, readyTree } from '../trees.ts';

/** Failures of a model call in a row that are retried before the agent counts as crashed. */
const modelRetries = 3;

/**
 * Runs one agent for one task until it hands in, crashes or the host stops. Whatever it was told before is rebuilt from
 * the log, so a first start, a restart and a task sent back are the same.
 */
export const agent: Perform<'agent'> = async (act, context) => {
  // Both in one go, before anything is awaited: a result that comes from now on reaches the agent, and none comes twice.
  const spec = agentSpec(act, context);
  const line = openSession(act.agent, context);
  const crash = (reason: string) => line.end([{ type: 'agent.crashed', agent: act.agent, life: spec.life, reason }]);
  const stop = () => line.end([]);
  context.signal.addEventListener('abort', stop, { once: true });
  const place = handsPlace(act.agent, context);
  let launched: Occupant<ToAgent, FromAgent> | undefined;
  try {
    await context.record([
      { type: 'agent.started', agent: act.agent, role: act.role, life: spec.life, model: 'embedded' },
    ]);
    if (act.task === null) await readyTree(context, place.tree, context.state().phase.context.base ?? '');
    handsFor(context, place.tree, place.mode).catch(() => {}); // the first tool call meets the same failure and says so
    launched = await launch(act, spec, context);
    launched.ended.then(
      () => crash('it ended without handing in'),
      (error: unknown) => crash(wordsOf(error)),
    );
    listen(act, context, launched.channel, crash);
    line.connect(launched.channel);
    return await line.ended;
  } finally {
    context.signal.removeEventListener('abort', stop);
    context.sessions.delete(act.agent);
    launched?.channel.send({ type: 'stop' });
    launched?.channel.close();
    launched?.kill();
    await context.hands.stop(`${place.tree}:${place.mode}`);
  }
};

/** The agent's line as others see it, there before the agent is: what is sent early is kept until it is connected. */
function openSession(agentName: string, context: HostContext) {
  const early: ToAgent[] = [];
  const { promise, resolve } = Promise.withResolvers<EventBody[]>();
  let send = (message: ToAgent) => {
    early.push(message);
  };
  context.sessions.set(agentName, { send: (message) => send(message), end: resolve });
  return {
    ended: promise,
    end: resolve,
    connect(channel: Channel<ToAgent, FromAgent>) {
      for (const message of early.splice(0)) channel.send(message);
      send = (message) => void channel.send(message);
    },
  };
}

/** Which tree an agent works in, and how: the planner only reads. */
export function handsPlace(agentName: string, context: HostContext): { tree: string; mode: 'read' | 'write' } {
  const task = context.state().tasks.get(agentName);
  return task ? { tree: task.context.tree ?? '', mode: 'write' } : { tree: plannerTree, mode: 'read' };
}

function agentSpec(act: ActOf<'agent'>, context: HostContext): AgentSpec {
  const state = context.state();
  const { config, goal } = state.created;
  const role = config.roles[act.role] ?? config.roles.coder!;
  const task = act.task === null ? undefined : state.tasks.get(act.task)?.context.task;
  const known = state.agents.get(act.agent);
  return {
    agent: act.agent,
    life: (known?.life ?? 0) + 1,
    system: systemPrompt(role.prompt, task ? { scope: task.scope } : null),
    tools: toolSpecs(role.tools),
    messages: conversation(
      context.log.readAbout(act.agent),
      act.agent,
      task?.prompt ?? plannerOpening(goal, config.plan),
    ),
    nextCall: (known?.heard ?? 0) + 1,
    waitingFor: [...(known?.open.keys() ?? [])],
    formats: [],
    contextTokens: Number.MAX_SAFE_INTEGER,
    compactAt: config.models.compact_at,
    cacheKey: `${context.run}:${act.agent}`,
  };
}

/** The goal, and the settings that a plan keeps to, in words that any model reads. */
function plannerOpening(goal: string, settings: Record<string, number>): string {
  const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return `${goal}\n\n${words.join(' ')}`;
}

function systemPrompt(prompt: string, task: { scope: string[] } | null): string {
  const words = packageFile(`agents/${prompt}.md`).trim();
  return task ? `${words}\n\nYour scope: ${task.scope.join(' ')}` : words;
}

/** The planner is alone: it runs in the host's own thread. A plan's agents run in the pool. */
async function launch(
  act: ActOf<'agent'>,
  spec: AgentSpec,
  context: HostContext,
): Promise<Occupant<ToAgent, FromAgent>> {
  if (act.task === null) return startInThread<ToAgent, FromAgent>(programPath('agents'), spec);
  return (await context.pool()).start<ToAgent, FromAgent>(spec);
}

function listen(
  act: ActOf<'agent'>,
  context: HostContext,
  channel: Channel<ToAgent, FromAgent>,
  crash: (reason: string) => void,
): void {
  let failures = 0;
  const model = (context.state().created.config.roles[act.role]?.models ?? ['embedded'])[0] ?? 'embedded';
  const grant = async (call: number) => {
    const over = overLimit(act.agent, context);
    if (over) return handInFor(act.agent, over, context);
    await context.record([{ type: 'model.granted', agent: act.agent, call, model }]);
    channel.send({ type: 'grant', call, model, endpoint: null, name: model, outputTokensMax: 16_000, deadlines });
  };
  const hear = async (message: FromAgent): Promise<void> => {
    if (message.type === 'ask') return grant(message.call);
    if (message.type === 'delta') return context.onDelta(act.agent, message.text);
    if (message.type !== 'heard' && message.type !== 'failed') return;
    if (message.type === 'heard') {
      failures = 0;
      await context.record(heardFacts(act.agent, message));
      if (message.message.calls.length === 0)
        channel.send({ type: 'say', text: message.stop === 'length' ? cutNudge : nudge });
      return;
    }
    const { call, failure } = message;
    const { kind, reason } = failure;
    const retryable = kind !== 'request';
    await context.record([{ type: 'model.failed', agent: act.agent, call, reason, retryable, kind }]);
    failures += 1;
    if (!retryable || failures > modelRetries) return crash(reason);
    await grant(call);
  };
  channel.onMessage((message) => void hear(message).catch((error: unknown) => crash(wordsOf(error))));
}

const deadlines = { connectMs: 1, firstTokenMs: 1, idleMs: 1, totalMs: 1 }; // the embedded model has none

function heardFacts(agentName: string, heard: Extract<FromAgent, { type: 'heard' }>): EventBody[] {
  const { call, message, usage, stop } = heard;
  const requests = message.calls.map((wanted) => ({
    type: 'tool.requested' as const,
    agent: agentName,
    call: wanted.id,
    name: wanted.name,
    arguments: wanted.arguments,
  }));
  return [{ type: 'model.finished', agent: agentName, call, message, usage, stop }, ...requests];
}

/** Why an agent gets no further model call, or null. */
function overLimit(agentName: string, context: HostContext): string | null {
  const state = context.state();
  const { turns } = state.created.config.limits;
  const agentState = state.agents.get(agentName);
  if ((agentState?.turns ?? 0) >= turns) return `it used up its ${turns} model calls (limits.turns)`;
  return null;
}

/** Ends an agent that may not go on, as if it had said so itself. */
async function handInFor(agentName: string, reason: string, context: HostContext): Promise<void> {
  const life = context.state().agents.get(agentName)?.life ?? 1;
  const handoff = { outcome: 'cannot' as const, summary: reason, code: 'limit_reached' };
  context.sessions.get(agentName)?.end([{ type: 'agent.finished', agent: agentName, life, handoff }]);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
