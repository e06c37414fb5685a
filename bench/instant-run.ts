import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EventBody } from '../ipc/events.ts';
import type { Plan, Task } from '../ipc/plan.ts';
import { loadConfig } from '../orchestrator/config/config.ts';
import type { HostContext } from '../orchestrator/host/context.ts';
import { instantActs } from './instant-acts.ts';

type Parts = typeof import('./parts.ts');

/** The configuration as shipped: no file of the user or of a repository. */
const { config } = loadConfig('/nonexistent', null);

/** A plan of tasks without an order among them, each on one file. */
export function planOf(tasks: number): Plan {
  const list = Array.from({ length: tasks }, (_, at): Task => {
    const id = `task_${at + 1}`;
    const words = { id, title: `Rename old${at}`, prompt: `Rename old${at} to new${at}.`, role: 'coder' };
    return { ...words, after: [], scope: [`src/${id}.ts`], checks: [], sites: [] };
  });
  return { goal: `rename ${tasks} functions`, summary: '', tasks: list, checks: [], sites: [] };
}

/** The events of a run whose plan was accepted, before its first task is assigned. */
export function openingOf(plan: Plan, root: string): EventBody[] {
  const head = 'b'.repeat(40);
  const repository = { root, gitDir: join(root, '.git'), branch: 'main', head, notes: [] };
  const options = {
    mode: 'plan',
    accept: 'yes',
    dryRun: false,
    checks: 'none',
    acceptUnplaced: false,
    includeDirty: false,
  } as const;
  const identity = { name: 'Bench', email: 'bench@example.org', fallback: false };
  const created = { type: 'run.created' as const, goal: plan.goal, plan, repository, options, config, identity };
  return [
    { ...created, program: 'vtcode bench' },
    { type: 'repository.ready', base: head, treeMb: 1, warnings: [] },
    { type: 'base.checked', checks: [], reasons: [], results: [], warnings: [] },
    { type: 'plan.proposed', plan },
    { type: 'plan.accepted', by: '--yes', dropChecks: [] },
  ];
}

export type InstantRun = { ms: number; events: number };

/**
 * Works a plan of `tasks` tasks with acts that answer at once, into the log `path` of the run `run`. `finish: false`
 * stops when the last task is merged, so that a host still finds something to do.
 */
export async function instantRun(
  parts: Parts,
  path: string,
  run: string,
  tasks: number,
  { finish = true } = {},
): Promise<InstantRun> {
  mkdirSync(join(dirname(path), '.git'), { recursive: true });
  const log = parts.createRunLog(path, run);
  try {
    log.own();
    const now = () => new Date().toISOString();
    const opening = log.append(openingOf(planOf(tasks), dirname(path)), { at: now(), durable: true });
    const loop = parts.hostLoop(parts.foldAll(opening), log, now, instantActs());
    // The acts use nothing of their context but `record`; the loop hands it on and looks at nothing in it.
    const context = { record: loop.record } as HostContext;
    const started = performance.now();
    const onEvents = () => {
      if (!finish && loop.state().unended === 0) loop.stop({ kind: 'stopped', reason: 'enough', exitCode: 0 });
    };
    const ending = await loop.run(context, { onEvents, onWaiting: () => false });
    const ms = performance.now() - started;
    if (ending.kind !== (finish ? 'finished' : 'stopped'))
      throw new Error(`the run ended as ${JSON.stringify(ending)}`);
    return { ms, events: loop.state().seq };
  } finally {
    log.close();
  }
}
