import * as z from 'zod/mini';
import { usage } from './message.ts';
import { checkResult, estimate, site } from './plan.ts';

/** The machine-readable account of a run, made from its log at any time; final once `state` is `finished`. */
export const manifestTask = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['waiting', 'working', 'checking', 'merging', 'merged', 'parked', 'undone']),
  attempts: z.number(),
  restarts: z.number(),
  commit: z.nullable(z.string()),
  files: z.array(z.string()),
  sites: z.object({ total: z.number(), done: z.number() }),
  reason: z.string(),
  /** Unfinished work of a parked task, as a commit in vtcode's private repository. */
  wip: z.nullable(z.string()),
  /** The branch of the user's repository that holds the same; absent when it could not be made. */
  wipBranch: z.optional(z.string()),
  checks: z.array(checkResult),
});

export const manifest = z.object({
  version: z.literal(1),
  run: z.string(),
  goal: z.string(),
  /** The stage, one of six fixed values, for programs. */
  state: z.enum(['preparing', 'planning', 'waiting', 'working', 'interrupted', 'finished']),
  /** The same more exactly, in the words of `vtcode ps`: `stopped`, `at a limit`, `waiting for you` … */
  word: z.string(),
  outcome: z.nullable(z.string()),
  exitCode: z.nullable(z.number()),
  reason: z.string(),
  advice: z.string(),
  repository: z.object({ root: z.string(), branch: z.nullable(z.string()), head: z.string() }),
  base: z.nullable(z.string()),
  branch: z.string(),
  tip: z.nullable(z.string()),
  /** Whether every merged tree passed at least one check that can fail. */
  verified: z.boolean(),
  checks: z.array(
    z.object({ name: z.string(), command: z.string(), base: z.nullable(checkResult), dropped: z.boolean() }),
  ),
  tasks: z.array(manifestTask),
  sites: z.object({
    total: z.number(),
    done: z.number(),
    otherSymbol: z.number(),
    text: z.number(),
    unplaced: z.number(),
  }),
  unplaced: z.array(site),
  /** Strings, comments and documents that name what has changed, where they lie; the first 200. */
  mentions: z._default(z.array(site), []),
  estimate: z.nullable(estimate),
  usage: z.extend(usage, { calls: z.number() }),
  /** Answered calls by model. */
  models: z.record(z.string(), z.number()),
  /** Every change from one model to another, with the reason; only the newest if there are very many. */
  switches: z.array(
    z.object({ agent: z.string(), from: z.string(), to: z.string(), reason: z.string(), at: z.string() }),
  ),
  startedAt: z.string(),
  updatedAt: z.string(),
  walls: z.string(),
  warnings: z.array(z.string()),
  events: z.number(),
  logHead: z.string(),
});
export type Manifest = z.infer<typeof manifest>;
export type ManifestTask = z.infer<typeof manifestTask>;
