import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const moveModuleArguments = z.object({
  /** A file or folder, relative to the workspace: `src/a` may be src/a.ts, `src/a/` is a folder, `src/a/*` all in it. */
  from: z.string().check(z.minLength(1)),
  /** Its new path; an existing folder, or one written with a `/` at the end, takes it under its old name. */
  to: z.string().check(z.minLength(1)),
  dry_run: z._default(z.boolean(), false),
});
export type MoveModuleArguments = z.infer<typeof moveModuleArguments>;

export const moveModule: Tool<MoveModuleArguments> = {
  name: 'move_module',
  description:
    'Move or rename a source file or a folder (or all in it: from "src/a/*") and fix every import of it and in it, in the ' +
    'style of each, and paths in package.json and tsconfig. Answers a report in JSON that names what it leaves. dry_run only looks.',
  arguments: moveModuleArguments,
  writes: 'files',
  isRefactoring: true,
  effects: () => [{ kind: 'read', path: '.' }],
};
