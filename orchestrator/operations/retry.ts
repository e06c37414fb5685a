import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../../ipc/fault.ts';
import { newRunId } from '../../ipc/ids.ts';
import { nearest } from '../../ipc/nearest.ts';
import type { Task } from '../../ipc/plan.ts';
import type { RunState } from '../../state/run-state.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { surveyRepository } from '../git/survey.ts';
import { writePlanFile } from '../plans/plan-file.ts';
import { stateOf } from '../runs/read-run.ts';
import { createRun } from './create-run.ts';

/**
 * Makes a run that tries parked tasks of another run again, on top of that run's merged work: `task` and the tasks
 * parked because they need it, or all parked tasks. The first run and its branch stay unchanged. Throws usage, and the
 * errors of making a run; then no run was made.
 */
export async function retryTasks(
  place: UserEnvironment,
  from: string,
  task: string | null,
  { detached }: { detached: boolean },
): Promise<string> {
  const state = stateOf(place, from);
  const { plan } = state.phase.context;
  if (!plan) throw new Fault('usage', `${from} has no plan: it has no tasks.`, { advice: `vtcode resume ${from}` });
  const wanted = tasksToRetry(state, plan.tasks, task);
  const { options, repository } = state.created;
  const survey = await surveyRepository(place, repository.root, { includeDirty: false });
  const head = state.tip ?? state.phase.context.base ?? survey.repository.head;
  const folder = mkdtempSync(join(tmpdir(), 'vtcode-retry-'));
  try {
    const planFile = join(folder, 'plan.toml');
    const ids = new Set(wanted.map(({ id }) => id));
    const tasks = wanted.map((one) => ({ ...one, after: one.after.filter((id) => ids.has(id)) }));
    writeFileSync(planFile, writePlanFile({ ...plan, tasks, sites: [] }), { mode: 0o600 });
    const { detached: _, deadline: _deadline, ...kept } = options;
    const request = {
      ...{ directory: repository.root, goal: null, planFile, alone: false },
      options: { ...kept, accept: 'yes' as const, dryRun: false, includeDirty: false, ...(detached && { detached }) },
    };
    return await createRun(place, request, { ...survey, repository: { ...survey.repository, head } }, newRunId());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tasksToRetry(state: RunState, tasks: readonly Task[], wanted: string | null): Task[] {
  const run = state.created.run;
  const parked = tasks.filter(({ id }) => state.tasks.get(id)?.value === 'parked');
  const names = parked.map(({ id }) => id);
  if (parked.length === 0) throw new Fault('usage', `No task of ${run} is parked.`, { advice: `vtcode show ${run}` });
  if (wanted === null) return parked;
  if (!names.includes(wanted)) {
    const meant = nearest(wanted, names);
    const value = state.tasks.get(wanted)?.value;
    throw new Fault(
      'usage',
      `${wanted} of ${run} is ${value === undefined ? 'no task' : `not parked but ${String(value)}`}.`,
      {
        advice: meant ? `Did you mean ${meant}?` : `Parked are: ${names.join(', ')}.`,
      },
    );
  }
  // Tasks that wait for it wait again, and so on.
  const ids = new Set([wanted]);
  for (const { id, after } of parked) if (after.some((before) => ids.has(before))) ids.add(id);
  return parked.filter(({ id }) => ids.has(id));
}
