import { relative } from 'node:path';
import type { FileChange } from '../../ipc/changes.ts';
import type { ApplyPatchArguments } from '../contracts/apply-patch.ts';
import { type Patch, parsePatch, type Section } from '../contracts/patch.ts';
import type { Prepare, ToolContext } from '../contracts/tool.ts';
import { sha256Of } from './bytes.ts';
import { changeOf, type EditableFile, readBytes, readEditableFile } from './editable-file.ts';
import { editsOfHunks } from './hunks.ts';
import { editsOf, type Pieces, replaced, textOf, wholeOf } from './pieces.ts';

/** A file as the sections so far leave it. `old` null: it is new; `now` null: it is removed. */
type State = { old: EditableFile | { bytes: Buffer; text: '' } | null; now: Pieces | null; to?: string };

/** Thrown inside this file only: a section that cannot be done ends the whole patch. */
class Impossible extends Error {}

export const prepare: Prepare<ApplyPatchArguments> = async ({ input }, context) => {
  const patch = parsePatch(input);
  if (typeof patch === 'string') return { text: patch, isError: true };
  try {
    const states = await statesAfter(patch, context);
    const changes = [...states].flatMap(([path, state]) => changeTo(path, state));
    if (changes.length === 0) return { text: 'The files read so already; nothing to change.', isError: true };
    return { text: `Done:\n${changes.map(lineOf).join('\n')}`, changes };
  } catch (error) {
    if (error instanceof Impossible) return { text: `Nothing was changed. ${error.message}`, isError: true };
    throw error;
  }
};

async function statesAfter(patch: Patch, context: ToolContext): Promise<Map<string, State>> {
  const states = new Map<string, State>();
  for (const section of patch) {
    const path = relative(context.workspace, context.resolve(section.path));
    const state = states.get(path) ?? (await firstState(section, context));
    states.set(path, await stateAfter(section, path, state, states, context));
  }
  return states;
}

/** The file before the patch. */
async function firstState(section: Section, context: ToolContext): Promise<State> {
  const read = await (section.kind === 'update' ? readEditableFile : readBytes)(section.path, context);
  if ('refused' in read) {
    if (read.isMissing && section.kind === 'add') return { old: null, now: null };
    throw new Impossible(read.refused);
  }
  const old: State['old'] = 'encoding' in read ? (read as EditableFile) : { bytes: read.bytes, text: '' };
  return { old, now: wholeOf(old.text) };
}

async function stateAfter(
  section: Section,
  path: string,
  state: State,
  states: Map<string, State>,
  context: ToolContext,
): Promise<State> {
  if (section.kind === 'add') {
    if (state.now !== null) throw new Impossible(`${path} exists already: change it by *** Update File.`);
    return { ...state, now: [{ text: section.content }] };
  }
  if (state.now === null) throw new Impossible(`${path} is removed by an earlier section.`);
  if (section.kind === 'delete') return { ...state, now: null };
  const text = textOf(state.now, state.old?.text ?? '');
  const lineEnd = state.old && 'lineEnd' in state.old ? state.old.lineEnd : '\n';
  const edits = editsOfHunks(text, section.hunks, lineEnd);
  if (typeof edits === 'string') throw new Impossible(`${path}: ${edits}`);
  const now = edits.toReversed().reduce<Pieces>(replaced, state.now);
  return { ...state, now, ...(section.to !== undefined && (await movedTo(section.to, states, context))) };
}

async function movedTo(path: string, states: Map<string, State>, context: ToolContext): Promise<{ to: string }> {
  const to = relative(context.workspace, context.resolve(path));
  const found = states.has(to) ? {} : await readBytes(path, context);
  if (states.has(to) || !('isMissing' in found && found.isMissing))
    throw new Impossible(`${to}, where a file is to be moved, exists already.`);
  return { to };
}

function changeTo(path: string, { old, now, to }: State): FileChange[] {
  if (now === null) return old ? [{ kind: 'delete', path, before: sha256Of(old.bytes) }] : [];
  const text = textOf(now, old?.text ?? '');
  if (!old || !('encoding' in old)) {
    if (old) return replacing(path, old.bytes, text);
    return [{ kind: 'create', path: to ?? path, after: sha256Of(text), content: text, executable: false }];
  }
  const change = changeOf(old, editsOf(now, old.text.length), to);
  if (typeof change === 'string') throw new Impossible(change);
  return change.kind === 'edit' && change.before === change.after ? [] : [change];
}

/** A file that one section removes and a later one makes anew. */
function replacing(path: string, bytes: Buffer, text: string): FileChange[] {
  const edits = [{ start: 0, end: bytes.length, text }];
  return [{ kind: 'edit', path, before: sha256Of(bytes), after: sha256Of(text), edits }];
}

const letters = { create: 'A', edit: 'M', delete: 'D', move: 'M' } as const;

function lineOf(change: FileChange): string {
  return `${letters[change.kind]} ${change.path}${change.kind === 'move' ? ` (was ${change.from})` : ''}`;
}
