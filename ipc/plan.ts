import * as z from 'zod/mini';

/**
 * Site: one place of the repository that a mechanical goal must examine.
 *
 * placement says what was found there: `target` is to be changed; `other_symbol` has the same name but means something
 * else; `text` is a string or a comment; `unplaced` could not be decided.
 * Lines and columns count from 1; columns count UTF-16 code units, as editors do.
 */
export const site = z.object({
  path: z.string(),
  line: z.number(),
  column: z.number(),
  placement: z.enum(['target', 'other_symbol', 'text', 'unplaced']),
  status: z.enum(['todo', 'done', 'left']),
  reason: z.optional(z.string()),
});
export type Site = z.infer<typeof site>;

/** A command whose exit status decides. `command` is a shell line run by `sh -c` in `directory` inside the walls. */
export const check = z.object({
  name: z.string(),
  command: z.string(),
  directory: z._default(z.string(), '.'),
  timeoutMs: z._default(z.number(), 600_000),
});
export type Check = z.infer<typeof check>;

/** How a check ended. */
export const checkResult = z.object({
  name: z.string(),
  command: z.string(),
  /**
   * `no_worse`: it failed on the base as well, and shows no more failures than there. `cannot_run`: a program that it
   * starts is not there, neither on the base nor now: it says nothing about the work.
   */
  outcome: z.enum(['passed', 'failed', 'no_worse', 'cannot_run']),
  exitCode: z.nullable(z.number()),
  timedOut: z.boolean(),
  durationMs: z.number(),
  failures: z.number(),
  /** The number of passed tests in its output; absent when the output names none. */
  tests: z.optional(z.number()),
  tail: z.string(),
  outputPath: z.string(),
});
export type CheckResult = z.infer<typeof checkResult>;

/** Write scopes are glob patterns over POSIX paths relative to the work tree's top. */
export const task = z.object({
  id: z.string(),
  title: z.string(),
  prompt: z.string(),
  role: z._default(z.string(), 'coder'),
  /** A process of its own works on it, beside the foreground agents. */
  background: z.optional(z.boolean()),
  after: z._default(z.array(z.string()), []),
  scope: z.array(z.string()),
  checks: z._default(z.array(z.string()), []),
  sites: z._default(z.array(site), []),
});
export type Task = z.infer<typeof task>;

export const estimate = z.object({
  modelCalls: z.number(),
  tokens: z.number(),
  usd: z.number(),
  seconds: z.number(),
  /** The upper bound for nine of ten such plans; `tokens` and `usd` are the bound for half of them. */
  tokensP90: z.optional(z.number()),
  usdP90: z.optional(z.number()),
});
export type Estimate = z.infer<typeof estimate>;

/** A run's plan: a directed acyclic graph of tasks (`after` names the tasks a task waits for). */
export const plan = z.object({
  goal: z.string(),
  summary: z._default(z.string(), ''),
  tasks: z.array(task),
  checks: z._default(z.array(check), []),
  sites: z._default(z.array(site), []),
  estimate: z.optional(estimate),
});
export type Plan = z.infer<typeof plan>;
