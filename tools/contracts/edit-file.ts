import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const editFileArguments = z.object({
  path: z.string().check(z.minLength(1)),
  /** Text as it is in the file; must be there exactly once unless `replace_all`. */
  old_text: z.string().check(z.minLength(1)),
  new_text: z.string(),
  replace_all: z._default(z.boolean(), false),
});
export type EditFileArguments = z.infer<typeof editFileArguments>;

export const editFile: Tool<EditFileArguments> = {
  name: 'edit_file',
  description:
    'Replace `old_text` by `new_text` in a file. `old_text` must be copied exactly (spaces count; line ends do not) and ' +
    'be there once; add lines around it to make it unique, or set `replace_all`.',
  arguments: editFileArguments,
  writes: 'files',
  effects: ({ path }) => [
    { kind: 'read', path },
    { kind: 'write', path },
  ],
};
