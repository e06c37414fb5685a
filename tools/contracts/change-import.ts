import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const changeImportArguments = z.object({
  /**
   * A package or module as imports name it, exactly: `lodash` is not `lodash/get`. `lodash/*` means all sub-paths, and
   * then `to` may keep them (`lodash-es/*`). A path of the workspace (`src/api.ts`) means every import that leads there.
   */
  from: z.string().check(z.minLength(1)),
  to: z.string().check(z.minLength(1)),
  /** Exported name → its new name in the new module. Local names stay: `{ get }` becomes `{ fetch as get }`. */
  rename: z._default(z.record(z.string(), z.string()), {}),
  /** Globs: only files that match are looked at; the report says how many imports stay elsewhere. */
  paths: z.optional(z.array(z.string())),
  dry_run: z._default(z.boolean(), false),
});
export type ChangeImportArguments = z.infer<typeof changeImportArguments>;

export const changeImport: Tool<ChangeImportArguments> = {
  name: 'change_import',
  description:
    'Change where things are imported from, everywhere: import, export from, require, dynamic and type imports, mocks. ' +
    'from is exact (`lodash`), all sub-paths (`lodash/*` → `lodash-es/*`) or a file of the workspace. rename maps ' +
    'exported names to new ones. Answers a report in JSON; package.json is not edited. dry_run only looks.',
  arguments: changeImportArguments,
  writes: 'files',
  isRefactoring: true,
  effects: () => [{ kind: 'read', path: '.' }],
};
