import { assign, setup } from 'xstate';
import type { Event, EventOf, RunOptions } from '../ipc/events.ts';
import type { CheckResult, Plan } from '../ipc/plan.ts';
import { hasPlan, isConversation, loneAgent, plannerAgent } from '../ipc/run-kind.ts';

/** The run's own phases; tasks have their own machines, so that a run of a thousand tasks stays quick to fold. */
export type RunContext = {
  options: RunOptions;
  base: string | null;
  baseResults: CheckResult[] | null;
  /** Checks that a person dropped when accepting the plan. */
  dropped: string[];
  plan: Plan | null;
  failure: { reason: string; code: string } | null;
  /** The undo that is recorded and not carried out yet. */
  undo: EventOf<'undo.started'> | null;
  crashes: number;
  restartsMax: number;
  /** It was made without a first message. */
  isSilent: boolean;
};

type Input = { options: RunOptions; restartsMax: number; isSilent: boolean };

export const runMachine = setup({
  types: { context: {} as RunContext, events: {} as Event, input: {} as Input },
  actions: {
    keepDecline: assign(({ context, event }) =>
      event.type === 'plan.declined'
        ? { failure: { reason: event.reason, code: event.code ?? 'declined' } }
        : { failure: context.failure },
    ),
  },
}).createMachine({
  id: 'run',
  context: ({ input }) => ({
    ...input,
    base: null,
    baseResults: null,
    dropped: [],
    plan: null,
    failure: null,
    undo: null,
    crashes: 0,
  }),
  initial: 'created',
  on: {
    'base.checked': { actions: assign({ baseResults: ({ event }) => event.results }) },
    'run.finished': { target: '.finished' },
  },
  states: {
    created: {
      always: [
        // A conversation whose first input is not a message to its agent.
        { guard: ({ context }) => isConversation(context.options) && context.isSilent, target: 'resting' },
        { guard: ({ context }) => !hasPlan(context.options), target: 'alone' },
        { target: 'preparing' },
      ],
    },
    // One agent in the folder itself: no plan, no work tree.
    alone: {
      on: {
        'agent.finished': [
          {
            guard: ({ event, context }) => event.agent === loneAgent && isConversation(context.options),
            target: 'resting',
          },
          { guard: ({ event }) => event.agent === loneAgent, target: 'answered' },
        ],
        'agent.crashed': [
          { guard: ({ event }) => event.agent !== loneAgent },
          {
            guard: ({ context }) => context.crashes < context.restartsMax,
            actions: assign({ crashes: ({ context }) => context.crashes + 1 }),
          },
          {
            target: 'failing',
            actions: assign({
              failure: ({ event }) => ({ reason: `the agent kept crashing: ${event.reason}`, code: 'model_failed' }),
            }),
          },
        ],
      },
    },
    // It has answered, and waits for the person's next message.
    resting: {
      on: { 'agent.told': { guard: ({ event }) => event.agent === loneAgent && !event.quiet, target: 'alone' } },
    },
    answered: {},
    preparing: {
      on: { 'repository.ready': { target: 'planning', actions: assign({ base: ({ event }) => event.base }) } },
    },
    planning: {
      on: {
        'plan.declined': { target: 'failing', actions: 'keepDecline' },
        'plan.proposed': { target: 'proposed', actions: assign({ plan: ({ event }) => event.plan }) },
        'agent.crashed': [
          { guard: ({ event }) => event.agent !== plannerAgent },
          {
            guard: ({ context }) => context.crashes < context.restartsMax,
            actions: assign({ crashes: ({ context }) => context.crashes + 1 }),
          },
          {
            target: 'failing',
            actions: assign({
              failure: ({ event }) => ({ reason: `the planner kept crashing: ${event.reason}`, code: 'model_failed' }),
            }),
          },
        ],
        'agent.finished': {
          guard: ({ event }) => event.agent === plannerAgent && event.handoff.outcome === 'cannot',
          target: 'failing',
          actions: assign({
            failure: ({ event }) => ({ reason: event.handoff.summary, code: event.handoff.code ?? 'goal_unsupported' }),
          }),
        },
      },
    },
    proposed: {
      on: {
        'plan.accepted': { target: 'working', actions: assign({ dropped: ({ event }) => event.dropChecks }) },
        'plan.declined': { target: 'failing', actions: 'keepDecline' },
      },
    },
    working: {},
    failing: {},
    // Its work is done. Tasks can still be undone.
    finished: { on: { 'undo.started': { target: 'undoing', actions: assign({ undo: ({ event }) => event }) } } },
    undoing: { on: { 'undo.finished': { target: 'finished', actions: assign({ undo: null }) } } },
  },
});
