import { atPlace, type PlaceArguments } from './location-arguments.ts';
import type { Tool } from './tool.ts';

export const findDefinition: Tool<PlaceArguments> = {
  name: 'find_definition',
  description:
    'Where the symbol at a place (line and column from 1) is declared. Answers `path:line:column` and the line.',
  arguments: atPlace,
  writes: false,
  effects: () => [{ kind: 'read', path: '.' }],
};
