import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { userEnvironment } from '../../../orchestrator/environment/environment.ts';
import { openAllRuns } from '../../../tui/dashboard/all-runs.ts';
import { newsReader } from '../../../tui/dashboard/news.ts';
import { simulateRun } from '../../support/fleet.ts';
import { random } from '../../support/random.ts';
import { temporaryFolder } from '../../support/repository.ts';

/** Goal: a person is told once of what begins to wait for them or ends, and of nothing that was so before. */
const folder = temporaryFolder('news');
const place = userEnvironment({ XDG_STATE_HOME: folder });
const run = simulateRun(place.state, { agents: 2, random: random(1) });
const allRuns = openAllRuns(place, { all: false });
after(() => {
  allRuns.close();
  run.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (approval: string) =>
  run.write({
    ...{ type: 'approval.requested', approval, agent: 'task-1', call: 'task-1-1', rule: 'it asks', risk: 'beyond' },
    exact: {
      tool: 'run_command',
      summary: `run ${approval}`,
      directory: '/',
      environment: {},
      files: [],
      reads: [],
      paths: [],
      digest: '',
    },
    ...{ deadline: '2099-01-01T00:00:00.000Z', default: 'deny' },
  });

test('what begins to wait and what ends is told once', () => {
  const read = newsReader();
  const news = () => {
    allRuns.look(Number.POSITIVE_INFINITY);
    return read(allRuns.watched.values()).map(({ text }) => text);
  };
  ask('first');
  assert.deepEqual(news(), [], 'it waited before');
  run.step(50);
  assert.deepEqual(news(), []);
  ask('second');
  assert.deepEqual(news(), [`${run.run}/task-1 waits for you: run second`]);
  assert.deepEqual(news(), []);
  run.write({
    type: 'approval.answered',
    approval: 'second',
    agent: 'task-1',
    answer: 'deny',
    scope: 'once',
    by: 'test',
  });
  assert.deepEqual(news(), []);
  run.write({ type: 'run.finished', outcome: 'done', exitCode: 0, reason: 'done' });
  assert.deepEqual(news(), [`${run.run}: done`]);
});
