import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const listFilesArguments = z.object({
  /** Folder to list, with everything below it. */
  path: z._default(z.string(), '.'),
  /** Only paths that match, e.g. `**` + `/*.ts`; counted from `path`. */
  glob: z.optional(z.string()),
  limit: z._default(z.int().check(z.minimum(1)), 500),
});
export type ListFilesArguments = z.infer<typeof listFilesArguments>;

export const listFiles: Tool<ListFilesArguments> = {
  name: 'list_files',
  description:
    'List the files below a folder, sorted, without those that git ignores. `glob` narrows (`**/*.ts`, `!dist/**`).',
  arguments: listFilesArguments,
  writes: false,
  effects: ({ path }) => [{ kind: 'read', path }],
};
