import type * as z from 'zod/mini';
import { quotedLine } from './quoted-line.ts';

/** Values of arguments as models send them, turned into the kind that the schema wants where that is certain. Pure. */
export type Schema = z.ZodMiniType<unknown>;

type Definition = {
  type: string;
  innerType?: { def: Definition };
  element?: { def: Definition; shape?: Record<string, Schema> };
};

/** The arguments of a tool by name; none for a schema that is no object. */
export function shapeOf(schema: Schema): Record<string, Schema> {
  return 'shape' in schema ? (schema.shape as Record<string, Schema>) : {};
}

/** The parts of the objects in a list; undefined: it is no list of objects. */
export function elementOf(schema: Schema): Record<string, Schema> | undefined {
  return innermost(schema).element?.shape;
}

function innermost(schema: Schema): Definition {
  let { def } = schema as unknown as { def: Definition };
  while (def.innerType) def = def.innerType.def;
  return def;
}

function isOptional(schema: Schema): boolean {
  return ['optional', 'default'].includes((schema as unknown as { def: Definition }).def.type);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `path`: the file that the call is about, as it was sent. */
type Place = { tool: string; name: string; path?: unknown };

/** The value in the wanted kind; as it is where no kind is certain, so that the schema's own check names the fault. */
export function fitted(value: unknown, schema: Schema, place: Place, problems: string[]): unknown {
  const { type, element } = innermost(schema);
  if (value === '' && isOptional(schema) && !texts.has(place.name)) return undefined;
  if (type === 'number' || type === 'int') return asNumber(value, place);
  if (type === 'boolean') return asBoolean(value);
  if (type === 'string') return asText(value, place, problems);
  if (type === 'enum') return asChoice(value, place);
  if (type === 'array') return asList(value, element?.def.type === 'string');
  if (type === 'record' && typeof value === 'string') return parsed(value, isRecord) ?? value;
  return value;
}

/** Texts that may be empty and mean it; an empty path or glob means none. */
const texts = new Set(['old_text', 'new_text', 'content', 'text', 'rewrite']);

function asNumber(value: unknown, { name }: Place): unknown {
  const number = typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  // Lines are counted from 1 here: an offset of 0, as others count, is the same place.
  return name === 'offset' && number === 0 ? 1 : number;
}

function asBoolean(value: unknown): unknown {
  if (value === 1 || value === 0) return value === 1;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  return word === 'true' ? true : word === 'false' ? false : value;
}

function asText(value: unknown, place: Place, problems: string[]): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const isCommand = place.tool === 'run_command' && place.name === 'command';
  if (isCommand && typeof value === 'string' && /^\s*\[\s*"/.test(value))
    return asText(parsed(value, Array.isArray) ?? '', place, problems) || value;
  if (Array.isArray(value)) {
    const words = value.map((word) => (typeof word === 'number' ? String(word) : word));
    if (words.every((word) => typeof word === 'string')) {
      if (isCommand && words.length > 0)
        // One word with spaces is a whole line that was put into a list.
        return words.length === 1 ? words[0] : quotedLine(words);
      if (words.length === 1 && place.name !== 'content') return words[0];
    }
  }
  if (place.name !== 'content' || typeof value !== 'object') return value;
  // A file of JSON is the one that an object certainly stands for.
  if (typeof place.path === 'string' && /\.(json|ipynb|webmanifest)$/i.test(place.path))
    return `${JSON.stringify(value, null, place.path.endsWith('.ipynb') ? 1 : 2)}\n`;
  const kind = Array.isArray(value) ? 'a list' : 'an object';
  problems.push(`content is ${kind}, not text: send the text of the file as one string`);
  return undefined;
}

/** Words for a state of work that certainly mean one of ours. */
const states: Record<string, string> = {
  ...{ completed: 'done', complete: 'done', finished: 'done', success: 'done', succeeded: 'done' },
  ...{ not_started: 'pending', todo: 'pending', open: 'pending', doing: 'in_progress', active: 'in_progress' },
  canceled: 'cancelled',
};

function asChoice(value: unknown, { name }: Place): unknown {
  const word = typeof value === 'string' ? value.trim().toLowerCase().replace(/[- ]/g, '_') : value;
  const isState = name === 'status' || name === 'outcome';
  return isState && typeof word === 'string' ? (states[word] ?? word) : word;
}

function asList(value: unknown, ofText: boolean): unknown {
  if (typeof value === 'string') {
    const list = value.trimStart().startsWith('[') ? parsed(value, Array.isArray) : undefined;
    return list ?? (ofText ? [value] : value);
  }
  return value;
}

function parsed<Value>(text: string, isWanted: (value: unknown) => value is Value): Value | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isWanted(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
