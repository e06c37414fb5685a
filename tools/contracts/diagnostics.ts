import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const diagnosticsArguments = z.object({ path: z.string().check(z.minLength(1)) });
export type DiagnosticsArguments = z.infer<typeof diagnosticsArguments>;

export const diagnostics: Tool<DiagnosticsArguments> = {
  name: 'diagnostics',
  description:
    'Errors and warnings of one file as its language server sees them, with the configuration of the repository. ' +
    'One line each: `line:column severity message`. Fast: use it after an edit, before running the checks.',
  arguments: diagnosticsArguments,
  writes: false,
  effects: ({ path }) => [{ kind: 'read', path }],
};
