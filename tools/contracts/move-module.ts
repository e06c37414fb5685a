import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const moveModuleArguments = z.object({
  /** A file or folder, relative to the workspace. */
  from: z.string().check(z.minLength(1)),
  /** Its new path; an existing folder, or one written with a `/` at the end, takes it under its old name. */
  to: z.string().check(z.minLength(1)),
  dry_run: z._default(z.boolean(), false),
});
export type MoveModuleArguments = z.infer<typeof moveModuleArguments>;

export const moveModule: Tool<MoveModuleArguments> = {
  name: 'move_module',
  description:
    'Move or rename a source file or a folder and fix every import of it and in it, in the style of each (relative, ' +
    'path alias, ending). Answers a report in JSON. dry_run only looks.',
  arguments: moveModuleArguments,
  writes: 'files',
  effects: () => [{ kind: 'read', path: '.' }],
};
