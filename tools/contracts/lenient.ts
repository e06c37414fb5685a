import type * as z from 'zod/mini';
import { nearest } from '../../ipc/nearest.ts';
import { already, comments, otherArguments, otherParts, partComments } from './argument-names.ts';
import { spelledOut } from './argument-ranges.ts';
import { elementOf, fitted, isRecord, type Schema, shapeOf } from './argument-values.ts';
import { brokenArguments } from './broken-arguments.ts';
import type { Tool } from './tool.ts';

/**
 * Reads the arguments of a call as a model sent them. Models know the tools of other agents: what certainly means one of
 * our arguments is taken for it (another name, a number in quotes, null for nothing). An argument that is not known is a
 * problem that names the known ones: nothing with an effect is left out in silence. Pure.
 *
 * `given`: the arguments by our names, as they were sent; `parsed`: checked, with defaults.
 */
export type Understood = { given: Record<string, unknown>; parsed: unknown } | { problem: string };

type Given = Record<string, unknown>;

export function understand(tool: Tool<unknown>, raw: unknown): Understood {
  const problems: string[] = [];
  const shape = shapeOf(tool.arguments);
  const spelled = spelledOut(tool.name, inSnakeCase(unwrapped(tool, shape, raw, problems), shape), problems);
  const named = problems.length > 0 ? {} : ourNames(spelled, shape, tool.name, problems);
  const given: Given = {};
  for (const [name, value] of Object.entries(named)) {
    const whole = shape[name] && withParts(asParts(value, shape[name]), shape[name], `${tool.name}.${name}`, problems);
    const fit = fitted(whole, shape[name]!, { tool: tool.name, name, path: spelled.path }, problems);
    if (fit !== undefined) given[name] = fit;
  }
  if (problems.length > 0) return { problem: `${problems.join('; ').replace(/\.$/, '')}.` };
  const parsed = tool.arguments.safeParse(given);
  if (parsed.success) return { given, parsed: parsed.data };
  return { problem: `${parsed.error.issues.map((issue) => issueText(issue, given, shape)).join('; ')}.` };
}

/** One object where a list of them is wanted is a list of one. */
function asParts(value: unknown, schema: Schema): unknown {
  return isRecord(value) && elementOf(schema) !== undefined ? [value] : value;
}

/** The arguments of a tool by name, in one line. */
export function argumentList(tool: Tool<unknown>): string {
  return Object.keys(shapeOf(tool.arguments)).join(', ') || 'none';
}

/** Names under which models wrap the arguments once more. */
const wrappers = new Set(['arguments', 'args', 'parameters', 'params', 'input', 'kwargs', 'tool_input', 'properties']);

/** Names beside the arguments of a whole call that was put into them. */
const callNames = new Set(['name', 'tool', 'tool_name', 'function', 'type', 'id']);

/** The object of arguments: parsed once more, or taken out of what is wrapped around it. */
function unwrapped(tool: Tool<unknown>, shape: Record<string, Schema>, raw: unknown, problems: string[]): Given {
  if (raw === null || raw === undefined || raw === '') return {};
  if (Array.isArray(raw) && raw.length === 1 && isRecord(raw[0])) return unwrapped(tool, shape, raw[0], problems);
  if (typeof raw === 'string') return fromText(tool, shape, raw, problems);
  if (!isRecord(raw)) {
    problems.push(`the arguments are ${Array.isArray(raw) ? 'a list' : `a ${typeof raw}`}, not an object`);
    return {};
  }
  const names = Object.keys(raw).filter((name) => name in shape || !callNames.has(name));
  const [only, ...more] = names;
  if (only === undefined || more.length > 0 || only in shape) return raw;
  const inner = raw[only];
  const isWrapper = wrappers.has(only) || only === tool.name;
  if (isWrapper && isRecord(inner)) return unwrapped(tool, shape, inner, problems);
  if (isWrapper && typeof inner === 'string' && inner.trimStart().startsWith('{'))
    return fromText(tool, shape, inner, problems);
  return raw;
}

function fromText(tool: Tool<unknown>, shape: Record<string, Schema>, text: string, problems: string[]): Given {
  // A tool of one text may be given that text alone.
  const [only, ...more] = Object.keys(shape);
  if (tool.name === 'apply_patch' && only !== undefined && more.length === 0 && text.includes('*** Begin Patch'))
    return { [only]: text };
  try {
    return unwrapped(tool, shape, JSON.parse(text), problems);
  } catch {
    problems.push(brokenArguments(text) ?? 'The arguments are text');
    return {};
  }
}

