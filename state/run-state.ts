import type { SnapshotFrom } from 'xstate';
import type { EventOf } from '../ipc/events.ts';
import type { Usage } from '../ipc/message.ts';
import type { agentMachine } from './agent-machine.ts';
import type { runMachine } from './run-machine.ts';
import type { taskMachine } from './task-machine.ts';

/**
 * Run state: what a log says, folded. Nothing here is stored; a host, a screen and a resume all fold the same events.
 * `fold` alters the state it is given and returns it: its owner is the one caller, and copying a thousand tasks for
 * every event would be the slowest thing a host does.
 */
export type OpenCall = {
  name: string;
  arguments: unknown;
  started: EventOf<'tool.started'> | null;
  /** What a person was asked about it last. */
  approval: string | null;
};
/** What a person was asked, and the first answer. */
export type Approval = { asked: EventOf<'approval.requested'>; answer: EventOf<'approval.answered'> | null };
export type AgentState = {
  role: string;
  /** When something was written about it last, and the model that it was given last. */
  at: string;
  model: string;
  /** Where it stands in its life. */
  phase: SnapshotFrom<typeof agentMachine>;
  /** Number of the last model call that was granted, and of the last that was heard; they count over all lives. */
  calls: number;
  heard: number;
  turns: number;
  /** Answers in a row in which it called no tool. */
  prose: number;
  open: Map<string, OpenCall>;
  /** A call of its last turn failed, or was answered by an agent: it has not seen yet what it should before it hands in. */
  unseen: boolean;
  /** It read text that no person trusts: from then on it asks before it acts. */
  tainted: boolean;
  /** Its conversation is to be compacted before its next answer. */
  compacts: boolean;
  /** Something was said to it since its last model call was granted. */
  told: boolean;
  /** How it was started by another agent; null for a task's own agent. */
  delegated: EventOf<'agent.delegated'> | null;
  /** Agents that it started, by the call that waits for them. */
  delegates: Map<string, string>;
  usage: Spent;
  /** What the call that is under way may take at most. */
  reserved: EventOf<'model.granted'>['reserved'] | null;
};
/** What was spent on models: `tokens` in and out. */
export type Spent = { calls: number; tokens: number; usd: number };
export type TaskState = SnapshotFrom<typeof taskMachine>;

/** A turn of a conversation. `seq`: the event that began it; `saved`: the files then, null where they are not kept. */
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
  /** Tasks that somebody is at work on, by name: not waiting, not ended. */
  active: Set<string>;
  /** Waiting tasks whose way is free, in the order of the plan, and those whose way is lost with the task that blocks it. */
  ready: Set<string>;
  lost: Map<string, string>;
  /** The tasks that wait for a task, by its name. */
  followers: Map<string, string[]>;
  /** What one work tree takes on disk, in MiB, without what is linked or built in it. */
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
  /** What a person wants of it, and whether its hosts died too often. */
  intent: EventOf<'run.intended'>['intent'];
  /** When a person last wanted a host at work, and how many there had been: what those did is forgiven. */
  wanted: { at: string; hosts: number };
  gaveUp: EventOf<'run.gave_up'> | null;
  /** Its hosts, oldest first, with the exit code that they ended with: null for one that runs, or died without a word. */
  hosts: { at: string; process: string; exitCode: number | null }[];
  families: string[];
};
