import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const readFileArguments = z.object({
  path: z.string().check(z.minLength(1)),
  /** First line wanted, counted from 1. */
  offset: z._default(z.int().check(z.minimum(1)), 1),
  /** Most lines wanted. */
  limit: z._default(z.int().check(z.minimum(1)), 2_000),
  /** Of a PDF: pages and ranges of them, e.g. `1-3,8`. */
  pages: z.optional(z.string()),
});
export type ReadFileArguments = z.infer<typeof readFileArguments>;

export const readFile: Tool<ReadFileArguments> = {
  name: 'read_file',
  description:
    'Read a text file: its lines as they are, from line `offset` (1), at most `limit` (2000). Shows images, the text of ' +
    'PDFs (`pages`: "1-3,8") and the cells of notebooks. When something is left out, the last line says where to go on.',
  arguments: readFileArguments,
  writes: false,
  effects: ({ path }) => [{ kind: 'read', path }],
};
