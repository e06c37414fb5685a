import type { FromAgent, Grant } from '../../ipc/agent-protocol.ts';
import type { ModelSettings } from '../../ipc/config.ts';
import type { EventBody } from '../../ipc/events.ts';
import { type FaultCode, toFault } from '../../ipc/fault.ts';
import type { Usage } from '../../ipc/message.ts';
import type { Effort, Endpoint, ModelFailure } from '../../ipc/model.ts';
import { searchesMax } from '../../providers/formats/web-search.ts';
import type { ModelChoice } from '../models/resolve.ts';
import { type Reservation, roomFor } from './budget.ts';
import { failureKinds } from './failure-kinds.ts';
import { type Calling, type Governor, pause, pendingOf, untilGranting } from './governor.ts';
import { highestPrices, priced } from './price.ts';
import { afterFailure, pauseMsMax } from './retry.ts';
import {
  blockOf,
  breakerWait,
  giveBack,
  rateKeyOf,
  tellAnswered,
  tellFailed,
  tellHead,
  tellLost,
  waitForRate,
} from './shared-limits.ts';

/**
 * A caller: the governor's data about one live agent. Only this file grants model calls, retries them, moves them to
 * the next model of the chain, and accounts for them.
 */
export type Caller = Calling & {
  governor: Governor;
  agent: string;
  /** The models of the agent's role, best first. */
  chain: ModelChoice[];
  role: { effort?: Effort | undefined; output_max: number };
  /** Its vendor searches the web for it, and bills each search. */
  webSearch?: boolean;
  line: AgentPort;
  /** The position in the chain of the model that is asked now. */
  position: number;
  gone: boolean;
  call: Call | null;
};

/** The connection to the agent. */
export type AgentPort = {
  /** The number of the agent's life, for facts about it. */
  life: number;
  grant(grant: Grant): void;
  /** Ends the agent with these facts. */
  end(facts: EventBody[]): void;
};

/** One call, from the agent's request to its end. */
type Call = {
  number: number;
  inputTokens: number;
  /** The kinds of the failures in a row with the model at `position`. */
  failures: ModelFailure['kind'][];
  /** How often the call was granted, to any model. */
  grants: number;
  tried: Set<string>;
  firstFailureAt: number | null;
  granted: {
    choice: ModelChoice;
    rateKey: string;
    id: string;
    headSeen: boolean;
    characters: number;
    said: string;
  } | null;
};

export function openCaller(
  governor: Governor,
  given: Pick<Caller, 'agent' | 'chain' | 'role' | 'webSearch' | 'line'>,
): Caller {
  const caller = { governor, ...given, position: 0, gone: false, call: null, reserved: null, lastGranted: null };
  governor.callers.set(given.agent, caller);
  return caller;
}

/** The agent asks for a model call. */
export async function ask(caller: Caller, asked: Extract<FromAgent, { type: 'ask' }>): Promise<void> {
  const { call: number, inputTokens } = asked;
  // The agent asked again under the same number: it has made its conversation shorter.
  if (caller.call?.number !== number)
    caller.call = {
      number,
      inputTokens,
      failures: [],
      grants: 0,
      tried: new Set(),
      firstFailureAt: null,
      granted: null,
    };
  caller.call.inputTokens = inputTokens;
  await grant(caller, caller.call);
}

/** The head of the answer has arrived. */
export function heardHead({ governor, call }: Caller, head: Extract<FromAgent, { type: 'head' }>): void {
  const granted = call?.granted;
  if (!granted || granted.headSeen || granted.rateKey === '') return;
  granted.headSeen = true;
  tellHead(governor, granted.rateKey, granted.id, head.limits);
}

/** A piece of the answer has arrived. The vendor may bill it even if the rest never comes. */
export function heardDelta({ call }: Caller, { text, kind }: Extract<FromAgent, { type: 'delta' }>): void {
  if (!call?.granted) return;
  call.granted.characters += text.length;
  if (kind === 'text' && call.granted.said.length < saidMax) call.granted.said += text;
}

/** How much is kept of an answer that is ended from outside, in characters. */
const saidMax = 200_000;

/** The model has answered. Returns the usage with its cost. */
export function answered(caller: Caller, usage: Usage): Usage {
  const granted = caller.call?.granted;
  caller.call = null;
  if (!granted) return usage;
  if (!granted.headSeen && granted.rateKey !== '') tellHead(caller.governor, granted.rateKey, granted.id, null);
  tellAnswered(caller.governor, granted.choice);
  return priced(usage, granted.choice.facts.prices, granted.choice.endpoint?.quirks.webSearchUsd);
}

