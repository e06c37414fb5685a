import * as z from 'zod/mini';
import { approvalScope, exactCall } from './approval.ts';
import { fileChange } from './changes.ts';
import { config, limits } from './config.ts';
import { handoff } from './handoff.ts';
import { image, message, toolResult, usage } from './message.ts';
import { failureKind } from './model.ts';
import { check, checkResult, plan } from './plan.ts';
import { todoItem } from './todo.ts';

/**
 * Events: everything that happened in a run, in the order it was written. The log is the only truth.
 *
 * Every event has `seq` (1, 2, 3 … without gaps), `at` (ISO 8601, UTC), `run`, `type` and `v`: the version in which it was
 * written. Older ones are brought up to today's version when they are read (upcast.ts).
 * agent: `planner`, or the id of the task that the agent works on.
 */
export const eventVersion = 2;

export const repository = z.object({
  /** Top of the user's work tree (or of the bare repository), absolute. */
  root: z.string(),
  /** The user's common git directory, absolute. */
  gitDir: z.string(),
  branch: z.nullable(z.string()),
  head: z.string(),
  /** Facts a person should know, e.g. a shallow history or files left out. */
  notes: z.array(z.string()),
});
export type Repository = z.infer<typeof repository>;

export const runOptions = z.object({
  /**
   * `plan`: tasks in work trees. `work` and `ask`: one agent in the folder itself, which may write or only read.
   * `chat`: an agent that may write, and after its answer waits for the next message.
   */
  mode: z._default(z.enum(['plan', 'work', 'ask', 'chat']), 'plan'),
  accept: z.enum(['ask', 'yes']),
  dryRun: z.boolean(),
  checks: z.enum(['detected', 'none']),
  acceptUnplaced: z.boolean(),
  includeDirty: z.boolean(),
  /** Its host is a process of its own that `supervise` keeps alive. */
  detached: z.optional(z.boolean()),
  /** The most that it may cost in US dollars, whatever limit the configuration sets. */
  usd: z.optional(z.number()),
  /**
   * The treatment of a call that no rule allows: `ask` a person (the default), allow it inside the walls, or write
   * nothing.
   */
  permissions: z.optional(z.enum(['ask', 'auto', 'read_only'])),
  /** Calls wait for a person although no person sits at this terminal: the answer comes from another process. */
  waits: z.optional(z.boolean()),
  /** The end of its time (ISO 8601): a host then stops, as at a limit. */
  deadline: z.optional(z.string()),
});
export type RunOptions = z.infer<typeof runOptions>;

/** Why an answer without a tool call is no hand-in, and what the agent is told. */
const reminder = z.object({
  why: z.enum(['cut', 'text_call', 'empty', 'no_plan', 'agents_at_work']),
  text: z.string(),
});
export type Reminder = z.infer<typeof reminder>;

/** The most that a model call may take, computed before the call is made. `usd` null: no price is known. */
export const reservation = z.object({ tokens: z.number(), usd: z.nullable(z.number()) });

const text = z.string();
const commit = z.string();

