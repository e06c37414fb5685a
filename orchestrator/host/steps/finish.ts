import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventOf } from '../../../ipc/events.ts';
import { type FaultCode, faultTable } from '../../../ipc/fault.ts';
import type { CheckResult } from '../../../ipc/plan.ts';
import { hasPlan, loneAgent } from '../../../ipc/run-kind.ts';
import { isVerified, manifestOf } from '../../../state/manifest.ts';
import type { RunState } from '../../../state/run-state.ts';
import type { RunAccess } from '../../runs/run-access.ts';
import type { Step } from '../../schedule/due.ts';
import { type TreeAccess, treeOf } from '../../worktrees/run-trees.ts';
import { removeTree } from '../../worktrees/worktree.ts';

type Ending = Omit<EventOf<'run.finished'>, 'seq' | 'at' | 'run' | 'v'>;

/** Ends the run: computes its outcome, removes the work trees and writes the manifest. */
export const finish: Step<'finish', RunAccess & TreeAccess> = async (_act, context) => {
  const ending = endingOf(context.state());
  await context.hands.stopAll();
  removeTrees(context);
  await context.record([ending], { durable: true });
  writeManifest(context);
  return [];
};

export function writeManifest(context: Pick<RunAccess, 'state' | 'log' | 'paths'>): void {
  const manifest = manifestOf(context.state(), { live: false, logHead: context.log.newest().hash });
  writeFileSync(context.paths.manifest, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
}

/** The end of a run without a plan: the result that its agent handed in. */
function loneEnding(state: RunState): Ending {
  const { outcome, summary, code } = state.agents.get(loneAgent)?.phase.context.handoff ?? {
    outcome: 'cannot',
    summary: '',
  };
  if (outcome === 'done') return { type: 'run.finished', outcome: 'done', exitCode: 0, reason: summary };
  const known = code !== undefined && code in faultTable ? (code as FaultCode) : null;
  const exitCode = known ? faultTable[known].exit : 1;
  return { type: 'run.finished', outcome: 'failed', exitCode, reason: summary, ...(known && { code: known }) };
}

/** The outcome of a run. Pure. */
export function endingOf(state: RunState): Ending {
  const { phase, created } = state;
  const { failure, plan } = phase.context;
  const ending = { type: 'run.finished' as const };
  if (phase.value === 'failing' && failure?.code === 'declined')
    return { ...ending, outcome: 'declined', exitCode: 1, reason: failure.reason || 'The plan was declined.' };
  if (phase.value === 'answered') return loneEnding(state);
  if (phase.value === 'failing' && failure) {
    const code = failure.code in faultTable ? (failure.code as FaultCode) : 'goal_unsupported';
    return { ...ending, outcome: 'failed', exitCode: faultTable[code].exit, reason: failure.reason, code };
  }
  const unplaced = (plan?.sites ?? []).filter((site) => site.placement === 'unplaced');
  if (phase.value === 'proposed' && unplaced.length > 0 && !created.options.acceptUnplaced) {
    const isRename = /^rename\b/i.test(plan?.tasks[0]?.prompt ?? '');
    const list = unplaced
      .slice(0, 20)
      .map((site) => `  ${site.path}:${site.line}:${site.column}  ${site.reason ?? ''}`);
    if (unplaced.length > list.length) list.push(`  and ${unplaced.length - list.length} more`);
    return {
      ...ending,
      outcome: 'failed',
      exitCode: faultTable.sites_unplaced.exit,
      code: 'sites_unplaced',
      reason: `${unplaced.length} ${unplaced.length === 1 ? 'place' : 'places'} could not be decided:\n${list.join('\n')}`,
      advice: `Look at them; --accept-unplaced leaves them as they are and reports them${isRename ? '; --take-unplaced renames them too' : ''}.`,
    };
  }
  if (phase.value === 'proposed')
    return {
      ...ending,
      outcome: 'planned',
      exitCode: 0,
      reason: 'A dry run: the plan was made and nothing was changed.',
    };
  return workEnding(state);
}

function workEnding(state: RunState): Ending {
  const tasks = [...state.tasks.values()];
  const parked = tasks.filter((task) => task.value === 'parked');
  const ending = { type: 'run.finished' as const };
  if (parked.length > 0)
    return {
      ...ending,
      outcome: 'incomplete',
      exitCode: 1,
      reason: `${parked.length} of ${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} could not be done: ${parked
        .slice(0, 5)
        .map((task) => `${task.context.task.id} (${task.context.reason.split('\n')[0]})`)
        .join('; ')}`,
    };
  const count = `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} merged`;
  return { ...ending, outcome: 'done', exitCode: 0, reason: `${count}; ${proofOf(state)}.` };
}

function proofOf(state: RunState): string {
  if (!isVerified(state)) return 'UNVERIFIED: no check could tell right from wrong';
  const results = [...state.tasks.values()].flatMap((task) => task.context.results);
  const named = (outcome: CheckResult['outcome']) => [
    ...new Set(results.filter((one) => one.outcome === outcome).map((one) => one.name)),
  ];
  const [old, absent] = [named('no_worse'), named('cannot_run')];
  const said = [
    old.length > 0 && `${old.join(', ')} failed on the base already and still ${old.length === 1 ? 'does' : 'do'}`,
    absent.length > 0 && `${absent.join(', ')} cannot run here`,
  ].filter((part) => part !== false);
  return said.length === 0 ? 'every check passed' : `checks passed, but ${said.join(', and ')}`;
}

/** Removes the work trees and private homes of the run: commits hold all work by now. */
function removeTrees(context: RunAccess & TreeAccess): void {
  const prefix = `${context.run}-`;
  // Both places: a host that died here may have removed only one of them.
  const places = [context.paths.trees, join(context.git.gitDir, 'worktrees')].filter((folder) => existsSync(folder));
  const found = places.flatMap((folder) => readdirSync(folder)).filter((name) => name.startsWith(prefix));
  const names = new Set(found.map((name) => name.slice(prefix.length).replace(/\.made$/, '')));
  if (hasPlan(context.state().created.options)) for (const name of names) removeTree(treeOf(context, name));
  rmSync(context.paths.home, { recursive: true, force: true, maxRetries: 3 });
}