/** The call has failed: the failure is recorded, then the call is retried, moved to another model, or given up. */
export async function callFailed(caller: Caller, { failure }: Extract<FromAgent, { type: 'failed' }>): Promise<void> {
  const { governor, agent, call } = caller;
  const granted = call?.granted;
  if (!call || !granted) return;
  call.granted = null;
  caller.lastGranted = null;
  tellFailed(governor, granted, failure);
  const usage = granted.characters > 0 ? begun(call, granted) : null;
  const { kind, reason } = failure;
  const retryable = failureKinds[kind].hope !== 'never';
  const fact = { type: 'model.failed' as const, agent, call: call.number, reason, retryable, kind };
  await governor.record([{ ...fact, ...(usage && { usage }) }]);
  governor.settled();
  await goOn(caller, call, failure);
}

/** The agent is gone. Returns the facts that settle its open call. */
export function leave(caller: Caller): EventBody[] {
  const { governor, agent, call } = caller;
  caller.gone = true;
  caller.reserved = null;
  caller.lastGranted = null;
  giveUpTurn(caller);
  const reserved = governor.state().agents.get(agent)?.reserved;
  return call?.granted && reserved ? [abandoned(agent, call.number, reserved)] : [];
}

/** A call without a reader for its answer gives its place to waiting calls. */
function giveUpTurn({ governor, call }: Caller): void {
  const granted = call?.granted;
  if (granted && !granted.headSeen && granted.rateKey !== '') tellLost(governor, granted.rateKey, granted.id);
}

/**
 * The agent is ended from outside. Returns facts that settle its open call by the part of the answer received so far.
 */
export function interrupted(caller: Caller, reason: string): EventBody[] {
  const { agent, call } = caller;
  const granted = call?.granted;
  if (!call || !granted) return [];
  giveUpTurn(caller);
  call.granted = null;
  caller.lastGranted = null;
  const fact = { type: 'model.failed' as const, agent, call: call.number, reason, retryable: true };
  const usage = granted.choice.endpoint === null ? {} : { usage: begun(call, granted) };
  return [{ ...fact, kind: 'ended', ...usage, said: granted.said }];
}

/** The host stops. The open call is settled by the part of the answer received so far: the vendor may bill it. */
export function settleAtStop(caller: Caller): void {
  const { governor, agent, call } = caller;
  const granted = call?.granted;
  if (!call || !granted || granted.choice.endpoint === null) return;
  giveUpTurn(caller);
  const fact = { type: 'model.failed' as const, agent, call: call.number, reason: 'the host was stopped' };
  governor.lastFacts.push({ ...fact, retryable: true, kind: 'ended', usage: begun(call, granted) });
}

/** The known usage of a call so far: its request, and the pieces of its answer. */
function begun(call: Call, { choice, characters }: NonNullable<Call['granted']>): Usage {
  return priced(
    { inputTokens: call.inputTokens, outputTokens: Math.ceil(characters / 3), usd: 0 },
    choice.facts.prices,
  );
}

/** A call whose end the host cannot learn counts as spent in full: the vendor may bill it. */
export function abandoned(agent: string, call: number, reserved: Reservation): EventBody {
  const usage = { inputTokens: reserved.tokens, outputTokens: 0, usd: reserved.usd ?? 0 };
  return { type: 'model.abandoned', agent, call, usage };
}

function isOver(caller: Caller): boolean {
  return caller.gone || caller.governor.signal.aborted;
}

