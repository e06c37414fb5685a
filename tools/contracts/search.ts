import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const searchArguments = z.object({
  pattern: z.string().check(z.minLength(1)),
  /** Take the pattern as plain text. */
  literal: z._default(z.boolean(), false),
  ignore_case: z._default(z.boolean(), false),
  /** Only whole words. */
  word: z._default(z.boolean(), false),
  path: z._default(z.string(), '.'),
  glob: z.optional(z.string()),
  /** Lines shown around each match. */
  context: z._default(z.int().check(z.minimum(0), z.maximum(20)), 0),
  limit: z._default(z.int().check(z.minimum(1)), 200),
  /** Only the paths of files with a match. */
  files_only: z._default(z.boolean(), false),
});
export type SearchArguments = z.infer<typeof searchArguments>;

export const search: Tool<SearchArguments> = {
  name: 'search',
  description:
    'Search file contents with a regular expression (Rust syntax), or plain text with `literal`. ' +
    'Answers `path:line:text`, sorted; files that git ignores are left out. `glob` narrows (`*.ts`).',
  arguments: searchArguments,
  writes: false,
  effects: ({ path }) => [{ kind: 'read', path }],
};
