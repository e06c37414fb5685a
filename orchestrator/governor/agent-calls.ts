import type { FromAgent, Grant } from '../../ipc/agent-protocol.ts';
import type { ModelSettings } from '../../ipc/config.ts';
import type { EventBody } from '../../ipc/events.ts';
import { type FaultCode, toFault } from '../../ipc/fault.ts';
import type { Usage } from '../../ipc/message.ts';
import type { Effort, Endpoint, ModelFailure } from '../../ipc/model.ts';
import type { ModelChoice } from '../models/resolve.ts';
import { type Reservation, roomFor } from './budget.ts';
import { failureKinds } from './failure-kinds.ts';
import { type House, pause, pendingOf, untilGranting } from './governor.ts';
import { highestPrices, priced } from './price.ts';
import { afterFailure, pauseMsMax } from './retry.ts';
import {
  blockOf,
  breakerWait,
  giveBack,
  keepPace,
  paceKeyOf,
  tellAnswered,
  tellFailed,
  tellHead,
  tellLost,
} from './shared-limits.ts';

/**
 * A seat: what the governor knows of one live agent. Every model call is granted, retried, handed to the next model of
 * the chain and accounted for here, and nowhere else.
 */
export type Seat = {
  house: House;
  agent: string;
  /** The models of the agent's role, best first. */
  chain: ModelChoice[];
  role: { effort?: Effort | undefined; output_max: number };
  line: Line;
  /** Which model of the chain is asked now. */
  position: number;
  gone: boolean;
  call: Call | null;
};

/** How the agent is spoken to. */
export type Line = {
  /** Its number of lives, for facts about it. */
  life: number;
  grant(grant: Grant): void;
  /** It ends, with these facts. */
  end(facts: EventBody[]): void;
};

/** One call on its way, from the agent's asking to its end. */
type Call = {
  number: number;
  inputTokens: number;
  /** Failures in a row with the model at `position`. */
  failures: number;
  /** How often it was granted, to whomever. */
  grants: number;
  tried: Set<string>;
  firstFailureAt: number | null;
  granted: {
    choice: ModelChoice;
    paceKey: string;
    id: string;
    headSeen: boolean;
    characters: number;
    said: string;
  } | null;
};

export function takeSeat(
  house: House,
  given: { agent: string; chain: ModelChoice[]; role: Seat['role']; line: Line },
): Seat {
  return { house, ...given, position: 0, gone: false, call: null };
}

/** The agent wants a model call. */
export async function ask(seat: Seat, asked: Extract<FromAgent, { type: 'ask' }>): Promise<void> {
  const { call: number, inputTokens } = asked;
  // Asked again under the same number: the conversation was made shorter.
  if (seat.call?.number !== number)
    seat.call = { number, inputTokens, failures: 0, grants: 0, tried: new Set(), firstFailureAt: null, granted: null };
  seat.call.inputTokens = inputTokens;
  await grant(seat, seat.call);
}

/** The head of the answer is there. */
export function heardHead({ house, call }: Seat, head: Extract<FromAgent, { type: 'head' }>): void {
  const granted = call?.granted;
  if (!granted || granted.headSeen || granted.paceKey === '') return;
  granted.headSeen = true;
  tellHead(house, granted.paceKey, granted.id, head.limits);
}

/** A piece of the answer: what the vendor may bill even if the rest never comes. */
export function heardDelta({ call }: Seat, { text, kind }: Extract<FromAgent, { type: 'delta' }>): void {
  if (!call?.granted) return;
  call.granted.characters += text.length;
  if (kind === 'text' && call.granted.said.length < saidMax) call.granted.said += text;
}

/** Of an answer that is ended from outside so much is kept, in characters. */
const saidMax = 200_000;

/** The call was answered. Returns its usage with what it cost. */
export function answered(seat: Seat, usage: Usage): Usage {
  const granted = seat.call?.granted;
  seat.call = null;
  if (!granted) return usage;
  if (!granted.headSeen && granted.paceKey !== '') tellHead(seat.house, granted.paceKey, granted.id, null);
  tellAnswered(seat.house, granted.choice);
  return priced(usage, granted.choice.facts.prices);
}

/** The call failed: written down, then tried again, elsewhere, or given up. */
export async function callFailed(seat: Seat, { failure }: Extract<FromAgent, { type: 'failed' }>): Promise<void> {
  const { house, agent, call } = seat;
  const granted = call?.granted;
  if (!call || !granted) return;
  call.granted = null;
  house.granted.delete(agent);
  tellFailed(house, granted, failure);
  const usage = granted.characters > 0 ? begun(call, granted) : null;
  const { kind, reason } = failure;
  const retryable = failureKinds[kind].hope !== 'never';
  const fact = { type: 'model.failed' as const, agent, call: call.number, reason, retryable, kind };
  await house.record([{ ...fact, ...(usage && { usage }) }]);
  house.settled();
  await goOn(seat, call, failure);
}