async function grant(caller: Caller, call: Call): Promise<void> {
  const { governor, agent, line, role } = caller;
  const choice = await choose(caller, call);
  if (isOver(caller)) return;
  if (typeof choice === 'string') return giveUp(caller, { kind: 'overloaded', reason: choice, ...unsaid });
  call.tried.add(choice.ref);
  const room = await reserve(caller, call, choice);
  if (!room) return;
  const id = `${governor.run}:${agent}:${call.number}:${++call.grants}`;
  const opened = await open(caller, choice);
  if ('failure' in opened) {
    caller.reserved = null;
    governor.settled();
    return goOn(caller, call, opened.failure);
  }
  const { endpoint } = opened;
  const rateKey = endpoint ? rateKeyOf(endpoint) : '';
  const blockedMs = endpoint && othersLeft(caller, call) ? blockOf(governor, rateKey) : 0;
  if (blockedMs > pauseMsMax) {
    caller.reserved = null;
    governor.settled();
    const reason = `${choice.vendor} asked to be left alone; ${Math.ceil(blockedMs / 1000)} s of it are left`;
    return goOn(caller, call, { kind: 'rate_limited', reason, status: 429, retryAfterMs: blockedMs });
  }
  const delayed = (ms: number) => tellDelay(caller, call, ms, `the rate limit of ${choice.vendor}`);
  if (endpoint) await waitForRate(governor, { key: rateKey, id, tokens: room.reserved.tokens }, delayed);
  await untilGranting(governor);
  if (isOver(caller)) {
    if (endpoint) giveBack(governor, rateKey, id);
    caller.reserved = null;
    return;
  }
  caller.lastGranted = call.number;
  call.granted = { choice, rateKey, id, headSeen: false, characters: 0, said: '' };
  const fact = { type: 'model.granted' as const, agent, call: call.number, model: choice.ref };
  const { reserved, outputTokens: outputTokensMax } = room;
  await governor.record([endpoint ? { ...fact, reserved, outputTokensMax } : fact]);
  caller.reserved = null;
  const effort = choice.facts.reasoning ? role.effort : undefined;
  const deadlines = deadlinesOf(governor.settings);
  const { name, ref: model, facts } = choice;
  const { images } = facts;
  line.grant({ call: call.number, model, endpoint, name, outputTokensMax, images, effort, deadlines });
}

const unsaid = { status: null, retryAfterMs: null };

/**
 * The model to ask now: one whose circuit is closed. A string: the reason why no circuit closed within the patience.
 */
async function choose(caller: Caller, call: Call): Promise<ModelChoice | string> {
  const { governor, chain } = caller;
  for (;;) {
    const choice = chain[caller.position]!;
    const { waitMs, reason: last } = breakerWait(governor, choice);
    if (waitMs === 0 || isOver(caller)) return choice;
    const forS = Math.ceil(waitMs / 1000);
    const reason = `${choice.ref} failed several times in a row and is left alone for ${forS} s (${last})`;
    call.tried.add(choice.ref);
    if (caller.position + 1 === chain.length) {
      call.firstFailureAt ??= governor.now();
      if (governor.now() - call.firstFailureAt > governor.settings.patience_seconds * 1000) return last;
      await pause(Math.min(waitMs, breakerLookMs), governor.signal);
    }
    if (chain.length > 1) await switchTo(caller, (caller.position + 1) % chain.length, reason);
  }
}

/** Another host's probe may close the circuit earlier than planned. */
const breakerLookMs = 5_000;

async function switchTo(caller: Caller, position: number, reason: string): Promise<void> {
  const { governor, agent, chain } = caller;
  const from = chain[caller.position]!.ref;
  caller.position = position;
  if (caller.call) caller.call.failures = [];
  await governor.record([{ type: 'model.switched', agent, from, to: chain[position]!.ref, reason }]);
}

/** Reserves the most that the call may take. Null: nothing is left, and the agent or the run was told why. */
async function reserve(caller: Caller, call: Call, choice: ModelChoice) {
  const { governor, agent, role, line, webSearch } = caller;
  const { facts, endpoint } = choice;
  const inWindow = facts.contextTokens - call.inputTokens;
  const wanted = Math.max(1, Math.min(role.output_max, facts.outputTokensMax ?? role.output_max, inWindow));
  const otherUsd = webSearch ? searchesMax * (endpoint?.quirks.webSearchUsd ?? 0) : 0;
  const need = { inputTokens: endpoint ? call.inputTokens : 0, outputTokens: endpoint ? wanted : 0, otherUsd };
  while (!isOver(caller)) {
    const room = roomFor(governor.state(), agent, need, highestPrices(facts.prices), pendingOf(governor, agent));
    if (room.kind === 'fits') {
      caller.reserved = room.reserved;
      return endpoint ? room : { ...room, outputTokens: role.output_max };
    }
    if (room.kind === 'wait') await governor.untilSettled();
    else if (room.scope === 'run') governor.stopRun(room.reason);
    else {
      const { reason, limit } = room;
      line.end([{ type: 'agent.parked', agent, life: line.life, waitsFor: 'limit', reason, limit }]);
      return null;
    }
  }
  return null;
}