/** Names as our tools spell them, without arguments that hold nothing. A name that is ours is left alone. */
function inSnakeCase(raw: Given, shape: Record<string, Schema>): Given {
  const entries = Object.entries(raw).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name in shape ? name : snakeCase(name), value]));
}

/** `filePath`, `file-path` and `-A` as `file_path` and `a`. */
export function snakeCase(name: string): string {
  return name
    .replace(/^-+/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[-\s.]+/g, '_')
    .toLowerCase();
}

/** The same arguments under our names; `what` is the tool, or `tool.argument` for the parts of a list. */
function ourNames(raw: Given, shape: Record<string, Schema>, what: string, problems: string[]): Given {
  const others = { ...otherArguments[what], ...otherParts[what] };
  const ours: Given = {};
  const by: Record<string, string> = {};
  for (const [name, value] of Object.entries(raw)) {
    const own = name in shape ? name : Object.keys(others).find((one) => one in shape && others[one]?.includes(name));
    if (own === undefined) {
      if (!asksNothing(what, name, value)) problems.push(unknown(name, shape, what));
    } else if (own in ours && JSON.stringify(ours[own]) !== JSON.stringify(value)) {
      problems.push(`${own} is given twice, as ${by[own]} and as ${name}`);
    } else {
      ours[own] = value;
      by[own] = name;
    }
  }
  return ours;
}

function asksNothing(what: string, name: string, value: unknown): boolean {
  if (comments.has(name) || (what.includes('.') && partComments.has(name))) return true;
  const plain = value === 'true' ? true : value === 'false' ? false : value;
  return already[what]?.[name]?.includes(plain) ?? false;
}

function unknown(name: string, shape: Record<string, Schema>, what: string): string {
  const known = Object.keys(shape);
  const meant = nearest(name, known);
  const hint = meant ? `did you mean ${meant}? ` : '';
  const place = what.includes('.') ? ` in ${what.slice(what.indexOf('.') + 1)}` : '';
  return `there is no argument ${name}${place} (${hint}known: ${known.join(', ')})`;
}

/** A list of objects whose parts have our names; anything else as it is. */
function withParts(value: unknown, schema: Schema, what: string, problems: string[]): unknown {
  const parts = elementOf(schema);
  if (!parts || !otherParts[what]) return value;
  const list = typeof value === 'string' ? parsedList(value) : value;
  const all = isRecord(list) ? [list] : list;
  if (!Array.isArray(all)) return value;
  return all.map((one) => {
    if (typeof one === 'string' && what === 'todo.items') return { text: one };
    if (!isRecord(one)) return one;
    const named = ourNames(inSnakeCase(one, parts), parts, what, problems);
    return Object.fromEntries(
      Object.entries(named).map(([name, part]) => [name, fitted(part, parts[name]!, { tool: what, name }, problems)]),
    );
  });
}

function parsedList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

type Issue = z.core.$ZodIssue;

/** One fault of the arguments in words, e.g. `path is missing`. */
function issueText(issue: Issue, given: Given, shape: Record<string, Schema>): string {
  const place = issue.path.map(String).join('.') || 'the arguments';
  const value = issue.path.reduce<unknown>((whole, part) => (whole as Given | undefined)?.[String(part)], given);
  if (issue.code === 'invalid_type')
    return value === undefined
      ? `${place} is missing (known: ${Object.keys(shape).join(', ')})`
      : `${place} must be ${article(issue.expected)}, not ${article(kindOfValue(value))}`;
  if (issue.code === 'invalid_value') return `${place} must be one of ${issue.values.join(', ')}`;
  if (issue.code === 'unrecognized_keys') return `there is no ${issue.keys.join(', ')} in ${place}`;
  if (issue.code === 'too_small')
    return issue.origin === 'string' || issue.origin === 'array'
      ? `${place} is empty`
      : `${place} must be at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `${place} must be at most ${issue.maximum}`;
  return `${place}: ${issue.message}`;
}

function article(kind: string): string {
  return kind === 'int'
    ? 'a whole number'
    : `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind === 'array' ? 'list' : kind}`;
}

function kindOfValue(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}
