import type { FromAgent, ToAgent } from '../../ipc/agent-protocol.ts';
import type { Channel } from '../../ipc/channel.ts';
import type { EventBody } from '../../ipc/events.ts';
import type { FaultCode } from '../../ipc/fault.ts';
import { isConversation, loneAgent } from '../../ipc/run-kind.ts';
import type { Admission } from '../../supervisor/admission.ts';
import { ProcessEnded } from '../../supervisor/agent-process.ts';
import type { Occupant } from '../../supervisor/pool.ts';
import {
  answered,
  ask,
  type Caller,
  callFailed,
  heardDelta,
  heardHead,
  interrupted,
  leave,
  openCaller,
  settleAtStop,
} from '../governor/agent-calls.ts';
import type { Governor } from '../governor/governor.ts';
import type { ActOf, Step } from '../schedule/due.ts';
import { type HandsPlace, handsFor, handsPlace } from '../worktrees/agent-hands.ts';
import { readyTree } from '../worktrees/ready-tree.ts';
import type { TreeAccess } from '../worktrees/run-trees.ts';
import { endTeam, parkIfWaiting, unended } from './delegation.ts';
import { afterLastWords, type Next } from './last-words.ts';
import type { LaunchAccess } from './launch.ts';
import { launch, pauseAfterCrash } from './launch.ts';
import { tell } from './messages.ts';
import { openingOf } from './opening.ts';
import { repeatsToTell } from './repeats.ts';
import { isSearcher } from './searcher.ts';
import type { AgentsAccess, Session } from './sessions.ts';
import type { SpecAccess } from './spec.ts';
import { agentSpec, chainOf, roleOf } from './spec.ts';
import { type Watch, watchAgent } from './watchdog.ts';

/** The parts that running an agent needs. */
export type AgentRunAccess = AgentsAccess &
  TreeAccess &
  SpecAccess &
  LaunchAccess & {
    governor: Governor;
    /** The person's environment. */
    person: Record<string, string>;
    /** Lets background agents start, one after the other, as far as memory allows. */
    admission: Admission;
    /** The same for the only agent of a detached run, among the detached runs of this machine. */
    hostAdmission: Admission;
    onDelta(agent: string, text: string, kind: 'text' | 'output'): void;
  };

/**
 * Runs one agent when its turn comes: an agent that crashed pauses, longer each time, and a background agent waits for
 * memory. Until then it has no process, no hands and no place with the governor, and it can already be ended.
 */
export const agent: Step<'agent', AgentRunAccess> = async (act, context) => {
  const line = openSession(act.agent, context);
  const gone = AbortSignal.any([context.signal, line.over]);
  const crashes = context.state().agents.get(act.agent)?.phase.context.crashes ?? 0;
  let leave: (() => void) | null = null;
  try {
    if (crashes > 0) await pauseAfterCrash(crashes, gone);
    const admission = admissionOf(act, context);
    if (admission)
      leave = await admission.enter(gone, (reason) =>
        context.note([{ type: 'agent.queued', agent: act.agent, role: act.role, reason }]),
      );
    if (line.over.aborted) return await line.ended;
    return context.signal.aborted ? [] : await work(act, context, line);
  } finally {
    context.sessions.delete(act.agent);
    leave?.();
  }
};

/**
 * The queue in which an agent waits for memory; null: a person waits in front of it, or its host has already waited.
 */
function admissionOf(act: ActOf<'agent'>, context: AgentRunAccess): Admission | null {
  if (act.background) return context.admission;
  const isAlone = act.agent === loneAgent && context.state().created.options.detached === true;
  return isAlone ? context.hostAdmission : null;
}

/**
 * Works until the agent hands in, is parked or crashes, or the host stops. The agent's conversation is rebuilt from the
 * log, so a first start, a restart, a return from parking and a task sent back are the same.
 */
