import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const renameSymbolArguments = z.object({
  /** `name`, or `Container.member` for a member of a class, interface, enum, object or namespace. */
  symbol: z.string().check(z.minLength(1)),
  to: z.string().check(z.minLength(1)),
  /** `path`, `path:line` or `path:line:column` of the declaration, from 1: which one, when there are several. */
  at: z.optional(z.string()),
  /** Further declarations that are renamed with it, as `at` or `symbol` say them: an interface and its JavaScript. */
  also: z.optional(z.array(z.string())),
  /** Strings, comments and documents that hold the name as a word of its own are renamed too. */
  text: z.optional(z.boolean()),
  /** Places that could not be decided are renamed too, and the renamed texts are compared again. */
  take_unplaced: z.optional(z.boolean()),
  dry_run: z._default(z.boolean(), false),
  /** Globs: only files that match are changed; sites elsewhere are reported as still to do. */
  scope: z.optional(z.array(z.string())),
});
export type RenameSymbolArguments = z.infer<typeof renameSymbolArguments>;

export const renameSymbol: Tool<RenameSymbolArguments> = {
  name: 'rename_symbol',
  description:
    'Rename a function, class, type, interface, enum, constant, method, property or enum member everywhere, by meaning: ' +
    'strings, comments and other symbols of the same name stay. symbol is `name` or `Class.method`; at ' +
    '(`path:line`) says which declaration when there are several, also which others follow it. text takes strings, ' +
    'comments and documents too, take_unplaced what could not be decided. Answers a report in JSON; status other than `ok` ' +
    'says why and what to do. dry_run only looks.',
  arguments: renameSymbolArguments,
  writes: 'files',
  isRefactoring: true,
  effects: () => [{ kind: 'read', path: '.' }],
};
