import type { Manifest, ManifestTask } from '../ipc/manifest.ts';
import type { CheckResult } from '../ipc/plan.ts';
import type { RunState } from './run-state.ts';
import { runStage, runWord, taskWord } from './words.ts';

/** The most mentions in a manifest. */
const mentionsMax = 200;
/** The most model changes in a manifest. */
const switchesMax = 200;

/** The branch of the user's repository that a run's work is merged onto. */
export function runBranch(run: string): string {
  return `vtcode/${run}`;
}

/** The branch of the user's repository that keeps a parked task's work so far. It cannot lie below the run's own branch. */
export function parkedBranch(run: string, task: string): string {
  return `vtcode/${run}-parked/${task}`;
}

/**
 * The manifest of a run, made from its state. `live` says whether a host holds the run's lease now: without one, an
 * unfinished run is interrupted or waits for a person, whatever its last event is.
 */
export function manifestOf(state: RunState, options: { live: boolean; logHead: string }): Manifest {
  const { created, phase, finished } = state;
  const plan = phase.context.plan;
  const tasks = (plan?.tasks ?? []).map((task) => manifestTask(task.id, task.title, task.sites.length, state));
  const others = plan?.sites ?? [];
  const counted = (placement: string) => others.filter((site) => site.placement === placement).length;
  return {
    version: 1,
    run: created.run,
    goal: created.goal,
    state: runStage(state, options.live),
    word: runWord(state, options.live),
    outcome: finished?.outcome ?? null,
    exitCode: finished?.exitCode ?? null,
    reason: finished?.reason ?? state.hostStopped?.reason ?? '',
    advice: finished?.advice ?? '',
    repository: { root: created.repository.root, branch: created.repository.branch, head: created.repository.head },
    base: phase.context.base,
    branch: runBranch(created.run),
    tip: state.tip,
    verified: isVerified(state),
    checks: checksOf(state),
    tasks,
    sites: {
      total: tasks.reduce((sum, task) => sum + task.sites.total, 0),
      done: tasks.reduce((sum, task) => sum + task.sites.done, 0),
      otherSymbol: counted('other_symbol'),
      text: counted('text'),
      unplaced: counted('unplaced'),
    },
    unplaced: others.filter((site) => site.placement === 'unplaced'),
    mentions: others.filter((site) => site.placement === 'text' && site.reason !== undefined).slice(0, mentionsMax),
    estimate: plan?.estimate ?? null,
    usage: state.usage,
    models: Object.fromEntries(state.models),
    switches: state.switches
      .slice(-switchesMax)
      .map(({ agent, from, to, reason, at }) => ({ agent, from, to, reason, at })),
    startedAt: created.at,
    updatedAt: state.at,
    walls: state.walls,
    warnings: [...created.repository.notes, ...state.warnings],
    events: state.seq,
    logHead: options.logHead,
  };
}

function manifestTask(id: string, title: string, sites: number, state: RunState): ManifestTask {
  const task = state.tasks.get(id);
  if (!task) {
    const none = { attempts: 0, restarts: 0, commit: null, files: [], reason: '', wip: null, checks: [] };
    return { id, title, state: 'waiting', ...none, sites: { total: sites, done: 0 } };
  }
  const { context } = task;
  const word = taskWord(task);
  return {
    id,
    title,
    state: word,
    attempts: context.attempt,
    restarts: context.restarts,
    commit: word === 'merged' || word === 'undone' ? context.commit : null,
    files: context.collected?.files ?? [],
    sites: { total: sites, done: word === 'merged' ? sites : 0 },
    reason: word === 'parked' ? context.reason : '',
    wip: context.wip,
    ...(context.wipBranch !== null && { wipBranch: context.wipBranch }),
    checks: context.results,
  };
}

function checksOf(state: RunState): Manifest['checks'] {
  const { plan, baseResults, dropped } = state.phase.context;
  return (plan?.checks ?? []).map((check) => ({
    name: check.name,
    command: check.command,
    base: baseResults?.find((result) => result.name === check.name) ?? null,
    dropped: dropped.includes(check.name),
  }));
}

/** A tree counts as verified when a check that passed on the base passed on it too. */
export function isVerified(state: RunState): boolean {
  const merged = [...state.tasks.values()].filter((task) => task.value === 'merged');
  const passed = (results: CheckResult[]) => results.some((result) => result.outcome === 'passed');
  return merged.length > 0 && merged.every((task) => passed(task.context.results));
}
