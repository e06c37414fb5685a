import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const runCommandArguments = z.object({
  command: z.string().check(z.minLength(1)),
  /** Folder to run in, relative to the work tree's top. */
  directory: z._default(z.string(), '.'),
  /** Deadline in milliseconds; the host's limit (limits.command_seconds) counts when it is lower or none is given. */
  timeout_ms: z.optional(z.int().check(z.minimum(1))),
  /** Whether its outputs are a terminal. */
  terminal: z.optional(z.boolean()),
  /** Whether it goes on while the agent works: a server, a watcher. */
  background: z.optional(z.boolean()),
});
export type RunCommandArguments = z.infer<typeof runCommandArguments>;

/** The pure half only: the act is the `run` order of the hands' protocol. */
export const runCommand: Tool<RunCommandArguments> = {
  name: 'run_command',
  description:
    'Run a command line with bash (sh where there is none) in the work tree: no network, nothing to read from standard input. ' +
    'With `terminal`, for programs that behave otherwise on one, it prints to a terminal of 120 columns, and what stands ' +
    'on its screen at the end is the output. ' +
    'Answers exit status and the end of the output; processes that the line leaves behind are ended. ' +
    'With `background`, for a server or a watcher, it answers an id at once: see the tool command.',
  arguments: runCommandArguments,
  writes: 'commands',
  effects: ({ command, directory }) => [{ kind: 'run', command, directory }],
};
