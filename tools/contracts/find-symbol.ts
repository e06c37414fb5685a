import * as z from 'zod/mini';
import type { Tool } from './tool.ts';

const findSymbolArguments = z.object({ query: z.string().check(z.minLength(1)) });
export type FindSymbolArguments = z.infer<typeof findSymbolArguments>;

export const findSymbol: Tool<FindSymbolArguments> = {
  name: 'find_symbol',
  description:
    'Find declarations by name or part of a name across the workspace (TypeScript, JavaScript). One line each: ' +
    '`path:line:column kind name`. Best matches first.',
  arguments: findSymbolArguments,
  writes: false,
  effects: () => [{ kind: 'read', path: '.' }],
};
