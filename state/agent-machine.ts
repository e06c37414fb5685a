import { assign, setup } from 'xstate';
import type { Event, EventOf } from '../ipc/events.ts';

/**
 * One agent's life, as a pure fold of the events that name it. An agent may live several times: after a crash, after it
 * was parked, after the death of its host, and for each attempt of its task.
 */
export type AgentContext = {
  /** How often it was started. */
  life: number;
  crashes: number;
  /** Its last hand-in, until it is started again. */
  handoff: EventOf<'agent.finished'>['handoff'] | null;
  /** Why it freed its thread, while it is parked. */
  parked: EventOf<'agent.parked'> | null;
};

export const agentMachine = setup({
  types: { context: {} as AgentContext, events: {} as Event },
  guards: { handedIn: ({ context }) => context.handoff !== null },
  actions: {
    begin: assign(({ context, event }) => ({
      life: event.type === 'agent.started' ? event.life : context.life,
      handoff: null,
      parked: null,
    })),
    keepHandoff: assign(({ context, event }) => ({
      handoff: event.type === 'agent.finished' ? event.handoff : context.handoff,
      parked: null,
    })),
    keepParked: assign(({ event }) => ({ parked: event.type === 'agent.parked' ? event : null })),
    countCrash: assign({ crashes: ({ context }) => context.crashes + 1 }),
  },
}).createMachine({
  id: 'agent',
  context: { life: 0, crashes: 0, handoff: null, parked: null },
  initial: 'known',
  on: {
    'agent.queued': { target: '.queued' },
    'agent.started': { target: '.working', actions: 'begin' },
    'agent.parked': { target: '.parked', actions: 'keepParked' },
    'agent.crashed': { target: '.down', actions: 'countCrash' },
    'agent.finished': { target: '.ended', actions: 'keepHandoff' },
  },
  states: {
    // An event names it, but it was not started yet.
    known: {},
    // It waits for memory before it is started.
    queued: { on: { 'host.started': [{ guard: 'handedIn', target: 'ended' }, { target: 'down' }] } },
    working: { on: { 'host.started': { target: 'down' } } },
    // It waits for other agents, for a person or for a higher limit, and needs no thread.
    parked: {},
    // Between two lives: it crashed, or its host died.
    down: {},
    ended: {},
  },
});
