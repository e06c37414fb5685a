import { isAbsolute } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { FileChange } from '../../ipc/changes.ts';
import { changedPaths } from '../../ipc/changes.ts';
import type { EventBody, EventOf } from '../../ipc/events.ts';
import { toFault } from '../../ipc/fault.ts';
import { fenced } from '../../ipc/fence.ts';
import type { ToolResult } from '../../ipc/message.ts';
import type { Redactor } from '../../ipc/redaction.ts';
import { hasPlan, loneAgent, person, plannerAgent, rootOf } from '../../ipc/run-kind.ts';
import { type Ground, judge, type Permit, recordedPermit } from '../../security/judge.ts';
import { readsOf } from '../../security/rules/command-rules.ts';
import type { OpenCall } from '../../state/run-state.ts';
import { agents } from '../../tools/contracts/agents.ts';
import { delegate } from '../../tools/contracts/delegate.ts';
import { finish } from '../../tools/contracts/finish.ts';
import { proposePlan } from '../../tools/contracts/propose-plan.ts';
import { runCommand } from '../../tools/contracts/run-command.ts';
import type { Effect, Tool } from '../../tools/contracts/tool.ts';
import { toolbox } from '../../tools/contracts/toolbox.ts';
import { delegated, delegateTo, lead, parkIfWaiting } from '../agent-runs/delegation.ts';
import { hear } from '../agent-runs/messages.ts';
import type { AgentsAccess } from '../agent-runs/sessions.ts';
import { fenceOf } from '../agent-runs/spec.ts';
import { protectedPatterns } from '../checks/detect.ts';
import type { Hands } from '../hands/hands.ts';
import { keepIn, keepOutput } from '../hands/kept-output.ts';
import { allowedLasting, allowedPatterns, allowedReads } from '../schedule/approvals.ts';
import type { ActOf, Step } from '../schedule/due.ts';
import { handsFor, handsForCommand, handsPlace, workspaceOf } from '../worktrees/agent-hands.ts';
import { followIn } from '../worktrees/follow-links.ts';
import type { TreeAccess } from '../worktrees/run-trees.ts';
import type { AskAccess } from './ask.ts';
import { askPerson, type Question } from './ask.ts';
import { handIn, repairsUsedUp } from './hand-in.ts';
import { putBack, sourcesOf, unknownMarker } from './restore-secrets.ts';
import type { TaintAccess } from './taint.ts';
import { isTainted, taint } from './taint.ts';

/** What carrying out a tool call needs. */
export type ToolCallAccess = AgentsAccess &
  TreeAccess &
  AskAccess &
  TaintAccess & {
    redaction: Redactor;
    onDelta(agent: string, text: string, kind: 'text' | 'output'): void;
  };

type Finished = Pick<EventOf<'tool.finished'>, 'verdict' | 'rule' | 'ran'> & { result: ToolResult };

