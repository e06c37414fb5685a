import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const commandArguments = z.object({
  action: z.enum(['read', 'write', 'stop', 'list']),
  id: z.optional(z.string()),
  /** write: its standard input gets this text and a line end. */
  text: z.optional(z.string()),
  /** read: how long to wait for new output or the end, in seconds. */
  wait_seconds: z._default(z.number().check(z.minimum(0), z.maximum(300)), 0),
});
export type CommandArguments = z.infer<typeof commandArguments>;

/** Answered by the host, which keeps the output of background commands; the text of a `write` passes the gate as a line. */
export const command: Tool<CommandArguments> = {
  name: 'command',
  description:
    'Commands that run_command started with `background`: read (id) answers the output since the last read; write (id, text) gives it a line of input; stop (id); list. All end when you hand in.',
  arguments: commandArguments,
  writes: 'commands',
  effects: ({ action, text = '' }) => (action === 'write' ? [{ kind: 'run', command: text, directory: '.' }] : []),
};
