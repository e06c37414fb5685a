import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const rewriteStructureArguments = z.object({
  pattern: z.string().check(z.minLength(1)),
  rewrite: z.string(),
  language: z.optional(z.string()),
  paths: z.optional(z.array(z.string())),
  dry_run: z._default(z.boolean(), false),
});
export type RewriteStructureArguments = z.infer<typeof rewriteStructureArguments>;

/** Replaces every match of a code pattern by a template, in one pass: what the replacement brings in is left alone. */
export const rewriteStructure: Tool<RewriteStructureArguments> = {
  name: 'rewrite_structure',
  description:
    'Replace every match of an ast-grep pattern by a template with the same metavariables, e.g. `foo($A, $$$REST)` by ' +
    '`bar($$$REST)`. `dry_run` only reports. Give `language` and `paths` (files, folders, globs) to narrow. Answers a ' +
    'JSON report: status, counts, files.',
  arguments: rewriteStructureArguments,
  writes: 'files',
  isRefactoring: true,
  effects: (parsed) => (parsed.paths ?? ['.']).map((path) => ({ kind: 'read', path })),
};