/** Carries out one tool call: judged, written down before it has an effect, and answered exactly once. */
export const tool: Step<'tool', ToolCallAccess> = async (act, context) => {
  const open = context.state().agents.get(act.agent)?.open.get(act.call);
  if (!open) return [];
  const definition = toolbox.get(open.name);
  const role = context.state().created.config.roles[context.state().agents.get(act.agent)?.role ?? ''];
  const tools = act.agent === person ? personTools : [finish.name, ...(role?.tools ?? [])];
  if (!definition || !tools.includes(open.name))
    return answer(
      act,
      open,
      denied(`There is no tool ${open.name} for you.`, 'not among the tools of the role'),
      context,
    );
  const parsed = definition.arguments.safeParse(open.arguments);
  if (!parsed.success) {
    const what = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`);
    return refuse(act, open, `The arguments do not fit: ${what.join('; ')}`, context);
  }
  if (open.name === delegate.name) return startOrAnswer(act, open, parsed.data, context);
  if (open.name === agents.name) {
    const result = await lead(act, parsed.data, context);
    return answer(act, open, { verdict: 'allowed', rule: 'answered by the host', result }, context);
  }
  if (open.name === finish.name || open.name === proposePlan.name) {
    const answered = handIn(act, open, parsed.data, context);
    return typeof answered === 'string' ? refuse(act, open, answered, context) : answered;
  }
  const finished = await perform(act, open, definition, parsed.data, context);
  if (!finished) parkIfWaiting(act.agent, context);
  return context.signal.aborted || !finished ? [] : answer(act, open, finished, context);
};

/** What a person does from within a conversation. */
const personTools = [runCommand.name, delegate.name];

/** Answers a call that is wrong in itself. A planner that keeps handing in wrong plans is ended. */
function refuse(act: ActOf<'tool'>, open: OpenCall, words: string, context: ToolCallAccess): Promise<EventBody[]> {
  return answer(act, open, failed(words), context, repairsUsedUp(act, open, words, context));
}

/** A call that delegates comes here twice: to start the agent, and when that has ended. */
async function startOrAnswer(
  act: ActOf<'tool'>,
  open: OpenCall,
  parsed: unknown,
  context: ToolCallAccess,
): Promise<EventBody[]> {
  const result = delegated(act, context);
  if (result) return answer(act, open, { verdict: 'allowed', rule: 'answered by the host', result }, context);
  const started = delegateTo(act, parsed, context);
  if (typeof started === 'string') return answer(act, open, failed(started), context);
  await context.record(started);
  parkIfWaiting(act.agent, context);
  return [];
}

/** How many hands one call may take: fewer would blame it for a machine that kills now and then. */
const handsMax = 5;

/** Null: the call waits for a person. */
async function perform(
  act: ActOf<'tool'>,
  open: OpenCall,
  definition: Tool<unknown>,
  parsed: unknown,
  context: ToolCallAccess,
  tries = 1,
): Promise<Finished | null> {
  const ground = groundOf(act, context);
  const reach = { hands: () => handsFor(context, act.agent), ground, context };
  try {
    const { value: real, unknown } = await putBack(parsed, pathsIn(definition.effects(parsed)), reach);
    if (unknown.length > 0) return failed(unknownMarker(unknown));
    const effects = definition.effects(real);
    // What it writes is judged when it is known: the tool only looks until then.
    const whole = judge(effects, ground);
    if (whole.verdict === 'deny') return refused(whole.rule, 'the policy forbids it');
    const before = effects.filter(({ kind }) => kind !== 'write');
    const permit = await allow(act, open, { effects: before, ground }, context);
    if (!isPermit(permit)) return permit;
    const run = effects.find((effect) => effect.kind === 'run');
    if (run) return await carryOut(act, open, run, permit, context);
    const hands = await handsFor(context, act.agent, outsideIn(permit.effects));
    if (open.started?.changes) return await applyAgain(open.started, reach, hands);
    const prepared = await hands.prepare(permit, open.name, real, context.signal);
    if (!prepared.isError) await taint(act.agent, readIn(permit.effects), context);
    const result = { text: prepared.text, isError: prepared.isError ?? false, data: prepared.data };
    if (!prepared.changes || prepared.changes.length === 0 || result.isError)
      return { verdict: 'allowed', rule: permit.rule, result };
    return await writeDown(act, open, prepared.changes, result, ground, hands, context);
  } catch (error) {
    if (context.signal.aborted) return failed('The host stopped.');
    const fault = toFault(error);
    if (fault.code === 'sandbox_unavailable' || fault.kind === 'bug') throw fault;
    // Hands that died, killed by a machine without memory say, are as good as a host that did: what the log has of the
    // call by now tells how to go on with new ones.
    const now = context.state().agents.get(act.agent)?.open.get(act.call);
    if (fault.code === 'process_failed' && tries < handsMax && now)
      return perform(act, now, definition, parsed, context, tries + 1);
    return failed(`${fault.message}${fault.advice ? ` ${fault.advice}` : ''}`);
  }
}

/** What the gate allows, or a person did; else how the call ends, or null while it waits. */
async function allow(
  act: ActOf<'tool'>,
  open: OpenCall,
  wanted: Omit<Question, 'judged'>,
  context: ToolCallAccess,
): Promise<Permit | Finished | null> {
  const judged = judge(wanted.effects, wanted.ground);
  if (judged.verdict === 'allow') return judged.permit;
  const decided = await askPerson(act, open, { ...wanted, judged }, context);
  if (decided === 'waits') return null;
  return 'permit' in decided ? decided.permit : denied(`${decided.refused} ${otherwise}`, decided.rule);
}

function isPermit(given: Permit | Finished | null): given is Permit {
  return given !== null && 'effects' in given;
}

/** Has computed changes judged path by path, writes them down, then has them applied. */
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
  const permit = await allow(act, open, { effects, ground, changes }, context);
  if (!isPermit(permit)) return permit;
  const kept = { text: result.text, isError: false };
  const intent = { type: 'tool.started' as const, agent: act.agent, call: act.call, rule: permit.rule };
  await context.record([{ ...intent, changes, result: kept }], { durable: true });
  return applyChanges({ changes, result: kept }, permit, hands);
}

/** Applies recorded changes; after a crash this is the way to find out what was done, and to do the rest. */
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

/** Goes on with changes that were written down, without their secrets, by a host that died. */
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
  return effects.flatMap((effect) => (effect.kind === 'run' ? [] : [effect.path]));
}

/** What a person allowed to be read that is outside the work tree: such a call gets hands of its own. */
function outsideIn(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 'read' && isAbsolute(effect.path) ? [effect.path] : []));
}

function readIn(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 'read' ? [effect.path] : []));
}

/** Commands that only look, and may simply be repeated when nobody knows how they ended. */
const onlyLooks =
  /^(cat|ls|head|tail|wc|pwd|diff|stat|git (status|diff|log|show|blame|ls-files))([ \t][^;&|<>`$\n\r]*)?$/;

