import { assign, setup } from 'xstate';
import type { Event } from '../ipc/events.ts';
import type { CheckResult, Task } from '../ipc/plan.ts';

/**
 * One task's life, as a pure fold of the events that name it. Waiting for other tasks is not a state of its own: a task
 * waits until the host assigns it a work tree.
 *
 * attempt: counts the hand-ins, from 1. A hand-in outside the scope, a red check or a conflict sends the task back
 * (working, next attempt) until `attemptsMax`; then it fails, and the host parks it.
 */
export type TaskContext = {
  task: Task;
  attempt: number;
  attemptsMax: number;
  restarts: number;
  restartsMax: number;
  tree: string | null;
  /** The commit that the work tree started from in this attempt. */
  base: string | null;
  collected: { tree: string; files: string[]; at: string; seq: number } | null;
  /** The last hand-in did not merge: the work tree must start again from the newest commit. */
  conflicted: boolean;
  /** The checked commit that is to be merged, then the merged one. */
  commit: string | null;
  results: CheckResult[];
  reason: string;
  wip: string | null;
  /** The branch of the user's repository with the same commit. */
  wipBranch: string | null;
};

type Input = { task: Task; attemptsMax: number; restartsMax: number };

export const taskMachine = setup({
  types: { context: {} as TaskContext, events: {} as Event, input: {} as Input },
  guards: {
    attemptsLeft: ({ context }) => context.attempt < context.attemptsMax,
    restartsLeft: ({ context }) => context.restarts < context.restartsMax,
    saysCannot: ({ event }) => event.type === 'agent.finished' && event.handoff.outcome === 'cannot',
    outsideScope: ({ event }) => event.type === 'task.collected' && event.outside.length > 0,
    nothingChanged: ({ event }) => event.type === 'task.collected' && event.files.length === 0,
    green: ({ event }) => event.type === 'task.checked' && event.verdict === 'green',
  },
  actions: {
    nextAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
    keepReason: assign({ reason: ({ event }) => reasonOf(event) }),
    keepResults: assign({
      results: ({ context, event }) => (event.type === 'task.checked' ? event.results : context.results),
      commit: ({ context, event }) => (event.type === 'task.checked' ? event.commit : context.commit),
      conflicted: ({ event }) => event.type === 'task.checked' && event.verdict === 'conflict',
    }),
    keepTree: assign({
      tree: ({ context, event }) => (event.type === 'workspace.assigned' ? event.tree : context.tree),
      base: ({ context, event }) => (event.type === 'workspace.assigned' ? event.commit : context.base),
      conflicted: false,
    }),
    countRestart: assign({ restarts: ({ context }) => context.restarts + 1 }),
  },
}).createMachine({
  id: 'task',
  context: ({ input }) => ({
    ...input,
    attempt: 1,
    restarts: 0,
    tree: null,
    base: null,
    collected: null,
    conflicted: false,
    commit: null,
    results: [],
    reason: '',
    wip: null,
    wipBranch: null,
  }),
  initial: 'waiting',
  states: {
    waiting: {
      on: {
        'workspace.assigned': { target: 'working', actions: 'keepTree' },
        'task.parked': { target: 'parked', actions: 'keepReason' },
      },
    },
    working: {
      on: {
        'workspace.assigned': { actions: 'keepTree' },
        'agent.finished': [{ guard: 'saysCannot', target: 'failing', actions: 'keepReason' }, { target: 'collecting' }],
        'agent.crashed': [
          { guard: 'restartsLeft', actions: 'countRestart' },
          { target: 'failing', actions: 'keepReason' },
        ],
      },
    },
    collecting: {
      on: {
        'task.collected': [
          { guard: 'nothingChanged', target: 'failing', actions: 'keepReason' },
          {
            guard: ({ event, context }) => event.outside.length > 0 && context.attempt < context.attemptsMax,
            target: 'working',
            actions: 'nextAttempt',
          },
          { guard: 'outsideScope', target: 'failing', actions: 'keepReason' },
          {
            target: 'checking',
            actions: assign({
              collected: ({ event }) => ({ tree: event.tree, files: event.files, at: event.at, seq: event.seq }),
            }),
          },
        ],
      },
    },
    checking: {
      on: {
        'task.checked': [
          { guard: 'green', target: 'merging', actions: 'keepResults' },
          { guard: 'attemptsLeft', target: 'working', actions: ['keepResults', 'nextAttempt'] },
          { target: 'failing', actions: ['keepResults', 'keepReason'] },
        ],
      },
    },
    merging: {
      on: { 'merge.finished': { target: 'merged', actions: assign({ commit: ({ event }) => event.commit }) } },
    },
    merged: { on: { 'undo.finished': { target: 'undone' } } },
    failing: {
      on: {
        'task.parked': {
          target: 'parked',
          actions: [
            'keepReason',
            assign({ wip: ({ event }) => event.wip, wipBranch: ({ event }) => event.branch ?? null }),
          ],
        },
      },
    },
    parked: { type: 'final' },
    undone: { type: 'final' },
  },
});

function reasonOf(event: Event): string {
  if (event.type === 'agent.finished') return event.handoff.summary;
  if (event.type === 'agent.crashed') return `the agent kept crashing: ${event.reason}`;
  if (event.type === 'task.parked') return event.reason;
  if (event.type === 'task.collected')
    return event.outside.length > 0
      ? `the work changed files outside the task's scope: ${event.outside.slice(0, 5).join(', ')}`
      : 'the agent handed in no change';
  if (event.type === 'task.checked') {
    if (event.verdict === 'conflict')
      return `the work conflicts with what was merged before: ${event.conflicts.join(', ')}`;
    const red = event.results.filter((result) => result.outcome === 'failed').map((result) => result.name);
    return `failed checks: ${red.join(', ')}`;
  }
  return '';
}