async function work(act: ActOf<'agent'>, context: AgentRunAccess, line: OpenSession): Promise<EventBody[]> {
  const opening = isSearcher(act.agent, context.state()) ? null : await openingOf(act, context);
  if (line.over.aborted) return line.ended;
  if (context.signal.aborted) return [];
  // Both in one step: the agent gets every result that comes from now on, and gets none twice.
  const spec = agentSpec(act, context, opening?.text ?? '');
  line.listenFrom(context.state().seq);
  const caller = openCaller(context.governor, {
    agent: act.agent,
    chain: chainOf(act, context),
    role: roleOf(act.agent, act.role, context.state()),
    webSearch: isSearcher(act.agent, context.state()),
    line: {
      life: spec.life,
      grant(grant) {
        watch.granted(grant.deadlines);
        line.send({ type: 'grant', ...grant });
      },
      end: line.end,
    },
  });
  line.onInterrupt((reason) => interrupted(caller, reason));
  const crash: Crash = (reason, cause) =>
    line.end([...leave(caller), { type: 'agent.crashed', agent: act.agent, life: spec.life, reason, cause }]);
  const { agent_minutes, restarts } = context.state().created.config.limits;
  const watch = watchAgent(act.background ? agent_minutes * 60_000 : null, (cause, reason) => crash(reason, cause));
  const stop = () => {
    settleAtStop(caller);
    line.end([]);
  };
  context.signal.addEventListener('abort', stop, { once: true });
  const isRoot = !act.agent.includes('/');
  const place = handsPlace(act.agent, context.state());
  let launched: Occupant<ToAgent, FromAgent> | undefined;
  let isBack = false;
  try {
    const model = caller.chain[0]?.ref ?? '';
    const started = { type: 'agent.started' as const, agent: act.agent, role: act.role, life: spec.life, model };
    await context.record([{ ...started, ...(opening?.isNew && { opening: opening.text }) }]);
    if (place.tree !== null && act.task === null && isRoot)
      await readyTree(context, place.tree, context.state().phase.context.base ?? '');
    if (place.tree !== null) handsFor(context, act.agent).catch(() => {}); // the first tool call reports it
    launched = await launch(act, spec, context);
    launched.ended.then(
      () => crash('it ended without handing in', 'crash'),
      (error: unknown) => crash(wordsOf(error), error instanceof ProcessEnded ? (error.cause_ ?? 'crash') : 'crash'),
    );
    listen({ act, context, channel: launched.channel, caller, watch, crash });
    line.connect(launched.channel);
    const facts = await line.ended;
    const crashes = context.state().agents.get(act.agent)?.phase.context.crashes ?? 0;
    isBack = facts.some(({ type }) => type === 'agent.crashed') && crashes < restarts;
    const ended =
      facts.some(({ type }) => type === 'agent.finished') ||
      context.state().agents.get(act.agent)?.phase.value === 'ended';
    if (ended && !waitsForWords(act.agent, context)) context.background.endOf(act.agent);
    if (ended && !context.signal.aborted) await endTeam(act.agent, context);
    return facts;
  } finally {
    context.signal.removeEventListener('abort', stop);
    watch.end();
    caller.gone = true;
    launched?.channel.send({ type: 'stop' });
    launched?.channel.close();
    launched?.kill();
    // The calls of a crashed agent go on meanwhile; its next life gets their results.
    const isFree = context.state().agents.get(act.agent)?.delegates.size === 0 && !context.background.any(act.agent);
    if (isRoot && !isBack && isFree) await stopHands(place, context);
  }
}

/** Ends an agent's hands, and those for its commands that only look. */
async function stopHands({ name, tree }: HandsPlace, context: AgentRunAccess): Promise<void> {
  await Promise.all([name, `${tree ?? 'folder'}:read`].map((one) => context.hands.stop(one)));
}

/** The agent of a conversation: its dev server goes on until the conversation ends. */
function waitsForWords(agent: string, context: AgentRunAccess): boolean {
  return agent === loneAgent && isConversation(context.state().created.options);
}

type OpenSession = ReturnType<typeof openSession>;

/**
 * The connection to the agent, made before the agent starts. Before `listenFrom` nothing is sent, because the agent
 * will be built from the log; messages after it are kept until the agent is connected. `over`: `end` was called.
 */
function openSession(agentName: string, context: AgentRunAccess) {
  const early: ToAgent[] = [];
  const { promise, resolve } = Promise.withResolvers<EventBody[]>();
  const over = new AbortController();
  const end = (facts: EventBody[]) => {
    over.abort();
    resolve(facts);
  };
  let deliver = (message: ToAgent) => {
    early.push(message);
  };
  const send = (message: ToAgent) => deliver(message);
  const session: Session = { since: Number.POSITIVE_INFINITY, send, end, interrupt: () => [] };
  context.sessions.set(agentName, session);
  return {
    ended: promise,
    over: over.signal,
    end,
    send,
    listenFrom(seq: number) {
      session.since = seq;
    },
    onInterrupt(facts: Session['interrupt']) {
      session.interrupt = facts;
    },
    connect(channel: Channel<ToAgent, FromAgent>) {
      for (const message of early.splice(0)) channel.send(message);
      deliver = (message) => void channel.send(message);
    },
  };
}

type CrashCause = Extract<EventBody, { type: 'agent.crashed' }>['cause'];
type Crash = (reason: string, cause: CrashCause) => void;