async function open(
  caller: Caller,
  choice: ModelChoice,
): Promise<{ endpoint: Endpoint | null } | { failure: ModelFailure }> {
  try {
    return { endpoint: await caller.governor.open(choice) };
  } catch (error) {
    const { message, advice } = toFault(error);
    return { failure: { kind: 'auth', reason: advice ? `${message} ${advice}` : message, ...unsaid } };
  }
}

function othersLeft({ chain }: Caller, { tried }: Call): boolean {
  return chain.some(({ ref }) => !tried.has(ref));
}

/** Shorter waits are not worth a line, in milliseconds. */
const delayTold = 3_000;

/** Records that a call has to wait: a person must never wonder whether a run hangs. */
function tellDelay({ governor, agent }: Caller, call: Call, waitMs: number, reason: string): void {
  const fact = { type: 'model.delayed' as const, agent, call: call.number, ms: Math.round(waitMs), reason };
  if (waitMs >= delayTold) void governor.record([fact]).catch(() => {}); // a stopping host needs no such fact
}

/** After a failure: asks the same model again or the next one, or ends the agent. */
async function goOn(caller: Caller, call: Call, failure: ModelFailure): Promise<void> {
  const { governor, chain } = caller;
  call.failures.push(failure.kind);
  call.firstFailureAt ??= governor.now();
  const { retries, patience_seconds } = governor.settings;
  const others = othersLeft(caller, call);
  const sinceMs = governor.now() - call.firstFailureAt;
  const tries = { failures: call.failures, othersLeft: others, alone: chain.length === 1, sinceMs };
  const verdict = afterFailure(failure, tries, { retries, patienceMs: patience_seconds * 1000 }, governor.random());
  if (isOver(caller) || verdict.next === 'shorten') return;
  if (verdict.next === 'over') return giveUp(caller, failure);
  if (verdict.next === 'again') {
    tellDelay(caller, call, verdict.afterMs, failure.reason);
    await pause(verdict.afterMs, governor.signal);
  }
  // Every model was tried; the first one may work again by now, so start from the top of the chain.
  const fromTop =
    verdict.next === 'again' && (verdict.fromTop || (!others && chain.length > 1 && call.failures.length > retries));
  if (isOver(caller)) return;
  if (verdict.next === 'other' || fromTop)
    await switchTo(caller, (caller.position + 1) % chain.length, `${chain[caller.position]!.ref}: ${failure.reason}`);
  if (!isOver(caller)) await grant(caller, call);
}

/** Ends the agent without a result: no model of its chain answers, and another attempt cannot succeed. */
function giveUp(caller: Caller, failure: ModelFailure): void {
  const { agent, line, chain, position } = caller;
  const choice = chain[position]!;
  const asked = caller.call?.tried.size ?? 0;
  const others = asked > 1 ? ` (the last of ${asked} models that were asked)` : '';
  const summary = `${choice.ref}: ${failure.reason}${adviceOn(failure, choice)}${others}`;
  const code = codes[failure.kind] ?? 'model_failed';
  line.end([{ type: 'agent.finished', agent, life: line.life, handoff: { outcome: 'cannot', summary, code } }]);
}

const codes: { [Kind in ModelFailure['kind']]?: FaultCode } = {
  auth: 'key_refused',
  not_found: 'model_unknown',
  no_api: 'config_invalid',
};

/** How a person can fix a failure that a retry does not fix; '' if the reason already says it. */
function adviceOn({ kind, status, retryAfterMs }: ModelFailure, { key }: ModelChoice): string {
  if (retryAfterMs !== null && retryAfterMs > pauseMsMax)
    return ` (it asks for a pause of ${Math.ceil(retryAfterMs / 60_000)} min, beyond models.patience_seconds)`;
  if (kind === 'not_found') return ' (vtcode models lists what can be named)';
  if (kind !== 'auth' || status === null) return '';
  const source = key.command ? 'what the key command prints' : key.variables.join(' or ');
  return source === '' ? '' : ` (a valid key is needed in ${source}; vtcode doctor asks the vendor)`;
}

function deadlinesOf(settings: ModelSettings): Grant['deadlines'] {
  return {
    connectMs: settings.connect_seconds * 1000,
    firstTokenMs: settings.first_token_seconds * 1000,
    idleMs: settings.idle_seconds * 1000,
    totalMs: settings.call_seconds * 1000,
  };
}
