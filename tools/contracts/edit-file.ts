import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const oneEdit = z.strictObject({
  old_text: z.string(),
  new_text: z.string(),
  replace_all: z._default(z.boolean(), false),
});
export type OneEdit = z.infer<typeof oneEdit>;

const editFileArguments = z.object({
  path: z.string().check(z.minLength(1)),
  /** Text as it is in the file; must be there exactly once unless `replace_all`. Empty: the file is new. */
  old_text: z.optional(z.string()),
  new_text: z.optional(z.string()),
  replace_all: z.optional(z.boolean()),
  /** Several at once, each in the text that the one before left. */
  edits: z.optional(z.array(oneEdit).check(z.minLength(1))),
  /** How often the old text must be there. */
  expected: z.optional(z.int().check(z.minimum(1))),
  /** Puts new_text behind this line; 0: at the beginning. */
  insert_line: z.optional(z.int().check(z.minimum(0))),
});
export type EditFileArguments = z.infer<typeof editFileArguments>;

export const editFile: Tool<EditFileArguments> = {
  name: 'edit_file',
  description:
    'Replace `old_text` by `new_text` in a file, or several by `edits`. `old_text` must be copied exactly (spaces count; ' +
    'line ends do not) and be there once: add lines around it, or set `replace_all`. Empty `old_text`: a new file.',
  arguments: editFileArguments,
  hidden: ['expected', 'insert_line'],
  writes: 'files',
  effects: ({ path }) => [
    { kind: 'read', path },
    { kind: 'write', path },
  ],
};