export const eventBody = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run.created'),
    goal: text,
    /** The images that a lone agent gets together with the goal. */
    images: z.optional(z.array(image)),
    planFile: z.optional(text),
    plan: z.optional(plan),
    repository,
    options: runOptions,
    config,
    /** The name that a person gave it, beside its id. */
    name: z.optional(text),
    /** The role of a lone agent, if it is not the mode's own. */
    role: z.optional(text),
    /** The conversation that this one continues, and the last event of it that is also in this log. */
    forkedFrom: z.optional(z.object({ run: text, seq: z.number() })),
    /** Which models were chosen, and why. */
    models: z.optional(text),
    program: text,
    identity: z.object({ name: text, email: text, fallback: z.boolean() }),
  }),
  z.object({
    type: z.literal('host.started'),
    epoch: z.number(),
    process: text,
    family: text,
    program: text,
    /** The limits from here on, if the configuration has changed since the run or its last host began. */
    limits: z.optional(limits),
  }),
  /** `exitCode` as the cli returns it. */
  z.object({ type: z.literal('host.stopped'), reason: text, exitCode: z.number() }),
  /**
   * A person's wish for the run: a host at work, a pause, or an end for now. `run` lets a stopped host be started
   * again.
   */
  z.object({ type: z.literal('run.intended'), intent: z.enum(['run', 'paused', 'stopped']), by: text }),
  /** Its hosts died too often: no host is started before a person asks for one. */
  z.object({ type: z.literal('run.gave_up'), reason: text, crashes: z.number() }),
  z.object({ type: z.literal('walls.reported'), summary: text }),
  z.object({ type: z.literal('repository.ready'), base: commit, treeMb: z.number(), warnings: z.array(text) }),
  z.object({
    type: z.literal('base.checked'),
    checks: z.array(check),
    /** The source of each check: the file and key that name it. */
    reasons: z.array(text),
    results: z.array(checkResult),
    /** Failures of set-up in the tree, e.g. dependencies that are not linked. */
    warnings: z.array(text),
  }),
  /** subject: `base`, or the task whose merged tree is checked. */
  z.object({ type: z.literal('check.started'), subject: text, name: text }),
  /** It waits for memory on the machine before it is started. Written once, when it begins to wait. */
  z.object({ type: z.literal('agent.queued'), agent: text, role: text, reason: text }),
  /** `opening`: what the agent is told of where it is, made at its first start and the same ever after. */
  z.object({
    type: z.literal('agent.started'),
    agent: text,
    role: text,
    life: z.number(),
    model: text,
    opening: z.optional(text),
  }),
  /** It freed its thread: it waits for agents that it started, or for a higher limit. */
  z.object({
    type: z.literal('agent.parked'),
    agent: text,
    life: z.number(),
    waitsFor: z.enum(['agents', 'limit', 'approval']),
    reason: text,
    /** The limit that must be raised, and its value. */
    limit: z.optional(z.object({ name: text, value: z.number() })),
  }),
  /** An agent started another: `agent` is the new one, `call` the tool call of `parent` that its hand-off answers. */
  z.object({
    type: z.literal('agent.delegated'),
    agent: text,
    parent: text,
    call: text,
    role: text,
    prompt: text,
    /** Its call was answered at once; it works beside its parent, in a process of its own. */
    background: z.optional(z.boolean()),
    /** It only searches the web: `prompt` is the query. */
    searches: z.optional(z.boolean()),
  }),
  z.object({
    type: z.literal('agent.crashed'),
    agent: text,
    life: z.number(),
    reason: text,
    cause: z.optional(z.enum(['crash', 'memory', 'stall', 'deadline', 'start'])),
  }),
  /**
   * A message to an agent was added to its conversation. `quiet`: the agent reads it with the next message. `about`: a
   * run that was started from this conversation; written once when that run begins and once when it ends.
   */
  z.object({
    type: z.literal('agent.told'),
    agent: text,
    text,
    by: text,
    quiet: z.optional(z.boolean()),
    about: z.optional(text),
    /** The host tells the agent that it repeats itself. */
    repeats: z.optional(z.boolean()),
  }),
  /**
   * The files of the folder when a turn of a conversation began: a commit in the run's own repository, or the reason
   * why they are not saved. `turn` is the number of the event that began the turn.
   */
  z.object({ type: z.literal('folder.saved'), turn: z.number(), commit: z.nullable(text), reason: text }),
  z.object({ type: z.literal('agent.finished'), agent: text, life: z.number(), handoff }),
  z.object({
    type: z.literal('model.granted'),
    agent: text,
    call: z.number(),
    model: text,
    /** The most that the call can take; no more is requested. Settled by the call's end. */
    reserved: z.optional(reservation),
    outputTokensMax: z.optional(z.number()),
  }),
  z.object({
    type: z.literal('model.finished'),
    agent: text,
    call: z.number(),
    message,
    usage,
    /** `length`: the answer was cut at the output limit. */
    stop: z.optional(z.enum(['done', 'calls', 'length'])),
    /** The host's words to an agent whose answer has no tool call and is no hand-in. */
    reminder: z.optional(reminder),
  }),
  z.object({
    type: z.literal('model.failed'),
    agent: text,
    call: z.number(),
    reason: text,
    retryable: z.boolean(),
    kind: z.optional(failureKind),
    /** The usage that the vendor may bill for it; absent: none. */
    usage: z.optional(usage),
    /** The answer was ended from outside, and the part received so far counts. Absent: the model is asked again. */
    said: z.optional(text),
  }),
  /** The agent is told to go on with another model of its role's chain. */
  z.object({ type: z.literal('model.switched'), agent: text, from: text, to: text, reason: text }),
  /** A person chose these models for a role, best first, from here on. */
  z.object({ type: z.literal('model.chosen'), role: text, models: z.array(text) }),
  /** A call has to wait: how long, and why. Written if the wait is long enough for a person to wonder. */
  z.object({ type: z.literal('model.delayed'), agent: text, call: z.number(), ms: z.number(), reason: text }),
  /** A call that was open when its host died: its reservation counts as spent, because the vendor may bill it. */
  z.object({ type: z.literal('model.abandoned'), agent: text, call: z.number(), usage }),
  /** The tool results in the agent's first `messages` messages were cleared. */
  z.object({ type: z.literal('context.cleared'), agent: text, messages: z.number() }),
  /** A person wants its conversation compacted before its next answer. */
  z.object({ type: z.literal('context.wanted'), agent: text }),
  /** They were replaced by a hand-off that the agent wrote with model call `call`. */
  z.object({
    type: z.literal('context.compacted'),
    agent: text,
    call: z.number(),
    messages: z.number(),
    text,
    usage,
  }),
  z.object({
    type: z.literal('tool.requested'),
    agent: text,
    call: text,
    name: text,
    arguments: z.unknown(),
  }),
  z.object({
    type: z.literal('tool.started'),
    agent: text,
    call: text,
    rule: text,
    changes: z.optional(z.array(fileChange)),
    command: z.optional(text),
    /** Where the command runs, relative to the work tree's top. */
    directory: z.optional(text),
    result: z.optional(toolResult),
  }),
  /** An agent's own list, as it is from here on. */
  z.object({ type: z.literal('todo.set'), agent: text, items: z.array(todoItem) }),
  /** A command goes on beside its agent, until it ends, is stopped, or its agent or host ends. */
  z.object({ type: z.literal('command.started'), agent: text, call: text, id: text, command: text }),
  z.object({ type: z.literal('command.ended'), agent: text, id: text, how: text }),
  z.object({
    type: z.literal('tool.finished'),
    agent: text,
    call: text,
    name: text,
    /** Our name of its tool, where the model used the name that another agent has for it. */
    calledHere: z.optional(text),
    verdict: z.enum(['allowed', 'denied', 'unknown_outcome']),
    rule: text,
    result: toolResult,
    /** How a command ended; `bytes` counts its whole output. */
    ran: z.optional(
      z.object({
        exitCode: z.nullable(z.number()),
        signal: z.nullable(text),
        timedOut: z.boolean(),
        durationMs: z.number(),
        bytes: z.number(),
      }),
    ),
  }),
  /**
   * A host that a command reached or tried to reach through the proxy: `call` is the agent's call, or the name of the
   * check or set-up command (`agent`: check, setup). Written when the command has ended; hosts of two simultaneous
   * commands are written with the one that ends first.
   */
  z.object({
    type: z.literal('network.used'),
    agent: text,
    call: text,
    host: text,
    port: z.number(),
    verdict: z.enum(['allowed', 'refused']),
    reason: text,
    connections: z.number(),
    sent: z.number(),
    received: z.number(),
  }),
  /** It read untrusted text: from here on it and the agents that it starts have fewer rights (docs/security.md). */
  z.object({ type: z.literal('agent.tainted'), agent: text, by: text }),
  /** A call waits for a person. The answer is bound to exactly this call: any changed byte makes it a different one. */
  z.object({
    type: z.literal('approval.requested'),
    approval: text,
    agent: text,
    call: text,
    exact: exactCall,
    /** The rule that asks, and the possible harm. */
    rule: text,
    risk: z.enum(['contained', 'beyond']),
    /** The rule for `policy.commands.allow` that an answer for longer than `once` adds. */
    pattern: z.optional(text),
    /** When it is denied if there is no answer (ISO 8601). */
    deadline: text,
    default: z.literal('deny'),
  }),
  /** The first answer to it; there is only one. `by` is `the deadline` when no person answered. */
  z.object({
    type: z.literal('approval.answered'),
    approval: text,
    agent: text,
    answer: z.enum(['allow', 'deny']),
    scope: approvalScope,
    by: text,
    reason: z.optional(text),
  }),
  z.object({ type: z.literal('plan.proposed'), plan }),
  z.object({ type: z.literal('plan.accepted'), by: text, dropChecks: z.array(text) }),
  z.object({ type: z.literal('plan.declined'), by: text, reason: text, code: z.optional(text) }),
  z.object({ type: z.literal('workspace.assigned'), task: text, tree: text, commit }),
  z.object({
    type: z.literal('task.collected'),
    task: text,
    attempt: z.number(),
    base: commit,
    tree: text,
    files: z.array(text),
    outside: z.array(text),
    /** Sentences about its files for a person. */
    warnings: z.optional(z.array(text)),
  }),
  z.object({
    type: z.literal('task.checked'),
    task: text,
    attempt: z.number(),
    verdict: z.enum(['green', 'red', 'conflict']),
    tip: commit,
    commit: z.nullable(commit),
    conflicts: z.array(text),
    results: z.array(checkResult),
  }),
  z.object({
    type: z.literal('merge.started'),
    task: text,
    attempt: z.number(),
    ref: text,
    old: z.nullable(commit),
    new: commit,
  }),
  z.object({ type: z.literal('merge.finished'), task: text, attempt: z.number(), commit }),
  z.object({
    type: z.literal('task.parked'),
    task: text,
    reason: text,
    wip: z.nullable(commit),
    /** The branch of the user's repository that holds the work so far; absent when there is none. */
    branch: z.optional(text),
  }),
  z.object({
    type: z.literal('undo.started'),
    tasks: z.array(text),
    ref: text,
    old: commit,
    new: commit,
    results: z.array(checkResult),
  }),
  z.object({ type: z.literal('undo.finished'), tasks: z.array(text), commit }),
  z.object({ type: z.literal('apply.finished'), commit, branch: text }),
  z.object({ type: z.literal('command.received'), command: text, by: text }),
  z.object({
    type: z.literal('run.finished'),
    outcome: z.enum(['done', 'incomplete', 'failed', 'declined', 'limit', 'stopped', 'planned']),
    exitCode: z.number(),
    reason: text,
    advice: z.optional(text),
    code: z.optional(text),
  }),
]);
export type EventBody = z.infer<typeof eventBody>;
export type EventType = EventBody['type'];

export type EventHead = { seq: number; at: string; run: string; v: number };
export type Event = EventHead & EventBody;
export type EventOf<Type extends EventType> = EventHead & Extract<EventBody, { type: Type }>;

export const eventHead = z.object({ seq: z.number(), at: z.string(), run: z.string(), v: z.number() });
export const event = z.intersection(eventHead, eventBody);
