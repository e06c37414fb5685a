import * as z from 'zod/mini';

/**
 * How long an answer counts: for this call, for all calls of this task or this run with the same pattern (or, without a
 * pattern, for exactly the same call), or for every run of this user from now on.
 */
export const approvalScope = z.enum(['once', 'task', 'run', 'always']);
export type ApprovalScope = z.infer<typeof approvalScope>;

/** The exact subject of the question. */
export const exactCall = z.object({
  tool: z.string(),
  /** The line that a person reads first: the command line, or the action and its files. */
  summary: z.string(),
  /** For `sh -c`; absent: the call runs no command. */
  command: z.optional(z.string()),
  /** The folder where the command runs: absolute. */
  directory: z.string(),
  /** Variables that it gets beside those of every command. */
  environment: z.record(z.string(), z.string()),
  /** Files that it writes, relative to the work tree's top; and their real paths: absolute, symbolic links followed. */
  files: z.array(z.string()),
  /** Files that it reads and that need an answer first, as the call names them. */
  reads: z.array(z.string()),
  paths: z.array(z.string()),
  /** Hosts that vtcode itself asks for a page; `web_search`: it has the web searched. */
  hosts: z.optional(z.array(z.string())),
  /** The beginning of the text to be written, for a person to read. */
  preview: z.optional(z.array(z.string())),
  /**
   * SHA-256 (hex) over all of the above, the files of the work tree that a command names, the arguments and the bytes
   * of computed changes.
   */
  digest: z.string(),
});
export type ExactCall = z.infer<typeof exactCall>;

/** A person's answer: the argument of the command `answer`. */
const answer = z.object({
  approval: z.string(),
  answer: z.enum(['allow', 'deny']),
  scope: approvalScope,
  reason: z.optional(z.string()),
});
export type Answer = z.infer<typeof answer>;

export function writeAnswer(said: Answer): string {
  return JSON.stringify(said);
}

/** Null: the text was not made by `writeAnswer`. */
export function readAnswer(argument: string): Answer | null {
  try {
    return answer.parse(JSON.parse(argument));
  } catch {
    return null;
  }
}
