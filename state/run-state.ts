import type { SnapshotFrom } from 'xstate';
import type { EventOf, Reminder } from '../ipc/events.ts';
import type { Usage } from '../ipc/message.ts';
import type { TodoItem } from '../ipc/todo.ts';
import type { agentMachine } from './agent-machine.ts';
import type { DoneCall } from './repetition.ts';
import type { runMachine } from './run-machine.ts';
import type { taskMachine } from './task-machine.ts';

/**
 * Run state: the fold of a log. Nothing here is stored; a host, a screen and a resume all fold the same events. `fold`
 * changes the given state and returns it: the caller is its only owner, and a copy of a thousand tasks for every event
 * would be the slowest part of a host.
 */
export type OpenCall = {
  name: string;
  arguments: unknown;
  started: EventOf<'tool.started'> | null;
  /** The last question to a person about it. */
  approval: string | null;
};
/** The question to a person, and the first answer. */
export type Approval = { asked: EventOf<'approval.requested'>; answer: EventOf<'approval.answered'> | null };
export type AgentState = {
  role: string;
  /** The time of its last event, and the last model that it was granted. */
  at: string;
  model: string;
  /** Its state in its life cycle. */
  phase: SnapshotFrom<typeof agentMachine>;
  /** Number of the last granted model call, and of the last answered one; they count over all lives. */
  calls: number;
  heard: number;
  turns: number;
  /** The words that told it where it is; null: none, in logs of earlier versions. */
  opening: string | null;
  /** Its background commands by their ids; `ended` null: it runs, as far as the log knows. */
  commands: Map<string, { command: string; ended: string | null }>;
  /** Its newest calls since its work began, oldest first, and whether it was told that they repeat. */
  done: DoneCall[];
  warned: boolean;
  /** How often it was reminded since its last tool call, by the reason. */
  reminded: Partial<Record<Reminder['why'], number>>;
  open: Map<string, OpenCall>;
  /** Its own list of what it has to do, as it said it last. */
  todo: TodoItem[];
  /** Names of tools that other agents have, with the model call after which it was told our name. */
  otherNames: Map<string, number>;
  /** A call of its last turn failed, or an agent answered it: it must still see that result before it hands in. */
  unseen: boolean;
  /** The text that it read and that no person trusts, '' if none: from then on it asks before it acts. */
  tainted: string;
  /** Its conversation is to be compacted before its next answer. */
  compacts: boolean;
  /** It got a message since its last granted model call. */
  told: boolean;
  /** How it was started by another agent; null for a task's own agent. */
  delegated: EventOf<'agent.delegated'> | null;
  /** Agents that it started, by the call that waits for them. */
  delegates: Map<string, string>;
  usage: Spent;
  /** The most that the open call may take. */
  reserved: EventOf<'model.granted'>['reserved'] | null;
};
/** The amounts spent on models: `tokens` in and out. */
export type Spent = { calls: number; tokens: number; usd: number };
export type TaskState = SnapshotFrom<typeof taskMachine>;

/**
 * A turn of a conversation. `seq`: the event that began it; `saved`: its files at the start, null if they are not
 * saved.
 */
export type Turn = { seq: number; text: string; at: string; saved: { commit: string | null; reason: string } | null };

export type RunState = {
  created: EventOf<'run.created'>;
  seq: number;
  at: string;
  /** The turns of a conversation, oldest first; empty for other runs. */
  turns: Turn[];
  /** The check that was started last, while it runs. */
  check: EventOf<'check.started'> | null;
  /** When the plan was accepted and work began. */
  workingSince: string | null;
  phase: SnapshotFrom<typeof runMachine>;
  tasks: Map<string, TaskState>;
  /** Tasks under way, by name: not waiting, not ended. */
  active: Set<string>;
  /**
   * Waiting tasks that can start, in the order of the plan, and those that never can, with the task that blocks them.
   */
  ready: Set<string>;
  lost: Map<string, string>;
  /** The tasks that wait for a task, by its name. */
  followers: Map<string, string[]>;
  /** The disk space of one work tree, in MiB, without linked and built files. */
  treeMb: number;
  /** How many tasks have not ended. */
  unended: number;
  agents: Map<string, AgentState>;
  /** Every approval by its id, and those that wait for an answer. */
  approvals: Map<string, Approval>;
  waiting: Set<string>;
  /** The newest commit of the run's branch; null until the first merge. */
  tip: string | null;
  merge: EventOf<'merge.started'> | null;
  /** The merges, oldest first. */
  merged: { task: string; commit: string; at: string }[];
  undone: string[];
  /** Work trees in use: name → task. */
  trees: Map<string, string>;
  usage: Usage & { calls: number };
  /** Answered calls by model, and every change from one to another. */
  models: Map<string, number>;
  switches: EventOf<'model.switched'>[];
  walls: string;
  warnings: string[];
  baseChecked: EventOf<'base.checked'> | null;
  /** The planner's accepted proposal: arguments of its propose_plan call. */
  draft: unknown;
  /** Sites of dry runs by call id, for the plan. */
  dryRuns: Map<string, unknown>;
  finished: EventOf<'run.finished'> | null;
  hostStopped: EventOf<'host.stopped'> | null;
  /** A person's wish for it, and whether its hosts died too often. */
  intent: EventOf<'run.intended'>['intent'];
  /** When a person last wanted a host at work, and how many hosts there had been: their failures no longer count. */
  wanted: { at: string; hosts: number };
  gaveUp: EventOf<'run.gave_up'> | null;
  /** Its hosts, oldest first, with their exit codes: null for one that runs, or died without writing one. */
  hosts: { at: string; process: string; exitCode: number | null }[];
  families: string[];
};