type Listening = {
  act: ActOf<'agent'>;
  context: AgentRunAccess;
  channel: Channel<ToAgent, FromAgent>;
  caller: Caller;
  watch: Watch;
  crash: Crash;
};

function listen({ act, context, channel, caller, watch, crash }: Listening): void {
  let handsWanted = handsPlace(act.agent, context.state()).tree === null;
  const wakeHands = () => {
    if (!caller.gone) handsFor(context, act.agent).catch(() => {});
  };
  const hear = async (message: FromAgent): Promise<void> => {
    switch (message.type) {
      case 'ask': {
        const over = overTurns(act.agent, context);
        if (over !== null) return handInFor(caller, over, 'limit_reached');
        const known = context.state().agents.get(act.agent);
        const repeats = known ? repeatsToTell(known) : null;
        // The agent reads it with this very call: the request is made when the call is granted.
        if (repeats !== null) await tell(context, act.agent, repeats, 'vtcode', { repeats: true });
        await ask(caller, message);
        // The hands of a lone agent start while its first request is on the way, but not earlier: the agent runs in
        // this thread and must first have had its turn to send the request.
        if (handsWanted && act.agent === loneAgent) setImmediate(() => setImmediate(wakeHands));
        handsWanted = false;
        return;
      }
      case 'head':
        return heardHead(caller, message);
      case 'delta':
        heardDelta(caller, message);
        if (message.kind === 'text') context.onDelta(act.agent, message.text, 'text');
        return;
      case 'heard':
        return heard(caller, message, context, channel);
      case 'failed':
        return callFailed(caller, message);
      case 'cleared':
        await context.record([{ type: 'context.cleared', agent: act.agent, messages: message.messages }]);
        return;
      case 'compacted': {
        const { call, messages, text } = message;
        const usage = answered(caller, message.usage);
        await context.record([{ type: 'context.compacted', agent: act.agent, call, messages, text, usage }]);
        caller.governor.settled();
      }
    }
  };
  channel.onMessage((message) => {
    watch.heard(message);
    void hear(message).catch((error: unknown) => crash(wordsOf(error), 'crash'));
  });
}

async function heard(
  caller: Caller,
  { call, message, usage, stop }: Extract<FromAgent, { type: 'heard' }>,
  context: AgentRunAccess,
  channel: Channel<ToAgent, FromAgent>,
): Promise<void> {
  const { agent: name } = caller;
  context.redaction.said(message.calls.map((wanted) => wanted.arguments));
  const requests = message.calls.map((wanted) => ({
    type: 'tool.requested' as const,
    agent: name,
    call: wanted.id,
    name: wanted.name,
    arguments: wanted.arguments,
  }));
  const next = requests.length > 0 ? null : lastWordsOf(caller, { message, stop }, context);
  const finished = {
    type: 'model.finished' as const,
    agent: name,
    call,
    message,
    usage: answered(caller, usage),
    stop,
    ...(next?.kind === 'reminded' && { reminder: next.reminder }),
  };
  const { life } = caller.line;
  const ended =
    next?.kind === 'handed_in' ? [{ type: 'agent.finished' as const, agent: name, life, handoff: next.handoff }] : [];
  await context.record([finished, ...requests, ...ended]);
  parkIfWaiting(name, context);
  caller.governor.settled();
  if (ended.length > 0) return caller.line.end([]);
  if (next?.kind === 'reminded') channel.send({ type: 'say', text: next.reminder.text });
}

function lastWordsOf(caller: Caller, answer: Parameters<typeof afterLastWords>[0], context: AgentRunAccess): Next {
  const { agent } = caller;
  const state = context.state();
  const known = state.agents.get(agent);
  return afterLastWords(answer, {
    agent,
    tools: roleOf(agent, known?.role ?? '', state).tools,
    isTold: wasTold(caller),
    atWork: unended(agent, context),
    reminded: known?.reminded ?? {},
  });
}

/** Whether a message came while the agent was answering. */
function wasTold({ governor, agent }: Caller): boolean {
  return governor.state().agents.get(agent)?.told ?? false;
}

/** The reason why an agent gets no further model call in this attempt, or null. */
function overTurns(agentName: string, context: AgentRunAccess): string | null {
  const state = context.state();
  const { turns } = state.created.config.limits;
  if ((state.agents.get(agentName)?.turns ?? 0) < turns) return null;
  return `it used up its ${turns} model calls (limits.turns)`;
}

/** Ends an agent that may not go on, as if it had ended itself. */
function handInFor({ agent: name, line }: Caller, reason: string, code: FaultCode): void {
  const handoff = { outcome: 'cannot' as const, summary: reason, code };
  line.end([{ type: 'agent.finished', agent: name, life: line.life, handoff }]);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
