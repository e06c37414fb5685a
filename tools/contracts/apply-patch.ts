import * as z from 'zod/mini';
import { parsePatch, withPatchPaths } from './patch.ts';
import type { Effect, Tool } from './tool.ts';

const applyPatchArguments = z.object({ input: z.string().check(z.minLength(1)) });
export type ApplyPatchArguments = z.infer<typeof applyPatchArguments>;

export const applyPatch: Tool<ApplyPatchArguments> = {
  name: 'apply_patch',
  description:
    'Edit files by a patch: `*** Begin Patch`, sections `*** Update File: path` (then perhaps `*** Move to: path`; hunks ' +
    'of ` `context, `-`old, `+`new lines, each after `@@` or `@@ line before it`), `*** Add File: path` (`+` lines), ' +
    '`*** Delete File: path`, `*** End Patch`. All of it is done, or nothing.',
  arguments: applyPatchArguments,
  writes: 'files',
  effects({ input }) {
    const patch = parsePatch(input);
    if (typeof patch === 'string') return [];
    return patch.flatMap((section): Effect[] => [
      ...(section.kind === 'add' ? [] : [{ kind: 'read' as const, path: section.path }]),
      { kind: 'write', path: section.path },
      ...(section.kind === 'update' && section.to !== undefined ? [{ kind: 'write' as const, path: section.to }] : []),
    ]);
  },
  withPaths: ({ input }, map) => ({ input: withPatchPaths(input, map) }),
};
