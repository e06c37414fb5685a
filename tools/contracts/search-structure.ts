import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const searchStructureArguments = z.object({
  pattern: z.string().check(z.minLength(1)),
  language: z.optional(z.string()),
  paths: z.optional(z.array(z.string())),
});
export type SearchStructureArguments = z.infer<typeof searchStructureArguments>;

/** Finds code by its structure: layout and comments do not matter, strings and comments are never hit by accident. */
export const searchStructure: Tool<SearchStructureArguments> = {
  name: 'search_structure',
  description:
    'Find code by structure with an ast-grep pattern: `$A` stands for one node, `$$$ARGS` for any number of them, e.g. ' +
    '`console.log($$$ARGS)`. Give `language` (typescript, javascript, tsx, jsx, css, html or an installed one) to narrow; ' +
    '`paths` are files, folders or globs. Answers `path:line:column: code`.',
  arguments: searchStructureArguments,
  writes: false,
  effects: (parsed) => (parsed.paths ?? ['.']).map((path) => ({ kind: 'read', path })),
};