/** The agent is gone: the facts that settle a call that was under way. */
export function leave(seat: Seat): EventBody[] {
  const { house, agent, call } = seat;
  seat.gone = true;
  house.pending.delete(agent);
  house.granted.delete(agent);
  leavePlace(seat);
  const reserved = house.state().agents.get(agent)?.reserved;
  return call?.granted && reserved ? [abandoned(agent, call.number, reserved)] : [];
}

/** A call whose answer nobody will hear must not keep others waiting for its place. */
function leavePlace({ house, call }: Seat): void {
  const granted = call?.granted;
  if (granted && !granted.headSeen && granted.paceKey !== '') tellLost(house, granted.paceKey, granted.id);
}

/** Somebody ends the agent: the facts that settle the call under way, by what was heard of its answer. */
export function interrupted(seat: Seat, reason: string): EventBody[] {
  const { house, agent, call } = seat;
  const granted = call?.granted;
  if (!call || !granted) return [];
  leavePlace(seat);
  call.granted = null;
  house.granted.delete(agent);
  const fact = { type: 'model.failed' as const, agent, call: call.number, reason, retryable: true };
  const usage = granted.choice.endpoint === null ? {} : { usage: begun(call, granted) };
  return [{ ...fact, kind: 'ended', ...usage, said: granted.said }];
}

/** The host stops: the call under way is settled by what was heard of it, which the vendor may bill. */
export function cutOff(seat: Seat): void {
  const { house, agent, call } = seat;
  const granted = call?.granted;
  if (!call || !granted || granted.choice.endpoint === null) return;
  leavePlace(seat);
  const fact = { type: 'model.failed' as const, agent, call: call.number, reason: 'the host was stopped' };
  house.cutOff.push({ ...fact, retryable: true, kind: 'ended', usage: begun(call, granted) });
}

/** What a call has taken so far, as far as it is known: its request, and the pieces of its answer. */
function begun(call: Call, { choice, characters }: NonNullable<Call['granted']>): Usage {
  return priced(
    { inputTokens: call.inputTokens, outputTokens: Math.ceil(characters / 3), usd: 0 },
    choice.facts.prices,
  );
}

/** A call that nobody will hear the end of counts as spent in full: the vendor may bill it. */
export function abandoned(agent: string, call: number, reserved: Reservation): EventBody {
  const usage = { inputTokens: reserved.tokens, outputTokens: 0, usd: reserved.usd ?? 0 };
  return { type: 'model.abandoned', agent, call, usage };
}

function isOver(seat: Seat): boolean {
  return seat.gone || seat.house.signal.aborted;
}

async function grant(seat: Seat, call: Call): Promise<void> {
  const { house, agent, line, role } = seat;
  const choice = await choose(seat, call);
  if (isOver(seat)) return;
  if (typeof choice === 'string') return giveUp(seat, { kind: 'overloaded', reason: choice, ...unsaid });
  call.tried.add(choice.ref);
  const room = await reserve(seat, call, choice);
  if (!room) return;
  const id = `${house.run}:${agent}:${call.number}:${++call.grants}`;
  const opened = await open(seat, choice);
  if ('failure' in opened) {
    house.pending.delete(agent);
    house.settled();
    return goOn(seat, call, opened.failure);
  }
  const { endpoint } = opened;
  const paceKey = endpoint ? paceKeyOf(endpoint) : '';
  const blockedMs = endpoint && othersLeft(seat, call) ? blockOf(house, paceKey) : 0;
  if (blockedMs > pauseMsMax) {
    house.pending.delete(agent);
    house.settled();
    const reason = `${choice.vendor} asked to be left alone; ${Math.ceil(blockedMs / 1000)} s of it are left`;
    return goOn(seat, call, { kind: 'rate_limited', reason, status: 429, retryAfterMs: blockedMs });
  }
  const delayed = (ms: number) => tellDelay(seat, call, ms, `the rate limit of ${choice.vendor}`);
  if (endpoint) await keepPace(house, { key: paceKey, id, tokens: room.reserved.tokens }, delayed);
  await untilGranting(house);
  if (isOver(seat)) {
    if (endpoint) giveBack(house, paceKey, id);
    return void house.pending.delete(agent);
  }
  house.granted.set(agent, call.number);
  call.granted = { choice, paceKey, id, headSeen: false, characters: 0, said: '' };
  const fact = { type: 'model.granted' as const, agent, call: call.number, model: choice.ref };
  const { reserved, outputTokens: outputTokensMax } = room;
  await house.record([endpoint ? { ...fact, reserved, outputTokensMax } : fact]);
  house.pending.delete(agent);
  const effort = choice.facts.reasoning ? role.effort : undefined;
  const deadlines = deadlinesOf(house.settings);
  const { name, ref: model, facts } = choice;
  const { images } = facts;
  line.grant({ call: call.number, model, endpoint, name, outputTokensMax, images, effort, deadlines });
}

const unsaid = { status: null, retryAfterMs: null };

