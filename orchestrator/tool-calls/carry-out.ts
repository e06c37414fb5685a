import type { FileChange } from '../../ipc/changes.ts';
import { changedPaths } from '../../ipc/changes.ts';
import type { EventOf } from '../../ipc/events.ts';
import { toFault } from '../../ipc/fault.ts';
import type { ToolResult } from '../../ipc/message.ts';
import { rootOf } from '../../ipc/run-kind.ts';
import { decide, type Ground, type Judged, judgeEach, type Permit, recordedPermit } from '../../security/judge.ts';
import { mayInstruct } from '../../security/paths/instructing.ts';
import type { OpenCall } from '../../state/run-state.ts';
import { command } from '../../tools/contracts/command.ts';
import type { FetchUrlArguments } from '../../tools/contracts/fetch-url.ts';
import { runCommand } from '../../tools/contracts/run-command.ts';
import type { Effect, Tool } from '../../tools/contracts/tool.ts';
import type { Hands } from '../hands/hands.ts';
import type { ActOf } from '../schedule/due.ts';
import { handsFor, handsPlace, workspaceOf } from '../worktrees/agent-hands.ts';
import { commandView, lacksViews } from '../worktrees/command-view.ts';
import { unsearchedFiles } from '../worktrees/unsearched-files.ts';
import type { ToolCallAccess } from './access.ts';
import { type Finished, failed } from './answer.ts';
import { askPerson, type Question } from './ask.ts';
import { fetchJudged } from './fetch-url.ts';
import { groundOf } from './ground.ts';
import { ownCall, ownPath, ownPathsOf } from './own-paths.ts';
import { refusal } from './refusal.ts';
import { putBack, sourcesOf, unknownMarker } from './restore-secrets.ts';
import { runJudged } from './run-command.ts';
import { saveFirst } from './save-first.ts';
import { taint } from './taint.ts';
import { searchJudged } from './web-search.ts';

/** How many hands one call may use up: with fewer, a machine that kills now and then would fail the call. */
const handsMax = 5;

/**
 * Judges a call, asks a person where the gate requires it, and has the hands act. Null: the call waits for a person.
 * Each time that a call comes here it is judged anew, once.
 */
export async function carryOut(
  act: ActOf<'tool'>,
  open: OpenCall,
  definition: Tool<unknown>,
  parsed: unknown,
  context: ToolCallAccess,
  tries = 1,
): Promise<Finished | null> {
  await lookForKeys(act.agent, open.name, context);
  const ground = groundOf(act.agent, context, open.name !== command.name);
  const reach = { hands: () => handsFor(context, act.agent), ground, context };
  try {
    const checkout = context.state().created.repository.root;
    const names = ownPathsOf(workspaceOf(context, act.agent), checkout);
    const { value: plain, note } = ownCall(parsed, names);
    const own = definition.withPaths?.(plain, (path) => ownPath(path, names)) ?? plain;
    const { value: real, unknown } = await putBack(own, pathsIn(definition.effects(own)), reach);
    if (unknown.length > 0) return failed(unknownMarker(unknown));
    const judged = await judgeSaving(definition.effects(real), ground, { act, open, context });
    const whole = decide(judged);
    if (whole.verdict === 'deny') {
      const { rule } = whole;
      const text = `Refused (the policy forbids it): ${rule}.`;
      return refusal(act.agent, { text, rule, by: 'rule' }, whole, judged, context);
    }
    // The paths that it writes are judged when they are known: until then the tool only reads.
    const permit = await allow(act, open, { judged: judged.filter(({ effect }) => effect.kind !== 'write') }, context);
    if (!isPermit(permit)) return permit;
    for (const { effect, ...facts } of judged) {
      if (effect.kind === 'fetch') {
        const { start } = real as FetchUrlArguments;
        return await fetchJudged(act, { url: effect.url, start }, permit, ground.hosts ?? [], context);
      }
      if (effect.kind === 'search') return await searchJudged(act, effect.query, permit, context);
      if (effect.kind === 'run') return noted(await runJudged(act, open, effect, { permit, ...facts }, context), note);
    }
    const hands = await handsFor(context, act.agent, { reads: readIn(permit.effects) });
    if (open.started?.changes) {
      const writing = await handsWriting(recordedPermit(open.started), act.agent, hands, context);
      return await applyAgain(open.started, reach, writing);
    }
    const unsearched = definition.isRefactoring ? await unsearchedFiles(context, act.agent) : [];
    const prepared = await hands.prepare(permit, open.name, real, { signal: context.signal, unsearched });
    if (!prepared.isError) await taint(act.agent, readIn(permit.effects), context);
    const { isError = false, data, images } = prepared;
    const result = { text: note + prepared.text, isError, data, ...(images && { images }) };
    if (!prepared.changes || prepared.changes.length === 0 || result.isError)
      return { verdict: 'allowed', rule: permit.rule, result };
    return await writeDown(act, open, prepared.changes, result, ground, hands, context);
  } catch (error) {
    if (context.signal.aborted) return failed('The host stopped.');
    const fault = toFault(error);
    if (fault.code === 'sandbox_unavailable' || fault.kind === 'bug') throw fault;
    // Hands can die, for example when a machine without memory kills them. That is like the death of a host: the log
    // holds the call's state, and new hands go on from there.
    const now = context.state().agents.get(act.agent)?.open.get(act.call);
    if (fault.code === 'process_failed' && tries < handsMax && now)
      return carryOut(act, { ...open, started: now.started }, definition, parsed, context, tries + 1);
    return failed(`${fault.message}${fault.advice ? ` ${fault.advice}` : ''}`);
  }
}

