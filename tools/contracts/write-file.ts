import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const writeFileArguments = z.object({
  path: z.string().check(z.minLength(1)),
  content: z.string(),
  /** Only for a new file; an existing one keeps its mode. */
  executable: z._default(z.boolean(), false),
});
export type WriteFileArguments = z.infer<typeof writeFileArguments>;

export const writeFile: Tool<WriteFileArguments> = {
  name: 'write_file',
  description:
    'Create a file, or replace the whole content of one. For a change to an existing file prefer edit_file. ' +
    'A replaced file keeps its line ends, byte-order mark and mode.',
  arguments: writeFileArguments,
  writes: 'files',
  effects: ({ path }) => [{ kind: 'write', path }],
};
