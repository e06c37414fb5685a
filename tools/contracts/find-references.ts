import { atPlace, type PlaceArguments } from './location-arguments.ts';
import type { Tool } from './tool.ts';

export const findReferences: Tool<PlaceArguments> = {
  name: 'find_references',
  description:
    'Every use of the symbol at a place (line and column from 1), its declaration included, in all source files of the workspace.',
  arguments: atPlace,
  writes: false,
  effects: () => [{ kind: 'read', path: '.' }],
};