/** The model to ask now: one whose circuit is closed. A string: why none came back within the patience. */
async function choose(seat: Seat, call: Call): Promise<ModelChoice | string> {
  const { house, chain } = seat;
  for (;;) {
    const choice = chain[seat.position]!;
    const { waitMs, reason: last } = breakerWait(house, choice);
    if (waitMs === 0 || isOver(seat)) return choice;
    const forS = Math.ceil(waitMs / 1000);
    const reason = `${choice.ref} failed several times in a row and is left alone for ${forS} s (${last})`;
    call.tried.add(choice.ref);
    if (seat.position + 1 === chain.length) {
      call.firstFailureAt ??= house.now();
      if (house.now() - call.firstFailureAt > house.settings.patience_seconds * 1000) return last;
      await pause(Math.min(waitMs, breakerLookMs), house.signal);
    }
    if (chain.length > 1) await switchTo(seat, (seat.position + 1) % chain.length, reason);
  }
}

/** Another host's probe may close the circuit earlier than planned. */
const breakerLookMs = 5_000;

async function switchTo(seat: Seat, position: number, reason: string): Promise<void> {
  const { house, agent, chain } = seat;
  const from = chain[seat.position]!.ref;
  seat.position = position;
  if (seat.call) seat.call.failures = 0;
  await house.record([{ type: 'model.switched', agent, from, to: chain[position]!.ref, reason }]);
}

/** Reserves what the call may take. Null when it gets nothing: the agent, or the run, was told why. */
async function reserve(seat: Seat, call: Call, choice: ModelChoice) {
  const { house, agent, role, line } = seat;
  const { facts, endpoint } = choice;
  const inWindow = facts.contextTokens - call.inputTokens;
  const wanted = Math.max(1, Math.min(role.output_max, facts.outputTokensMax ?? role.output_max, inWindow));
  const need = endpoint ? { inputTokens: call.inputTokens, outputTokens: wanted } : { inputTokens: 0, outputTokens: 0 };
  while (!isOver(seat)) {
    const room = roomFor(house.state(), agent, need, highestPrices(facts.prices), pendingOf(house, agent));
    if (room.kind === 'fits') {
      house.pending.set(agent, room.reserved);
      return endpoint ? room : { ...room, outputTokens: role.output_max };
    }
    if (room.kind === 'wait') await house.untilSettled();
    else if (room.scope === 'run') house.stopRun(room.reason);
    else {
      const { reason, limit } = room;
      line.end([{ type: 'agent.parked', agent, life: line.life, waitsFor: 'limit', reason, limit }]);
      return null;
    }
  }
  return null;
}

async function open(
  seat: Seat,
  choice: ModelChoice,
): Promise<{ endpoint: Endpoint | null } | { failure: ModelFailure }> {
  try {
    return { endpoint: await seat.house.open(choice) };
  } catch (error) {
    const { message, advice } = toFault(error);
    return { failure: { kind: 'auth', reason: advice ? `${message} ${advice}` : message, ...unsaid } };
  }
}

function othersLeft({ chain }: Seat, { tried }: Call): boolean {
  return chain.some(({ ref }) => !tried.has(ref));
}

/** Shorter waits are not worth a line, in milliseconds. */
const delayTold = 3_000;

/** Says that a call is not made yet: a person must never wonder whether a run hangs. */
function tellDelay({ house, agent }: Seat, call: Call, waitMs: number, reason: string): void {
  const fact = { type: 'model.delayed' as const, agent, call: call.number, ms: Math.round(waitMs), reason };
  if (waitMs >= delayTold) void house.record([fact]).catch(() => {}); // a host that stops has nothing to wait for
}

/** After a failure: again, the next model, or nothing more. */
async function goOn(seat: Seat, call: Call, failure: ModelFailure): Promise<void> {
  const { house, chain } = seat;
  call.failures += 1;
  call.firstFailureAt ??= house.now();
  const { retries, patience_seconds } = house.settings;
  const others = othersLeft(seat, call);
  const sinceMs = house.now() - call.firstFailureAt;
  const tries = { withModel: call.failures, othersLeft: others, alone: chain.length === 1, sinceMs };
  const verdict = afterFailure(failure, tries, { retries, patienceMs: patience_seconds * 1000 }, house.random());
  if (isOver(seat) || verdict.next === 'shorten') return;
  if (verdict.next === 'over') return giveUp(seat, failure);
  if (verdict.next === 'again') {
    tellDelay(seat, call, verdict.afterMs, failure.reason);
    await pause(verdict.afterMs, house.signal);
  }
  // Every model was tried and may be back meanwhile: from the best again.
  const fromTop =
    verdict.next === 'again' && (verdict.fromTop || (!others && chain.length > 1 && call.failures > retries));
  if (isOver(seat)) return;
  if (verdict.next === 'other' || fromTop)
    await switchTo(seat, (seat.position + 1) % chain.length, `${chain[seat.position]!.ref}: ${failure.reason}`);
  if (!isOver(seat)) await grant(seat, call);
}

/** The agent ends without a result: no model of its chain answers, and more trying is no use. */
function giveUp(seat: Seat, failure: ModelFailure): void {
  const { agent, line, chain, position } = seat;
  const choice = chain[position]!;
  const asked = seat.call?.tried.size ?? 0;
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

/** What a person can do about a failure that asking again does not mend; '' where the reason says it. */
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