/** Where no view hides files with keys, the gate must know of them before it judges a command. */
async function lookForKeys(agent: string, tool: string, context: ToolCallAccess): Promise<void> {
  if (tool !== runCommand.name || !lacksViews(context.state().walls)) return;
  await commandView(context, handsPlace(agent, context.state()).tree, rootOf(agent));
}

/** Judges effects; files that an allowed command destroys are saved first, or the command is judged without a save. */
async function judgeSaving(
  effects: Effect[],
  ground: Ground,
  { act, open, context }: { act: ActOf<'tool'>; open: OpenCall; context: ToolCallAccess },
): Promise<Judged[]> {
  const judged = judgeEach(effects, ground);
  const lost = judged.flatMap(({ destroys }) => destroys);
  if (lost.length === 0 || open.started || decide(judged).verdict !== 'allow') return judged;
  return (await saveFirst(act.agent, lost, context)) ? judged : judgeEach(effects, { ...ground, saves: false });
}

function noted(finished: Finished, note: string): Finished {
  return note === '' ? finished : { ...finished, result: { ...finished.result, text: note + finished.result.text } };
}

/** The verdict `allowed`, by the gate or a person; otherwise the end of the call, or null while it waits. */
async function allow(
  act: ActOf<'tool'>,
  open: OpenCall,
  wanted: Omit<Question, 'decision'>,
  context: ToolCallAccess,
): Promise<Permit | Finished | null> {
  const decision = decide(wanted.judged);
  if (decision.verdict === 'allow') return decision.permit;
  const decided = await askPerson(act, open, { ...wanted, decision }, context);
  if (decided === 'waits') return null;
  if ('permit' in decided) return decided.permit;
  const { refused: text, rule, why: by } = decided;
  return refusal(act.agent, { text, rule, by }, decision, wanted.judged, context);
}

function isPermit(given: Permit | Finished | null): given is Permit {
  return given !== null && 'effects' in given;
}

/** Has computed changes judged path by path, records them, then has them applied. */
async function writeDown(
  act: ActOf<'tool'>,
  open: OpenCall,
  changes: FileChange[],
  result: ToolResult,
  ground: Ground,
  hands: Hands,
  context: ToolCallAccess,
): Promise<Finished | null> {
  const effects = changes.flatMap(changedPaths).map((path) => ({ kind: 'write' as const, path }));
  const permit = await allow(act, open, { judged: judgeEach(effects, ground), changes }, context);
  if (!isPermit(permit)) return permit;
  const kept = { text: result.text, isError: false };
  const intent = { type: 'tool.started' as const, agent: act.agent, call: act.call, rule: permit.rule };
  await context.record([{ ...intent, changes, result: kept }], { durable: true });
  return applyChanges({ changes, result: kept }, permit, await handsWriting(permit, act.agent, hands, context));
}

/** The hands that may write what a permit names: files that instruct are kept from all others. */
async function handsWriting(permit: Permit, agent: string, own: Hands, context: ToolCallAccess): Promise<Hands> {
  const writes = permit.effects.flatMap((effect) => (effect.kind === 'write' ? [effect.path] : []));
  return writes.some(mayInstruct) ? handsFor(context, agent, { writes }) : own;
}

/** Applies recorded changes; after a crash this also finds out which were applied, and applies the rest. */
async function applyChanges(
  { changes = [], result }: { changes?: FileChange[] | undefined; result?: ToolResult | undefined },
  permit: Permit,
  hands: Hands,
): Promise<Finished> {
  const outcomes = await hands.apply(permit, changes);
  const conflicts = outcomes.filter((outcome) => outcome.outcome === 'conflict');
  if (conflicts.length === 0)
    return { verdict: 'allowed', rule: permit.rule, result: result ?? { text: 'Done.', isError: false } };
  const list = conflicts.slice(0, 20).map((one) => `${one.path}: ${one.reason ?? 'changed by somebody else'}`);
  return failed(`Not everything was written. Look at these files and go on from what they hold:\n${list.join('\n')}`);
}

/** Goes on with changes that a dead host recorded without their secrets. */
async function applyAgain(
  started: EventOf<'tool.started'>,
  reach: Parameters<typeof putBack>[2],
  hands: Hands,
): Promise<Finished> {
  const { value: changes, unknown } = await putBack(started.changes ?? [], sourcesOf(started.changes ?? []), reach);
  if (unknown.length > 0) return failed(`Nobody knows whether this was written. ${unknownMarker(unknown)}`);
  return applyChanges({ changes, result: started.result }, recordedPermit(started), hands);
}

function pathsIn(effects: Effect[]): string[] {
  return effects.flatMap((effect) => ('path' in effect ? [effect.path] : []));
}

function readIn(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 'read' ? [effect.path] : []));
}