async function carryOut(
  act: ActOf<'tool'>,
  open: OpenCall,
  run: { command: string; directory: string },
  permit: Permit,
  context: ToolCallAccess,
): Promise<Finished> {
  const { hands, onlyReads } = await handsForCommand(context, act.agent);
  if (open.started && !onlyLooks.test(run.command))
    return {
      verdict: 'unknown_outcome',
      rule: permit.rule,
      result: {
        text: `This command was started and interrupted; nobody knows how far it came: ${run.command}\nLook at the work tree first, then decide whether to repeat it.`,
        isError: true,
      },
    };
  const { limits } = context.state().created.config;
  if (!open.started)
    await context.record(
      [{ ...{ type: 'tool.started', agent: act.agent, call: act.call }, rule: permit.rule, ...wordsOf(run) }],
      { durable: true },
    );
  const cut = context.commands.begin(act.agent);
  // Before it runs: a command may change where links lead.
  const reads = readsOf(run.command, run.directory, followIn(workspaceOf(context, act.agent)));
  const report = await hands
    .run(permit, {
      ...wordsOf(run),
      timeoutMs: limits.command_seconds * 1000,
      signal: cut.signal,
      by: { agent: act.agent, call: act.call },
      onOutput: (text) => context.onDelta(act.agent, text, 'output'),
      // A person looks at it; for a model most programs write better to a pipe (docs/decisions/0030-terminals.md).
      terminal: act.agent === person || runCommand.arguments.safeParse(open.arguments).data?.terminal === true,
    })
    .finally(cut.done);
  keepOutput(report.outputPath, keepIn(context));
  await taint(act.agent, reads, context);
  const end = report.timedOut
    ? 'ran out of time'
    : report.exitCode === null
      ? `ended by ${report.signal}`
      : `exit ${report.exitCode}`;
  const text = `${end}\n${onlyReads ? `(${readsOnly})\n` : ''}${report.truncated ? '(the beginning is cut)\n' : ''}${stripVTControlCharacters(report.tail)}`;
  const { exitCode, signal, timedOut, durationMs, outputBytes: bytes } = report;
  const ran = { exitCode, signal, timedOut, durationMs, bytes };
  return { verdict: 'allowed', rule: permit.rule, result: { text, isError: exitCode !== 0 }, ran };
}

const readsOnly =
  'in this folder commands only read: nothing on this machine could keep them from what git obeys; change files by the tools for that';

