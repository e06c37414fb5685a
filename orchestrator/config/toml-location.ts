import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { nearest } from '../../ipc/nearest.ts';

z.config(en()); // zod/mini says only 'Invalid input' without a language

type Issue = z.core.$ZodIssue;

/** A schema's error in words, and the path of its key. */
export function describeIssue(issue: Issue, schema: z.ZodMiniType): { path: PropertyKey[]; what: string } {
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const known = keysAt(schema, issue.path);
    const meant = nearest(key, known);
    const hint = meant === null ? `known keys: ${known.join(', ')}` : `did you mean ${meant}?`;
    return { path: [...issue.path, key], what: `unknown key ${[...issue.path, key].join('.')}; ${hint}` };
  }
  const name = issue.path.join('.');
  // A wrong name of a table is told by what is wrong with the name.
  const inner = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  const message = (inner ?? issue.message).replace(/^Invalid input: /, '');
  return { path: issue.path, what: `${name}: ${message === 'Invalid input' ? `not a valid value` : message}` };
}

/** The allowed names in the place of an unknown key; empty when the schema has no named keys there. */
function keysAt(schema: z.ZodMiniType, path: PropertyKey[]): string[] {
  let here: unknown = schema;
  for (const key of path) here = step(unwrap(here), key);
  const shape = (unwrap(here) as { def?: { shape?: object } } | undefined)?.def?.shape;
  return shape ? Object.keys(shape) : [];
}

function unwrap(schema: unknown): unknown {
  const inner = (schema as { def?: { innerType?: unknown } } | undefined)?.def?.innerType;
  return inner === undefined ? schema : unwrap(inner);
}

function step(schema: unknown, key: PropertyKey): unknown {
  const def = (schema as { def?: { shape?: Record<PropertyKey, unknown>; valueType?: unknown; element?: unknown } })
    ?.def;
  return def?.shape?.[key] ?? def?.valueType ?? def?.element;
}

/** The line (from 1) of the key that `path` names in a TOML text: its table's header, then the key below it. */
export function lineOf(text: string, path: PropertyKey[]): number {
  const lines = text.split('\n');
  const keys = path.filter((part) => typeof part === 'string') as string[];
  for (let tables = keys.length; tables >= 0; tables -= 1) {
    const header = keys.slice(0, tables).join('.');
    const start =
      tables === 0 ? 0 : lines.findIndex((line) => line.replace(/\s/g, '').match(/^\[+([^\]]+)\]/)?.[1] === header);
    if (start === -1) continue;
    const key = keys[tables];
    if (key === undefined) return start + 1;
    const found = lines.findIndex((line, at) => at >= start && line.trimStart().startsWith(key));
    return (found === -1 ? start : found) + 1;
  }
  return 1;
}
