import type { Event, EventBody } from '../../ipc/events.ts';
import { type Fault, toFault } from '../../ipc/fault.ts';
import { fold } from '../../state/fold.ts';
import type { RunState } from '../../state/run-state.ts';
import { type Act, due, heldBack } from '../schedule/due.ts';
import type { HostContext } from './context.ts';
import { type Delivery, inbox } from './inbox.ts';

/**
 * The host: the loop that owns a run.
 *
 * facts come in → they are written → they are folded → every act that is due and not under way is started.
 *
 * An act ends as facts. Nothing is awaited between writing and folding.
 */
export type Ending =
  | { kind: 'finished' }
  | { kind: 'waiting' }
  | { kind: 'stopped'; reason: string; exitCode: number }
  | { kind: 'failed'; fault: Fault };

export type Loop = {
  record: HostContext['record'];
  /** Writes facts without making the caller wait. When they cannot be written, the loop stops and says why. */
  note(facts: EventBody[], options?: { durable: boolean }): void;
  /** Ends the loop: acts are told to end, then the reason is written. Only the first reason counts. */
  stop(ending: Extract<Ending, { kind: 'stopped' | 'failed' }>): void;
  signal: AbortSignal;
  state(): RunState;
  /** Runs until the run finishes, is stopped, or waits for a person and no person is there. */
  run(context: HostContext, listeners: LoopListeners): Promise<Ending>;
};

export type LoopListeners = {
  onEvents(events: Event[], state: RunState): void;
  /** A plan waits for acceptance and nothing else is due. True: a person will answer through facts, so wait. */
  onWaiting(): boolean;
};

/** How long acts get to end after a stop, in milliseconds, before the host goes on without them. */
const letGoMs = 3_000;

/** Starts an act; resolves with the facts that ended it. A throw stops the host. */
export type StartAct = (act: Act, context: HostContext) => Promise<EventBody[]>;

/** `now` returns the time in ISO 8601; `perform` carries out acts (orchestrator/host/perform.ts). */
export function hostLoop(initial: RunState, log: HostContext['log'], now: () => string, perform: StartAct): Loop {
  let state = initial;
  let ending: Ending | undefined;
  const facts = inbox();
  const stopping = new AbortController();
  const underWay = new Map<string, Promise<void>>();

  const stop: Loop['stop'] = (why) => {
    ending ??= why;
    stopping.abort();
    facts.close();
  };
  const start = (act: Act, context: HostContext) => {
    const run = perform(act, context).then(
      (ended) => facts.deliver({ facts: ended, durable: false, act: act.id }),
      (error: unknown) => {
        // An act that is no longer needed may fail: a finished run ends the hands of checks that still run.
        const wanted = due(state, underWay).some(({ id }) => id === act.id);
        if (wanted && !stopping.signal.aborted) stop({ kind: 'failed', fault: toFault(error) });
        else facts.deliver({ facts: [], durable: false, act: act.id });
      },
    );
    underWay.set(act.id, run);
  };
  const write = (batch: Delivery[]): Event[] => {
    const bodies = batch.flatMap((delivery) => delivery.facts);
    if (bodies.length === 0) return [];
    const events = log.append(bodies, { at: now(), durable: batch.some((delivery) => delivery.durable) });
    for (const event of events) state = fold(state, event);
    return events;
  };
  const take = (batch: Delivery[], context: HostContext, listeners: LoopListeners) => {
    const events = write(batch);
    tellDeliverers(batch, events);
    for (const { act } of batch) if (act !== undefined) underWay.delete(act);
    if (events.length > 0) listeners.onEvents(events, state);
    for (const act of due(state, underWay)) if (!underWay.has(act.id)) start(act, context);
  };
  const takeOrStop = (batch: Delivery[], context: HostContext, listeners: LoopListeners) => {
    try {
      take(batch, context, listeners);
    } catch (error) {
      for (const delivery of batch) delivery.failed?.(error);
      stop({ kind: 'failed', fault: toFault(error) });
    }
  };

  return {
    signal: stopping.signal,
    state: () => state,
    stop,
    record: (bodies, options) => recordIn(facts, bodies, options?.durable ?? false),
    note: (bodies, options) => facts.deliver({ facts: bodies, durable: options?.durable ?? false }),
    async run(context, listeners) {
      facts.deliver({ facts: [], durable: false });
      for await (const batch of facts.batches()) {
        takeOrStop(batch, context, listeners);
        if (stopping.signal.aborted) break;
        if (underWay.size > 0) continue;
        if (state.phase.value === 'finished') return { kind: 'finished' };
        const held = heldBack(state);
        if (held.length > 0) return { kind: 'stopped', reason: `held by limits: ${held.join('; ')}`, exitCode: 4 };
        if (!listeners.onWaiting()) return { kind: 'waiting' };
      }
      await letGo(underWay);
      return ending ?? { kind: 'finished' };
    },
  };
}

function recordIn(facts: ReturnType<typeof inbox>, bodies: EventBody[], durable: boolean): Promise<Event[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Event[]>();
  facts.deliver({ facts: bodies, durable, done: resolve, failed: reject });
  return promise;
}

function tellDeliverers(batch: Delivery[], events: Event[]): void {
  let at = 0;
  for (const delivery of batch) {
    delivery.done?.(events.slice(at, at + delivery.facts.length));
    at += delivery.facts.length;
  }
}

async function letGo(underWay: Map<string, Promise<void>>): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, letGoMs).unref());
  await Promise.race([Promise.allSettled(underWay.values()), late]);
}
