// Goal: how a run's host ends, and what it has done by then. Method: the real loop, log and fold with a given clock and
// acts that answer at once (bench/instant-acts.ts); one test in test/run does each ending with real processes.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { instantActs } from '../../../bench/instant-acts.ts';
import { openingOf, planOf } from '../../../bench/instant-run.ts';
import type { EventBody } from '../../../ipc/events.ts';
import { Fault } from '../../../ipc/fault.ts';
import { newRunId } from '../../../ipc/ids.ts';
import type { HostContext } from '../../../orchestrator/host/context.ts';
import { hostLoop, type Loop, type StartAct } from '../../../orchestrator/host/loop.ts';
import type { Act } from '../../../orchestrator/schedule/due.ts';
import { foldAll } from '../../../state/fold.ts';
import { createRunLog, type RunLog } from '../../../state/run-log.ts';
import { temporaryFolder } from '../../support/repository.ts';

const folder = temporaryFolder('loop');
after(() => rmSync(folder, { recursive: true, force: true }));
const clock = '2026-01-02T03:04:05.678Z';

type Scene = {
  tasks?: number;
  /** The plan waits to be accepted; otherwise it was. */
  waits?: boolean;
  /** Acts that do something else than the instant ones; null: as usual. */
  instead?: (act: Act, scene: { loop: Loop; log: RunLog }) => Promise<EventBody[] | null>;
  onWaiting?: (loop: Loop) => boolean;
};

/** Runs the loop until it ends; answers its ending, how tasks ended, and the log. */
async function ended({ tasks = 2, waits = false, instead, onWaiting = () => false }: Scene) {
  const run = newRunId();
  mkdirSync(join(folder, run));
  const log = createRunLog(join(folder, run, 'log.db'), run);
  log.own();
  const accepted = openingOf(planOf(tasks), folder);
  const opening = log.append(waits ? asking(accepted) : accepted, { at: clock, durable: true });
  const usual = instantActs();
  const perform: StartAct = async (act, context) => (await instead?.(act, { loop, log })) ?? usual(act, context);
  const loop = hostLoop(foldAll(opening), log, () => clock, perform);
  // The instant acts use nothing of their context but `record`.
  const context = { record: loop.record } as HostContext;
  const ending = await loop.run(context, { onEvents: () => {}, onWaiting: () => onWaiting(loop) });
  const ends = [...loop.state().tasks].map(([id, { value }]) => `${id} ${String(value)}`);
  return { ending, ends, loop, log };
}

/** The same events, up to the plan, of a run whose plan a person accepts. */
function asking(events: EventBody[]): EventBody[] {
  return events.slice(0, 4).map((event) => {
    if (event.type !== 'run.created') return event;
    return { ...event, options: { ...event.options, accept: 'ask' as const } };
  });
}

test('finished: every task is merged, and every event has the time of the given clock', async () => {
  const { ending, ends, log } = await ended({});
  assert.deepEqual(ending, { kind: 'finished' });
  assert.deepEqual(ends, ['task_1 merged', 'task_2 merged']);
  const events = log.read();
  assert.deepEqual(new Set(events.map(({ at }) => at)), new Set([clock]));
  assert.equal(events.at(-1)?.type, 'run.finished');
  log.close();
});

test('waiting: with nobody to ask, a plan that was not accepted starts no act', async () => {
  const { ending, log } = await ended({ waits: true });
  assert.deepEqual(ending, { kind: 'waiting' });
  assert.equal(log.read().length, 4);
  log.close();
});

test('a plan that is accepted while the host waits is worked to its end', async () => {
  const { ending, ends, log } = await ended({
    waits: true,
    onWaiting(loop) {
      loop.note([{ type: 'plan.accepted', by: 'terminal', dropChecks: [] }]);
      return true;
    },
  });
  assert.deepEqual({ ending, ends }, { ending: { kind: 'finished' }, ends: ['task_1 merged', 'task_2 merged'] });
  log.close();
});

test('a task that its agent cannot do is parked, and the others are merged', async () => {
  const { ending, ends, log } = await ended({
    tasks: 3,
    async instead(act) {
      if (act.kind === 'park') return [{ type: 'task.parked', task: act.task, reason: act.reason, wip: null }];
      if (act.kind !== 'agent' || act.agent !== 'task_2') return null;
      const { agent, role } = act;
      return [
        { type: 'agent.started', agent, role, life: 1, model: 'embedded' },
        { type: 'agent.finished', agent, life: 1, handoff: { outcome: 'cannot', summary: 'There is no old2.' } },
      ];
    },
  });
  assert.deepEqual(ending, { kind: 'finished' });
  assert.deepEqual(ends, ['task_1 merged', 'task_2 parked', 'task_3 merged']);
  log.close();
});

test('stopped: the first reason counts, and acts under way are told to let go', async () => {
  const { ending, loop, log } = await ended({
    async instead(act, scene) {
      if (act.kind !== 'agent') return null;
      scene.loop.stop({ kind: 'stopped', reason: 'the limit is reached', exitCode: 4 });
      scene.loop.stop({ kind: 'stopped', reason: 'a later reason', exitCode: 130 });
      return [];
    },
  });
  assert.deepEqual(ending, { kind: 'stopped', reason: 'the limit is reached', exitCode: 4 });
  assert.equal(loop.signal.aborted, true);
  log.close();
});

test('stopped with exit 4: agents at a limit of their tasks hold the run, once all else is done', async () => {
  const { ending, ends, log } = await ended({ instead: atLimit('task_1') });
  const reason = 'held by limits: task_1: used its calls';
  assert.deepEqual(ending, { kind: 'stopped', reason, exitCode: 4 });
  assert.deepEqual(ends, ['task_1 working', 'task_2 merged']);
  log.close();
});

/** The agent of this task begins, and is parked at its limit of model calls. */
function atLimit(agent: string): Scene['instead'] {
  return async (act, { loop }) => {
    if (act.kind !== 'agent' || act.agent !== agent) return null;
    const value = loop.state().created.config.limits.task_calls;
    return [
      { type: 'agent.started', agent, role: 'coder', life: 1, model: 'embedded' },
      {
        ...{ type: 'agent.parked', agent, life: 1, waitsFor: 'limit', reason: 'used its calls' },
        limit: { name: 'task_calls', value },
      },
    ];
  };
}

test('failed: an act that throws ends the host with its fault, and the log has what was done', async () => {
  const { ending, log } = await ended({
    async instead(act) {
      if (act.kind === 'merge') throw new Fault('git_failed', 'git says no');
      return null;
    },
  });
  assert.ok(ending.kind === 'failed' && ending.fault.message === 'git says no', JSON.stringify(ending));
  assert.ok(log.read().some(({ type }) => type === 'task.checked'));
  log.close();
});

test('failed: a log that cannot be written ends the host, and nothing that was not written is begun', async () => {
  const begun: string[] = [];
  const { ending } = await ended({
    tasks: 1,
    async instead(act, { log }) {
      begun.push(act.kind);
      if (act.kind !== 'assign') return null;
      log.close();
      const commit = 'c'.repeat(40);
      return [{ type: 'workspace.assigned', task: act.task, tree: 'tree', commit }];
    },
  });
  assert.equal(ending.kind, 'failed');
  assert.deepEqual(begun, ['assign']);
});
