import { posix } from 'node:path';
import type { AgentState, OpenCall } from '../../state/run-state.ts';
import { applyPatch } from '../../tools/contracts/apply-patch.ts';
import { editFile } from '../../tools/contracts/edit-file.ts';
import { argumentList, understand } from '../../tools/contracts/lenient.ts';
import { ourCall } from '../../tools/contracts/other-names.ts';
import { withPatchPaths } from '../../tools/contracts/patch.ts';
import { runCommand } from '../../tools/contracts/run-command.ts';
import { type ShellPatch, shellPatch } from '../../tools/contracts/shell-patch.ts';
import type { Tool } from '../../tools/contracts/tool.ts';
import { toolbox } from '../../tools/contracts/toolbox.ts';

/**
 * A call in our words, also where its model uses other names for the tool and its arguments. Pure: the log holds the call as it was made,
 * and every host understands it the same way.
 *
 * `open`: the call with our name of the tool and of its arguments. `calledHere`: our name, where the model used another.
 */
export type Call = { open: OpenCall; definition: Tool<unknown>; parsed: unknown; calledHere?: string };
/** Why it is not carried out, for the model. */
export type Unclear = { problem: string; isUnknown: boolean; calledHere?: string };

/** `tools`: the names of the tools that the agent may use. */
export function understood(asked: OpenCall, agent: AgentState, tools: readonly string[]): Call | Unclear {
  const other = ourCall(asked.name, asked.arguments, (name) => toolbox.has(name));
  if (other && 'instead' in other)
    return { problem: `There is no tool ${asked.name} here: ${other.instead}.`, isUnknown: true };
  const name = other?.tool ?? asked.name;
  const definition = toolbox.get(name);
  if (!definition || !mayUse(name, tools)) return unknown(asked.name, tools);
  const calledHere = other && { calledHere: name };
  const found = understand(definition, other ? other.given : asked.arguments);
  // The other calls of the answer that was told had not been told yet.
  const isTold = !other || other.isSpelling || (agent.otherNames.get(asked.name) ?? agent.heard) < agent.heard;
  if (!isTold) return { problem: renamed(asked.name, definition, found), isUnknown: false, ...calledHere };
  if ('problem' in found) return { problem: unfit(found.problem), isUnknown: false, ...calledHere };
  const patch =
    name === runCommand.name && mayUse(applyPatch.name, tools) ? patchIn(asked.arguments, found.given) : null;
  if (typeof patch === 'string') return { problem: patch, isUnknown: false, ...calledHere };
  if (patch) return { ...asPatch(asked, patch), calledHere: applyPatch.name };
  return { open: { ...asked, name, arguments: found.given }, definition, parsed: found.parsed, ...calledHere };
}

/** The tools that edit files in the manners of two families of models: a role that has one may use both. */
const editTools: readonly string[] = [editFile.name, applyPatch.name];

function mayUse(name: string, tools: readonly string[]): boolean {
  return tools.includes(name) || (editTools.includes(name) && editTools.some((one) => tools.includes(one)));
}

/** A patch that a model gave to a shell command `apply_patch`. */
function patchIn(raw: unknown, given: Record<string, unknown>): ShellPatch | string | null {
  const sent = typeof raw === 'object' && raw !== null && 'command' in raw ? raw.command : undefined;
  const patch = shellPatch(Array.isArray(sent) ? sent : given.command);
  if (patch === null || typeof patch === 'string') return patch;
  const folders = [given.directory, patch.directory].filter((one): one is string => typeof one === 'string');
  const directory = folders.reduce((whole, one) => (posix.isAbsolute(one) ? one : posix.join(whole, one)), '.');
  return { ...patch, directory };
}

function asPatch(asked: OpenCall, { input, directory }: ShellPatch): Call {
  const below = (path: string) =>
    posix.isAbsolute(path) || directory === undefined ? path : posix.join(directory, path);
  const given = { input: withPatchPaths(input, below) };
  const open = { ...asked, name: applyPatch.name, arguments: given };
  return { open, definition: applyPatch as unknown as Tool<unknown>, parsed: given };
}

/** Longer arguments are named, not repeated, in characters. */
const repeatedMax = 400;

function renamed(name: string, tool: Tool<unknown>, found: ReturnType<typeof understand>): string {
  const head = `Here this tool is called ${tool.name}; its arguments: ${argumentList(tool)}.`;
  const tail = `From your next answer on ${name} is understood as well.`;
  if ('problem' in found) return `${head} Your call does not fit: ${found.problem} ${tail}`;
  const whole = JSON.stringify(found.given);
  const words = whole.length <= repeatedMax ? whole : `with ${Object.keys(found.given).join(', ')}`;
  return `${head} Nothing was done yet. Your call in its words: ${tool.name} ${words} ${tail}`;
}

/** Text that is no JSON is no matter of what fits. */
function unfit(problem: string): string {
  return problem.startsWith('The arguments') ? problem : `The arguments do not fit: ${problem}`;
}

function unknown(name: string, tools: readonly string[]): Unclear {
  return { problem: `There is no tool ${name} for you. You have: ${tools.join(', ')}.`, isUnknown: true };
}