function wordsOf({ command, directory }: { command: string; directory: string }) {
  return { command, directory };
}

function groundOf({ agent }: ActOf<'tool'>, context: ToolCallAccess): Ground {
  const state = context.state();
  const { options, config } = state.created;
  const { mode } = handsPlace(agent, context.state());
  const { commands: rules, paths } = config.policy;
  const commands = { ...rules, allow: [...rules.allow, ...allowedPatterns(state, agent)] };
  // Who read what nobody vouches for is not trusted to know what is harmless.
  const isAuto = options.permissions === 'auto' && !isTainted(state, agent);
  const permissions = isAuto ? ('auto' as const) : ('ask' as const);
  const readable = allowedReads(state, agent);
  const follow = followIn(workspaceOf(context, agent));
  const shared = { origin: 'agent' as const, mode, permissions, commands, paths, readable, follow };
  // In the user's own folder the whole of it is the scope, as with any tool that a person starts there.
  if (!hasPlan(options)) return { ...shared, scope: ['**'], protect: [] };
  const root = rootOf(agent);
  const scope = [...(state.tasks.get(root)?.context.task.scope ?? []), ...allowedLasting(state, agent)];
  return { ...shared, scope, protect: [...protectedPatterns(), ...config.checks.protect] };
}

const otherwise = 'Find another way, or finish with cannot.';

function refused(rule: string, why: string): Finished {
  return denied(`Refused (${why}): ${rule}. ${otherwise}`, rule);
}

function denied(text: string, rule: string): Finished {
  return { verdict: 'denied', rule, result: { text, isError: true } };
}

function failed(text: string): Finished {
  return { verdict: 'allowed', rule: '', result: { text, isError: true } };
}

/** The facts that end a call, and the word to the agent if it is alive. Only a planner's data is kept. */
async function answer(
  act: ActOf<'tool'>,
  open: OpenCall,
  finished: Finished,
  context: ToolCallAccess,
  more: EventBody[] = [],
): Promise<EventBody[]> {
  const { data, ...rest } = finished.result;
  // A plan names its dry runs by the ids of their calls, which no model sees otherwise.
  const named = rest.text.startsWith('{') ? { ...rest, text: `{"call":"${act.call}",${rest.text.slice(1)}` } : rest;
  const result = act.agent === plannerAgent && data !== undefined ? { ...named, data } : rest;
  const { verdict, rule, ran } = finished;
  const head = { type: 'tool.finished' as const, agent: act.agent, call: act.call, name: open.name };
  const told = act.agent === person ? toldBy(open, result.text, context) : [];
  const [event, ...others] = await context.record([
    { ...head, verdict, rule, result, ...(ran && { ran }) },
    ...told,
    ...more,
  ]);
  for (const one of others) hear(one, context);
  if (more.length > 0) context.sessions.get(act.agent)?.end([]);
  // What the log holds is what everybody hears: secrets are out of it.
  const { text, isError } = event?.type === 'tool.finished' ? event.result : { text: '', isError: true };
  // An agent that was started meanwhile, from a log with this result in it, must not hear it twice.
  const session = context.sessions.get(act.agent);
  if (session && (event?.seq ?? 0) > session.since)
    session.send({ type: 'result', callId: act.call, name: open.name, text, isError });
  parkIfWaiting(act.agent, context);
  return [];
}

/** What a person had done or found out is heard with what they say next; what nobody vouches for taints who hears it. */
function toldBy(open: OpenCall, text: string, context: ToolCallAccess): EventBody[] {
  const { command, role, prompt } = open.arguments as { command?: string; role?: string; prompt?: string };
  const did = command === undefined ? `I asked another agent (${role}): ${prompt}` : `I ran this myself: ${command}`;
  const said = `${did}\n${fenced(text, fenceOf(context.run, loneAgent))}`;
  const told = { type: 'agent.told' as const, agent: loneAgent, text: said, by: person, quiet: true };
  const state = context.state();
  const taints = isTainted(state, person) && !isTainted(state, loneAgent);
  return taints ? [told, { type: 'agent.tainted', agent: loneAgent, by: did }] : [told];
}
