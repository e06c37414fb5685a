import * as z from 'zod/mini';

/**
 * For how long an answer counts: this call, whatever this task or this run asks of the same pattern (or, without one, of
 * exactly the same), or every run of this user from now on.
 */
export const approvalScope = z.enum(['once', 'task', 'run', 'always']);
export type ApprovalScope = z.infer<typeof approvalScope>;

/** Exactly what is asked for. */
export const exactCall = z.object({
  tool: z.string(),
  /** What a person reads first: the command line, or what is done to which files. */
  summary: z.string(),
  /** For `sh -c`; absent: the call runs no command. */
  command: z.optional(z.string()),
  /** Where it works: absolute. */
  directory: z.string(),
  /** Variables that it gets beside those that every command has. */
  environment: z.record(z.string(), z.string()),
  /** Files that it writes, relative to the work tree's top; and where they are: absolute, symbolic links followed. */
  files: z.array(z.string()),
  /** Files that it reads and may not without an answer, as the call names them. */
  reads: z.array(z.string()),
  paths: z.array(z.string()),
  /** The beginning of what would be written, for a person to read. */
  preview: z.optional(z.array(z.string())),
  /** SHA-256 (hex) over all of the above, the files of the work tree that a command names, the arguments and the bytes of computed changes. */
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

/** Null: it is nothing that `writeAnswer` wrote. */
export function readAnswer(argument: string): Answer | null {
  try {
    return answer.parse(JSON.parse(argument));
  } catch {
    return null;
  }
}
