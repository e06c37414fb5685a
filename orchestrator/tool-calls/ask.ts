import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ExactCall } from '../../ipc/approval.ts';
import type { FileChange } from '../../ipc/changes.ts';
import { newApprovalId } from '../../ipc/ids.ts';
import { type Judged, type Judgement, type Permit, permitOf } from '../../security/judge.ts';
import type { OpenCall } from '../../state/run-state.ts';
import type { Effect } from '../../tools/contracts/tool.ts';
import { webSearchGrant } from '../config/registries.ts';
import type { RunAccess } from '../runs/run-access.ts';
import { allowedFor, byDeadline } from '../schedule/approvals.ts';
import type { ActOf } from '../schedule/due.ts';
import { workspaceOf } from '../worktrees/agent-hands.ts';
import type { TreeAccess } from '../worktrees/run-trees.ts';
import type { RefusedBy } from './next-step.ts';
import { previewOf } from './preview.ts';
import { taintWords } from './taint.ts';

/**
 * The outcome of a call that the gate neither allows nor denies. `waits`: a person was asked and has not answered;
 * `refused` gives the agent the reason, and `why` says where the refusal comes from.
 */
export type Decided = { permit: Permit } | 'waits' | { refused: string; rule: string; why: RefusedBy };

/** The parts that asking a person needs. */
export type AskAccess = RunAccess &
  Pick<TreeAccess, 'git'> & {
    /** Whether a person can answer: at this terminal, or from another process while the run waits. */
    asks: boolean;
  };

export type Question = {
  judged: Judged[];
  /** The gate's verdict on all of them together. */
  decision: Extract<Judgement, { verdict: 'ask' | 'deny' }>;
  /** The changes that a tool computed and would write; absent: there are none. */
  changes?: FileChange[];
};

/** Uses a person's answer to exactly this call, or asks, or refuses because no person is there. */
export async function askPerson(
  act: ActOf<'tool'>,
  open: OpenCall,
  { judged, decision, changes }: Question,
  context: AskAccess,
): Promise<Decided> {
  if (decision.verdict === 'deny')
    return { refused: `Refused (the policy forbids it): ${decision.rule}.`, rule: decision.rule, why: 'rule' };
  const effects = judged.map(({ effect }) => effect);
  const exact = exactCall(act, open, effects, changes, context);
  for (const { asked, answer } of allowedFor(context.state(), act.agent, act.call)) {
    const permit = permitOf(judged, exact.digest, asked, answer);
    if (permit) return { permit };
  }
  const { risk = 'beyond', pattern } = decision;
  const taint = risk === 'contained' ? taintWords(context.state(), act.agent) : '';
  const rule = taint === '' ? decision.rule : `${decision.rule}; ${taint}`;
  const own = context.state().approvals.get(open.approval ?? '');
  if (own?.asked.exact.digest === exact.digest) {
    if (!own.answer) return 'waits';
    const { by, reason } = own.answer;
    const who = by === byDeadline ? 'nobody answered in time' : `${by} said no${reason ? `: ${reason}` : ''}`;
    const why = by === byDeadline ? 'nobody' : 'person';
    return { refused: `Refused (${who}): ${rule}.`, rule: `denied by ${by} (approval ${own.asked.approval})`, why };
  }
  if (!context.asks)
    return { refused: `Refused (it needs a person, and nobody is there to ask): ${rule}.`, rule, why: 'nobody' };
  const { agent, call } = act;
  const { approval_seconds } = context.state().created.config.limits;
  const deadline = new Date(Date.now() + approval_seconds * 1000).toISOString();
  const question = { approval: newApprovalId(), agent, call, exact, rule, risk, deadline, default: 'deny' as const };
  // If the call has changed since, the old answer belongs to a different question.
  const { approval } = own?.asked ?? {};
  const voided =
    approval === undefined || own?.answer
      ? []
      : [
          {
            ...{ type: 'approval.answered' as const, approval, agent, answer: 'deny' as const, scope: 'once' as const },
            ...{ by: 'vtcode', reason: 'the call has changed' },
          },
        ];
  await context.record(
    [...voided, { type: 'approval.requested', ...question, ...(pattern !== undefined && { pattern }) }],
    { durable: true },
  );
  return 'waits';
}

function exactCall(
  act: ActOf<'tool'>,
  open: OpenCall,
  effects: Effect[],
  changes: FileChange[] | undefined,
  context: AskAccess,
): ExactCall {
  const workspace = workspaceOf(context, act.agent);
  const run = effects.find((effect) => effect.kind === 'run');
  const files = effects.flatMap((effect) => (effect.kind === 'write' ? [effect.path] : []));
  const touched = effects.flatMap((effect) => ('path' in effect ? [effect.path] : []));
  const urls = effects.flatMap((effect) => (effect.kind === 'fetch' ? [effect.url] : []));
  const queries = effects.flatMap((effect) => (effect.kind === 'search' ? [effect.query] : []));
  const named = [...urls, ...queries, ...touched];
  const exact = {
    tool: open.name,
    summary: run
      ? run.command
      : `${open.name} ${named.slice(0, filesShown).join(', ')}${named.length > filesShown ? ` and ${named.length - filesShown} more` : ''}`,
    ...(run && { command: run.command }),
    directory: run ? join(workspace, run.directory) : workspace,
    environment: {},
    files,
    reads: run ? [] : effects.flatMap((effect) => (effect.kind === 'read' ? [effect.path] : [])),
    paths: run ? [resolved(join(workspace, run.directory))] : touched.map((path) => resolved(resolve(workspace, path))),
    ...(urls.length > 0 && { hosts: urls.map((url) => new URL(url).host) }),
    ...(queries.length > 0 && { hosts: [webSearchGrant] }),
    ...(changes && { preview: previewOf(changes) }),
  };
  const inputs = run ? namedFiles(run.command, join(workspace, run.directory), resolved(workspace)) : [];
  const whole = JSON.stringify([exact, open.arguments, changes ?? null, inputs]);
  return { ...exact, digest: createHash('sha256').update(whole).digest('hex') };
}

/** How many of a call's files its summary names. */
const filesShown = 5;

/** Larger files are compared by their size and time. */
const hashedBytesMax = 1024 * 1024;

/** The work tree's files that a command names (a script, its input): their real paths and their content. */
function namedFiles(command: string, directory: string, workspace: string): string[] {
  const words = new Set(command.split(/[\s'"`=;|&<>()]+/).filter((word) => word !== ''));
  return [...words].flatMap((word) => {
    const path = resolved(resolve(directory, word));
    const file = path.startsWith(`${workspace}/`) ? statSync(path, { throwIfNoEntry: false }) : undefined;
    if (!file?.isFile()) return [];
    const content = file.size > hashedBytesMax ? `${file.size} ${file.mtimeMs}` : readFileSync(path);
    return [`${path} ${createHash('sha256').update(content).digest('hex')}`];
  });
}

/** The target of a path: symbolic links are followed as far as the path exists. */
function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(resolved(dirname(path)), basename(path));
  }
}
